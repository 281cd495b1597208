import HTTPTypes
public import Hummingbird
public import Logging
public import StageEngine
import StageModel
public import StageStore

/// The HTTP server: the operations of the API as routes.
public struct StageServer: Sendable {
    /// The services that carry out what is asked.
    public struct Services: Sendable {
        public let configuration: ConfigurationService
        public let businesses: BusinessService
        public let stages: StageService
        public let turns: TurnService
        public let access: AccessService
        public let idempotency: IdempotencyService
        public let events: EventBroadcaster
        public let upkeep: any StoreUpkeep

        public init(
            configuration: ConfigurationService, businesses: BusinessService, stages: StageService, turns: TurnService, access: AccessService,
            idempotency: IdempotencyService, events: EventBroadcaster, upkeep: any StoreUpkeep
        ) {
            self.configuration = configuration
            self.businesses = businesses
            self.stages = stages
            self.turns = turns
            self.access = access
            self.idempotency = idempotency
            self.events = events
            self.upkeep = upkeep
        }
    }

    let operations: [Operation]
    let pages: [Page]
    private let dispatcher: Dispatcher
    private let pageServer: PageServer

    /// - Parameters:
    ///   - site: how browsers reach the server.
    ///   - buckets: where the limits are shared with other servers; nil: nowhere.
    /// - Throws: what is wrong with a template of the pages.
    public init(
        services: Services, site: Site = Site(), rateLimits: RateLimitSettings = RateLimitSettings(), buckets: (any SharedBuckets)? = nil,
        time: TimeSource, metrics: PrometheusMetrics, logger: Logger, version: String
    ) throws {
        let limits = RateLimits(rateLimits, shared: buckets, time: time, metrics: metrics, logger: logger)
        let doorkeeper = Doorkeeper(access: services.access, site: site, limits: limits)
        let api =
            StageAPI(configuration: services.configuration, stages: services.stages).operations
            + TemplateAPI(configuration: services.configuration, stages: services.stages).operations
            + RuleAPI(configuration: services.configuration).operations
            + FlowAPI(configuration: services.configuration, stages: services.stages).operations
            + DefinitionAPI<Agent>(configuration: services.configuration).operations
            + ConversationAPI(configuration: services.configuration, stages: services.stages).operations
            + TurnAPI(turns: services.turns, configuration: services.configuration).operations
            + EventsAPI(events: services.events, doorkeeper: doorkeeper, time: time).operations
            + BusinessAPI(businesses: services.businesses).operations
            + AccessAPI(access: services.access, configuration: services.configuration).operations
            + SessionAPI(access: services.access, cookie: site.cookie).operations
        operations = api + OperationsAPI(upkeep: services.upkeep, metrics: metrics, version: version).operations(describing: api)
        pages =
            SignInPages(access: services.access, site: site).pages
            + StagePages(configuration: services.configuration, stages: services.stages).pages
            + EditorPages(configuration: services.configuration, stages: services.stages).pages
            + ConversationPages(configuration: services.configuration, stages: services.stages, turns: services.turns).pages
            + DefinitionPages<Template>(
                configuration: services.configuration,
                previewer: TemplatePreviewer(configuration: services.configuration, stages: services.stages)
            ).pages
            + DefinitionPages<Agent>(configuration: services.configuration).pages
            + SettingsPages(configuration: services.configuration, access: services.access).pages
            + SimulatorPages(configuration: services.configuration, turns: services.turns).pages
        let requests = RequestMetrics(operations: operations, factory: metrics)
        ProcessMetrics.watch(by: metrics)
        ServiceMetrics.watch(services, at: time, version: version, by: metrics)
        dispatcher = Dispatcher(doorkeeper: doorkeeper, idempotency: services.idempotency, time: time, metrics: requests, logger: logger)
        pageServer = try PageServer(
            doorkeeper: doorkeeper, configuration: services.configuration, time: time, metrics: requests, logger: logger)
    }

