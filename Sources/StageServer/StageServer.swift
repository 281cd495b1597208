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
        public let access: AccessService
        public let idempotency: IdempotencyService
        public let upkeep: any StoreUpkeep

        public init(
            configuration: ConfigurationService, businesses: BusinessService, stages: StageService, access: AccessService,
            idempotency: IdempotencyService, upkeep: any StoreUpkeep
        ) {
            self.configuration = configuration
            self.businesses = businesses
            self.stages = stages
            self.access = access
            self.idempotency = idempotency
            self.upkeep = upkeep
        }
    }

    let operations: [Operation]
    private let dispatcher: Dispatcher

    public init(services: Services, time: TimeSource, metrics: PrometheusMetrics, logger: Logger, version: String) {
        let api =
            StageAPI(configuration: services.configuration, stages: services.stages).operations
            + TemplateAPI(configuration: services.configuration, stages: services.stages).operations
            + RuleAPI(configuration: services.configuration).operations
            + FlowAPI(configuration: services.configuration, stages: services.stages).operations
            + DefinitionAPI<Agent>(configuration: services.configuration).operations
            + ConversationAPI(configuration: services.configuration, stages: services.stages).operations
            + BusinessAPI(businesses: services.businesses).operations
            + AccessAPI(access: services.access, configuration: services.configuration).operations
        operations = api + OperationsAPI(upkeep: services.upkeep, metrics: metrics, version: version).operations(describing: api)
        dispatcher = Dispatcher(
            access: services.access, idempotency: services.idempotency, time: time,
            metrics: RequestMetrics(operations: operations.map(\.id) + ["none"], factory: metrics), logger: logger)
    }

    /// All routes.
    public func router() -> Router<StageContext> {
        let router = Router(context: StageContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: NoRouteMiddleware(operations: operations, dispatcher: dispatcher))
        for operation in operations {
            let endpoint = Endpoint(operation)
            router.on(RouterPath(operation.path), method: operation.method) { [dispatcher] request, context in
                await dispatcher.respond(to: request, context, endpoint)
            }
        }
        return router
    }
}

/// Answers requests that no route is for: 405 where the path is known by another method, else 404.
private struct NoRouteMiddleware: RouterMiddleware {
    let operations: [Operation]
    let dispatcher: Dispatcher

    func handle(_ request: Request, context: StageContext, next: (Request, StageContext) async throws -> Response) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound {
            let methods = methods(at: request.uri.path)
            guard !methods.isEmpty else { return dispatcher.refuse(request, .noSuchPath) }
            return dispatcher.refuse(request, .methodNotAllowed(allowed: methods))
        }
    }

    /// What a path takes. As in the router, a literal path stands before one with parameters that matches, too.
    private func methods(at path: String) -> [HTTPRequest.Method] {
        let segments = path.split(separator: "/")
        let matching = operations.filter { Self.matches($0.path, segments) }
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

extension Operation {
    /// How many parameters the path has.
    fileprivate var parameterCount: Int { path.count { $0 == "{" } }
}
