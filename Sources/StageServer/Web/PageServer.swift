import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import StageEngine
import StageModel
import StageStore

/// Takes a request through its page: who is signed in, what the form says, the page's handler, the frame around it.
struct PageServer: Sendable {
    let doorkeeper: Doorkeeper
    let configuration: ConfigurationService
    let time: TimeSource
    let metrics: RequestMetrics
    let logger: Logger
    let assets: Assets
    private let renderer: PageRenderer

    /// - Throws: what is wrong with a template.
    init(
        doorkeeper: Doorkeeper, configuration: ConfigurationService, time: TimeSource, metrics: RequestMetrics, logger: Logger
    ) throws {
        self.doorkeeper = doorkeeper
        self.configuration = configuration
        self.time = time
        self.metrics = metrics
        self.logger = logger
        assets = Assets()
        renderer = try PageRenderer()
    }

    func respond(to request: Request, _ context: StageContext, _ page: Page) async -> Response {
        let started = time.now()
        let requestID = Dispatcher.requestID(of: request)
        var visitor: Visitor?
        var response: Response
        var allowance: RateAllowance?
        do {
            visitor = try await self.visitor(of: request.head, context, at: started)
            allowance = visitor.flatMap { doorkeeper.limits.take(for: $0.key, at: started) }
            if let refusal = allowance?.refusal { throw RequestError.rateLimited(refusal) }
            let call = try await call(request, context, page, visitor, started)
            response = try await self.response(to: try await page.handler(call), request, visitor, call)
        } catch {
            response = await failure(error, request, visitor, requestID)
        }
        response.headers[.requestID] = requestID
        allowance?.write(into: &response.headers)
        if let visitor, visitor.isRenewed, response.headers[values: .setCookie].isEmpty {
            response.headers.append(HTTPField(name: .setCookie, value: doorkeeper.site.cookie.setting(visitor.cookie)))
        }
        metrics.record("page", status: response.status, seconds: time.now().seconds(since: started))
        return response
    }

    /// Answers a request that no page is for.
    func refuse(_ request: Request, _ context: StageContext, _ error: RequestError) async -> Response {
        let visitor = try? await visitor(of: request.head, context, at: time.now())
        return await failure(error, request, visitor, Dispatcher.requestID(of: request))
    }