    /// All routes.
    public func router() -> Router<StageContext> {
        let router = Router(context: StageContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: SecurityHeadersMiddleware(servesTLS: dispatcher.doorkeeper.site.servesTLS))
        router.add(middleware: PlainRequestMiddleware(dispatcher: dispatcher, pageServer: pageServer))
        router.add(middleware: NoRouteMiddleware(routes: routes, dispatcher: dispatcher, pageServer: pageServer))
        for operation in operations {
            let endpoint = Endpoint(operation)
            let page = pages.first { $0.path == operation.path && $0.method == operation.method }
            router.on(RouterPath(operation.path), method: operation.method) { [dispatcher, pageServer] request, context in
                if let page, page.isWanted(by: request.head) { return await pageServer.respond(to: request, context, page) }
                return await dispatcher.respond(to: request, context, endpoint)
            }
        }
        for page in pages where !operations.contains(where: { $0.path == page.path && $0.method == page.method }) {
            let others = operations.filter { $0.path == page.path }.map(\.method)
            router.on(RouterPath(page.path), method: page.method) { [dispatcher, pageServer] request, context in
                guard others.isEmpty || page.isWanted(by: request.head) else {
                    return dispatcher.refuse(request, .methodNotAllowed(allowed: Self.sorted(others)))
                }
                return await pageServer.respond(to: request, context, page)
            }
        }
        for asset in pageServer.assets.all {
            router.on(RouterPath(asset.path), method: .get) { [pageServer] request, _ in pageServer.respond(to: request, with: asset) }
        }
        return router
    }

    /// Methods as a header lists them, with HEAD where there is GET.
    fileprivate static func sorted(_ methods: [HTTPRequest.Method]) -> [HTTPRequest.Method] {
        Set(methods).union(methods.contains(.get) ? [.head] : []).sorted { $0.rawValue < $1.rawValue }
    }

    private var routes: [Route] {
        operations.map { Route(method: $0.method, path: $0.path, isPage: false) }
            + pages.map { Route(method: $0.method, path: $0.path, isPage: true) }
    }
}

/// Answers requests that no route is for: 405 where the path is known by another method, else 404.
private struct NoRouteMiddleware: RouterMiddleware {
    let routes: [Route]
    let dispatcher: Dispatcher
    let pageServer: PageServer

    func handle(_ request: Request, context: StageContext, next: (Request, StageContext) async throws -> Response) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound {
            let methods = methods(at: request.uri.path)
            let error = methods.isEmpty ? RequestError.noSuchPath : .methodNotAllowed(allowed: methods)
            guard Negotiation.prefersPage(request.headers[.accept]) else { return dispatcher.refuse(request, error) }
            return await pageServer.refuse(request, context, error)
        }
    }

    /// What a path takes. As in the router, a literal path stands before one with parameters that matches, too.
    private func methods(at path: String) -> [HTTPRequest.Method] {
        let segments = path.split(separator: "/")
        let known = routes.filter { Self.matches($0.path, segments) }
        // Where the API has a path, it is the API's methods that count: a page's form is known by its content type.
        let ofAPI = known.filter { !$0.isPage }
        let matching = ofAPI.isEmpty ? known : ofAPI
        let fewest = matching.map(\.parameterCount).min()
        var methods = Set(matching.filter { $0.parameterCount == fewest }.map(\.method))
        if methods.contains(.get) { methods.insert(.head) }
        return methods.sorted { $0.rawValue < $1.rawValue }
    }

    private static func matches(_ path: String, _ segments: [Substring]) -> Bool {
        let pattern = path.split(separator: "/")
        return pattern.count == segments.count && zip(pattern, segments).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
    }
}

/// A path and how it is asked for.
private struct Route {
    let method: HTTPRequest.Method
    let path: String
    let isPage: Bool

    /// How many parameters the path has.
    var parameterCount: Int { path.count { $0 == "{" } }
}
