import HTTPTypes
public import Hummingbird
import Logging
import NIOCore
import StageEngine
import StageModel
import StageStore

/// Takes a request through its operation: who asks, what is asked, the engine, the answer. Whatever goes wrong becomes a problem.
struct Dispatcher: Sendable {
    let doorkeeper: Doorkeeper
    let idempotency: IdempotencyService
    let time: TimeSource
    let metrics: RequestMetrics
    let logger: Logger

    func respond(to request: Request, _ context: StageContext, _ endpoint: Endpoint) async -> Response {
        let operation = endpoint.operation
        let requestID = Self.requestID(of: request)
        let started = time.now()
        let count: @Sendable (HTTPResponse.Status) -> Void = { [metrics, time] status in
            metrics.record(operation.id, status: status, seconds: time.now().seconds(since: started))
        }
        var response: Response
        var stream: (any ReplyStream)?
        var allowance: RateAllowance?
        do {
            let reply = try await reply(to: request, context, endpoint, &allowance)
            response = Response(reply)
            stream = reply.stream
        } catch {
            response = problem(Problem(any: error, faultsIn: operation.body == nil ? .query : .body), requestID, operation.id)
        }
        response.headers[.requestID] = requestID
        allowance?.write(into: &response.headers)
        switch operation.access {
        case .open: break
        case .platform, .roles:
            response.headers[.cacheControl] = "private, no-store"
            response.headers[.vary] = "Accept"
        }
        if let stream {
            let status = response.status
            response.body = ResponseBody(stream, to: request, over: context.channel) { count(status) }
        } else {
            count(response.status)
        }
        return response
    }

    /// Answers a request that no operation is for.
    func refuse(_ request: Request, _ error: RequestError) -> Response {
        let requestID = Self.requestID(of: request)
        var response = problem(Problem(error), requestID, "none")
        response.headers[.requestID] = requestID
        metrics.record("none", status: response.status, seconds: 0)
        return response
    }

    // MARK: - From the request to the reply