    /// Sends a file that pages are made of.
    func respond(to request: Request, with asset: Assets.Asset) -> Response {
        var headers: HTTPFields = [
            .contentType: asset.mediaType, .cacheControl: "public, max-age=31536000, immutable", .vary: "Accept-Encoding",
            .xContentTypeOptions: "nosniff",
        ]
        guard let compressed = asset.compressed, Gzip.isAccepted(request.headers[.acceptEncoding]) else {
            return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: asset.bytes))
        }
        headers[.contentEncoding] = "gzip"
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: compressed))
    }

    private var flashCookie: SiteCookie { .flash(isInsecure: doorkeeper.site.cookie.isInsecure) }

    // MARK: - From the request to the call

    /// Who is signed in; nil: nobody, or not any more.
    private func visitor(of head: HTTPRequest, _ context: StageContext, at now: Timestamp) async throws(EngineError) -> Visitor? {
        guard let cookie = doorkeeper.site.cookie.value(in: head.headerFields) else { return nil }
        do throws(EngineError) {
            let session = try await doorkeeper.principal(forCookie: cookie, head, context, at: now).session
            return Visitor(
                session: session, cookie: cookie, csrfToken: doorkeeper.access.csrfToken(forCookie: cookie), isRenewed: session.usedAt == now)
        } catch {
            guard error.code == .unauthorized else { throw error }
            return nil
        }
    }

    private func call(
        _ request: Request, _ context: StageContext, _ page: Page, _ visitor: Visitor?, _ now: Timestamp
    ) async throws -> PageCall {
        try admit(visitor, to: page, request)
        let form = page.method == .post ? try await Self.form(of: request) : Form()
        if page.method == .post { try check(form, of: request, visitor) }
        var pathParameters: [String: String] = [:]
        for (name, value) in context.parameters { pathParameters[String(name)] = value.percentDecoded ?? "" }
        let query = (request.head.path?.query).flatMap { Form($0) } ?? Form()
        return PageCall(
            head: request.head, visitor: visitor, pathParameters: pathParameters,
            query: Dictionary(query.entries.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 }), form: form, now: now,
            flash: flashCookie.value(in: request.headers).flatMap(Flash.init),
            address: doorkeeper.site.address(of: request.head, from: context.address) ?? "unknown")
    }

    private func admit(_ visitor: Visitor?, to page: Page, _ request: Request) throws {
        guard case .roles(let roles) = page.access else { return }
        guard let visitor else { throw PageError.signInFirst }
        guard roles.contains(visitor.key.role) else {
            let names = roles.map(\.rawValue).sorted().joined(separator: " or ")
            throw RequestError.forbidden("This takes the role \(names); you are signed in as \(visitor.key.role.rawValue).")
        }
    }

    /// A form must come from our own page, and from the one who was given it.
    private func check(_ form: Form, of request: Request, _ visitor: Visitor?) throws {
        try doorkeeper.checkOrigin(of: request.head)
        guard visitor != nil else { return }
        do throws(RequestError) { try doorkeeper.check(token: form["csrf_token"], of: request.head) } catch {
            throw RequestError.forbidden("The form was made for another session. Go back, load the page again, and repeat what you did.")
        }
    }

    private static func form(of request: Request) async throws -> Form {
        let type = request.headers[.contentType]?.split(separator: ";").first?.lowercased()
        guard type == "application/x-www-form-urlencoded" else { throw RequestError.unsupportedMediaType }
        let bytes = try await request.wholeBody(upTo: Limits.bodyBytes)
        guard let form = Form(String(buffer: bytes)) else {
            throw RequestError.malformed(code: "malformed_form", message: "The form is not percent-encoded UTF-8, or has the character NUL in it.")
        }
        return form
    }

    // MARK: - From the answer to the response

    private func response(to answer: PageAnswer, _ request: Request, _ visitor: Visitor?, _ call: PageCall) async throws -> Response {
        switch answer {
        case .reply(let reply): return Response(reply)
        case .redirect(let path, let flash):
            var headers: HTTPFields = [.location: path, .cacheControl: "private, no-store"]
            if let flash { headers[.setCookie] = flashCookie.setting(flash.rawValue) }
            return Response(status: .seeOther, headers: headers)
        case .page(let content):
            var response = try await html(content, request, visitor, flash: call.flash)
            if call.flash != nil { response.headers[.setCookie] = flashCookie.removal }
            return response
        }
    }

    private func html(_ content: PageContent, _ request: Request, _ visitor: Visitor?, flash: Flash?) async throws -> Response {
        var business: String?
        if let visitor { business = try await configuration.flow(of: visitor.key.business).business.name }
        let frame = Frame(content: content, visitor: visitor, businessName: business, assets: assets, flash: flash)
        guard let text = renderer.render(content.template, frame.model) else {
            throw EngineError(.internalError, "The page can't be shown.", debug: "there is no template \(content.template)")
        }
        var body = Array(text.utf8)
        var headers: HTTPFields = [
            .contentType: "text/html; charset=utf-8", .cacheControl: "private, no-store", .vary: "Accept, Accept-Encoding, Cookie",
            .contentSecurityPolicy: Self.contentSecurityPolicy, .xContentTypeOptions: "nosniff",
        ]
        headers[.referrerPolicy] = "same-origin"
        if body.count >= Gzip.leastBytes, Gzip.isAccepted(request.headers[.acceptEncoding]), let compressed = Gzip.compress(body) {
            headers[.contentEncoding] = "gzip"
            body = compressed
        }
        return Response(status: content.status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }

    private static let contentSecurityPolicy = """
        default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
        frame-ancestors 'none'
        """

    // MARK: - What goes wrong

    private func failure(_ error: any Error, _ request: Request, _ visitor: Visitor?, _ requestID: String) async -> Response {
        if error is PageError { return Self.signIn(request) }
        let problem = Problem(any: error, faultsIn: .body)
        if problem.status == .unauthorized { return Self.signIn(request) }
        if problem.status.code >= 500 {
            logger.error(
                "A page failed.",
                metadata: ["code": "\(problem.code)", "request_id": "\(requestID)", "reason": "\(problem.debug ?? problem.detail)"])
        }
        do {
            let content = ErrorPage(problem: problem, requestID: requestID, isSignedIn: visitor != nil).content
            return try await html(content, request, visitor, flash: nil)
        } catch {
            return Response(
                status: problem.status, headers: [.contentType: "text/plain; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: problem.detail)))
        }
    }

    /// Sends who is not signed in to do so, and back afterwards.
    private static func signIn(_ request: Request) -> Response {
        let wanted = request.method == .get ? request.head.path ?? "/stages" : "/stages"
        return Response(
            status: .seeOther,
            headers: [.location: "/login?next=\(wanted.percentEncoded)", .cacheControl: "private, no-store", .vary: "Accept, Cookie"])
    }
}

/// Why a page is not shown.
enum PageError: Error {
    case signInFirst
}

extension HTTPField.Name {
    static let contentSecurityPolicy = Self("Content-Security-Policy")!
    static let xContentTypeOptions = Self("X-Content-Type-Options")!
    static let referrerPolicy = Self("Referrer-Policy")!
}