    /// - Parameter allowance: gets how the request stands to the limits; nil: there are none.
    private func reply(
        to request: Request, _ context: StageContext, _ endpoint: Endpoint, _ allowance: inout RateAllowance?
    ) async throws -> Reply {
        let operation = endpoint.operation
        let now = time.now()
        let admission = try await doorkeeper.admit(request.head, context, to: operation, at: now, &allowance)
        let principal = admission?.principal
        let query = QueryParameters(request.head.path?.query, known: endpoint.parameters)
        guard query.faults.isEmpty else { throw RequestError.parameters(query.faults) }
        try check(query.values["business_id"], of: principal)
        let pathParameters = try self.pathParameters(context)

        let bytes = operation.isUnsafe ? try await Self.body(of: request, upTo: operation.bodyBytes) : ByteBuffer()
        let body = try Self.json(bytes, of: request, operation)
        try check(body["business_id"]?.string, of: principal)

        func call(_ claim: IdempotencyService.Claim?) -> Call {
            Call(
                operation: operation, head: request.head, principal: principal, session: admission?.session, pathParameters: pathParameters,
                query: query.values, body: body, claim: claim, now: now)
        }
        func renewed(_ reply: Reply) -> Reply {
            guard let cookie = admission?.renewedCookie, reply.headers[.setCookie] == nil else { return reply }
            var reply = reply
            reply.headers[.setCookie] = doorkeeper.site.cookie.setting(cookie)
            return reply
        }
        guard operation.isUnsafe, let key = request.headers[.idempotencyKey] else { return renewed(try await operation.handler(call(nil))) }
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            let fault = InputFault(.root.appending("Idempotency-Key"), "Must be 1 to 255 visible ASCII characters.")
            throw RequestError.parameters([PlacedFault(part: .header, fault: fault)])
        }
        let scope = [Self.name(of: principal), request.method.rawValue, request.head.path ?? ""]
        switch try await idempotency.begin(key: key, scope: scope, body: bytes.readableBytesView, at: now) {
        case .replay(let answer): return renewed(Reply(answer))
        case .proceed(let claim):
            defer { idempotency.end(claim) }
            do { return renewed(try await operation.handler(call(claim))) } catch {
                // The same may have been sent to another server at the same time: what it did there is its answer, not what that leads to here.
                guard let answer = try? await idempotency.answer(to: claim, at: now) else { throw error }
                return renewed(Reply(answer))
            }
        }
    }

    /// A business that is named must be the key's own.
    private func check(_ business: String?, of principal: AccessService.Principal?) throws(RequestError) {
        guard let business, case .key(let key) = principal else { return }
        guard Business.ID(business) == key.business else { throw .forbidden("The API key belongs to another business than business_id.") }
    }

    private func pathParameters(_ context: StageContext) throws(RequestError) -> [String: String] {
        var result: [String: String] = [:]
        for (name, value) in context.parameters {
            guard let decoded = value.percentDecoded else {
                throw .parameters([PlacedFault(part: .path, fault: InputFault(.root.appending(String(name)), "Is not percent-encoded UTF-8."))])
            }
            result[String(name)] = decoded
        }
        return result
    }

    private static func body(of request: Request, upTo limit: Int) async throws -> ByteBuffer {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit { throw RequestError.bodyTooLarge(limit: limit) }
        return try await request.wholeBody(upTo: limit)
    }

    private static func json(_ bytes: ByteBuffer, of request: Request, _ operation: Operation) throws -> JSONValue {
        guard let schema = operation.body else {
            guard bytes.readableBytes == 0 else {
                throw RequestError.malformed(code: "unexpected_body", message: "This takes no body.")
            }
            return [:]
        }
        if bytes.readableBytes == 0, operation.isBodyOptional { return [:] }
        let type = request.headers[.contentType]?.split(separator: ";").first.map { $0.trimming(while: \.isWhitespace).lowercased() }
        guard type == "application/json" || (type == "application/merge-patch+json" && operation.method == .patch) else {
            throw RequestError.unsupportedMediaType
        }
        let value: JSONValue
        do throws(JSONSyntaxError) {
            value = try JSONValue(parsing: bytes.readableBytesView)
        } catch {
            let message = "\(error.message) (line \(error.line), column \(error.column))"
            throw RequestError.malformed(
                code: "malformed_json", message: "The body is no acceptable JSON. \(message)",
                faults: [PlacedFault(part: .body, fault: InputFault(.root, message))])
        }
        do throws(InvalidInput) { try schema.check(value) } catch { throw EngineError.invalid(error.faults) }
        return value
    }

    // MARK: - Problems

    private func problem(_ problem: Problem, _ requestID: String, _ operation: String) -> Response {
        if problem.status.code >= 500 {
            logger.error(
                "A request failed.",
                metadata: [
                    "code": "\(problem.code)", "operation": "\(operation)", "request_id": "\(requestID)",
                    "reason": "\(problem.debug ?? problem.detail)",
                ])
        }
        var headers: HTTPFields = [.contentType: "application/problem+json"]
        for (name, value) in problem.headers { headers[name] = value }
        return Response(
            status: problem.status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: problem.body(requestID: requestID))))
    }

    private static func name(of principal: AccessService.Principal?) -> String {
        switch principal {
        case .key(let key): key.id.description
        case .platform: "platform"
        case nil: ""
        }
    }

    /// The caller's own id of the request when it is harmless, else a new one.
    static func requestID(of request: Request) -> String { requestID(in: request.headers) }

    static func requestID(in headers: HTTPFields) -> String {
        if let given = headers[.requestID], (1...64).contains(given.utf8.count),
            given.utf8.allSatisfy({
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2D || $0 == 0x5F
            })
        {
            return given
        }
        return String(UInt64.random(in: .min ... .max), radix: 36)
    }
}

extension Problem {
    /// - Parameter part: where the faults are that the engine finds.
    init(any error: any Error, faultsIn part: PlacedFault.Part) {
        switch error {
        case let error as RequestError: self.init(error)
        case let error as EngineError: self.init(error, faultsIn: part)
        case let error as InvalidInput: self.init(EngineError.invalid(error.faults), faultsIn: part)
        case let error as StoreError: self.init(EngineError(error))
        default: self.init(unexpected: error)
        }
    }
}

extension Response {
    init(_ reply: Reply) {
        var headers: HTTPFields = [:]
        if let type = reply.contentType { headers[.contentType] = type }
        for (name, value) in reply.headers { headers[name] = value }
        self.init(status: reply.status, headers: headers, body: ResponseBody(byteBuffer: reply.body))
    }
}

extension String {
    /// The part of a request's target behind the question mark.
    var query: Substring? { firstIndex(of: "?").map { self[index(after: $0)...] } }
}

/// What Hummingbird keeps of a request besides its bytes.
public struct StageContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    /// What streams are cut by.
    let channel: any Channel

    public init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }

    /// The address that the connection comes from; nil: it has none.
    var address: String? { channel.remoteAddress?.ipAddress }
}
