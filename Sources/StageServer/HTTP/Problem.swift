import HTTPTypes
import StageEngine
import StageModel

/// What goes wrong on the way to the engine, before it is asked.
enum RequestError: Error {
    /// The request can't be understood; each fault says in which part.
    case malformed(code: String, message: String, faults: [PlacedFault] = [])
    case bodyTooLarge(limit: Int)
    case unsupportedMediaType
    /// The body is compressed.
    case codedBody
    case noSuchPath
    case methodNotAllowed(allowed: [HTTPRequest.Method])
    case forbidden(String)
    /// The request is beyond the limit of its key or its business.
    case rateLimited(RateStanding)
    /// As many requests are under way as the server takes.
    case overloaded
    case headersTooLarge
    /// The body did not come in time.
    case timeout

    /// Faults of query parameters, path parameters or headers.
    static func parameters(_ faults: [PlacedFault]) -> RequestError {
        .malformed(code: "invalid_parameter", message: "The request has parameters that are not acceptable.", faults: faults)
    }
}

/// A fault and the part of the request that it is in.
struct PlacedFault: Sendable {
    enum Part: String, Sendable {
        case body, query, path, header
    }

    let part: Part
    let fault: InputFault
}

/// An error as clients see it: RFC 9457, `application/problem+json`.
struct Problem {
    let status: HTTPResponse.Status
    let code: String
    let detail: String
    var faults: [PlacedFault] = []
    var current: Int64?
    var trace: DecisionTrace?
    var headers: [HTTPField.Name: String] = [:]
    /// In how many seconds it may be tried again; nil: as it is, it would not be better then.
    private(set) var retryAfter: Int64?
    /// For the log only.
    var debug: String?

    init(_ error: RequestError) {
        switch error {
        case .malformed(let code, let message, let faults):
            (status, self.code, detail, self.faults) = (.badRequest, code, message, faults)
        case .bodyTooLarge(let limit):
            (status, code, detail) = (.contentTooLarge, "body_too_large", "The body is over \(limit / 1024) KiB.")
        case .unsupportedMediaType:
            (status, code, detail) = (.unsupportedMediaType, "unsupported_media_type", "The body must be JSON: 'Content-Type: application/json'.")
        case .codedBody:
            (status, code) = (.unsupportedMediaType, "unsupported_media_type")
            detail = "A body is read as it is sent: send it uncompressed, without 'Content-Encoding'."
        case .noSuchPath:
            (status, code, detail) = (.notFound, "not_found", "There is nothing at this path; /docs lists what there is.")
        case .methodNotAllowed(let allowed):
            let names = allowed.map(\.rawValue).joined(separator: ", ")
            (status, code, detail) = (.methodNotAllowed, "method_not_allowed", "This path takes \(names).")
            headers[.allow] = names
        case .forbidden(let message):
            (status, code, detail) = (.forbidden, "forbidden", message)
        case .rateLimited(let standing):
            let who = standing.name == "key" ? "This API key and its sessions have" : "This business has"
            (status, code) = (.tooManyRequests, "\(standing.name)_rate_limited")
            detail = "\(who) used up the limit of requests. Try again in \(standing.retrySeconds) s."
            retry(after: standing.retrySeconds)
        case .overloaded:
            (status, code) = (.serviceUnavailable, "overloaded")
            detail = "More is asked of the server at once than it takes; nothing was done. Try again in a second."
            retry(after: 1)
        case .headersTooLarge:
            (status, code) = (.requestHeaderFieldsTooLarge, "headers_too_large")
            detail = "The head of the request is too large: 100 header fields, 16 KiB each and 32 KiB in all, are the most that is taken."
        case .timeout:
            (status, code) = (.requestTimeout, "request_timeout")
            detail = "The body did not come in time; nothing was done."
        }
    }

    init(_ error: EngineError, faultsIn part: PlacedFault.Part = .body) {
        status = error.code.status
        code = error.code.rawValue
        detail = error.message
        faults = error.faults.map { PlacedFault(part: part, fault: $0) }
        current = error.current
        trace = error.trace
        debug = error.debug
        switch error.code {
        case .unauthorized: headers[.wwwAuthenticate] = "Bearer realm=\"stagekeeper\""
        case .databaseUnavailable, .conversationBusy, .tooManyMessages: retry(after: 1)
        case .tooManyAttempts: retry(after: 60)
        case .invalidInput, .notFound, .forbidden, .inUse, .conversationsHere, .stageDisabled, .moveNotAllowed, .notStarted, .alreadyCompleted,
            .preconditionFailed, .stateConflict, .idempotencyKeyReused, .idempotencyKeyInProgress, .internalError:
            break
        }
    }

    private mutating func retry(after seconds: Int64) {
        retryAfter = seconds
        headers[.retryAfter] = String(seconds)
    }

    /// Something that nobody has foreseen.
    init(unexpected error: any Error) {
        self.init(EngineError(.internalError, "Something unexpected happened; an operator finds it in the log.", debug: String(reflecting: error)))
    }

    static let schema = Schema.named(
        "Problem",
        .object([
            .required("type", .text(0...200), "Always about:blank; the code tells what happened."),
            .required("title", .text(0...200), "The status in words."),
            .required("status", .integer(400...599), "The HTTP status."),
            .required("code", .text(1...100), "Stable, for programs."),
            .required("detail", .text(0...10_000), "What is wrong and what would be right."),
            .required("request_id", .text(1...64), "What the log knows the request by."),
            .optional(
                "errors",
                .array(
                    of: .object([
                        .required("in", .choice(["body", "query", "path", "header"]), "The part of the request."),
                        .required("pointer", .text(0...10_000), "The place in the body (RFC 6901), or the parameter's name behind a slash."),
                        .required("message", .text(1...10_000), "What is wrong there and what would be right."),
                    ]), count: 0...10_000), "Every fault of the input."),
            .optional("trace", .array(of: DecisionTrace.candidateSchema), "Why no rule allows the move."),
            .optional("current_version", .integer(), "The version or revision that is current."),
            .optional("retry_after", .integer(1...172_800), "In how many seconds it may be tried again, as the header Retry-After says."),
        ]))

    func body(requestID: String) -> [UInt8] {
        JSONWriter.bytes { json in
            json.object { json in
                json.field("type", "about:blank")
                json.field("title", status.reasonPhrase)
                json.field("status", Int(status.code))
                json.field("code", code)
                json.field("detail", detail)
                json.field("request_id", requestID)
                if !faults.isEmpty {
                    json.name("errors")
                    json.array { json in
                        for placed in faults {
                            json.object { json in
                                json.field("in", placed.part.rawValue)
                                json.field("pointer", placed.fault.pointer)
                                json.field("message", placed.fault.message)
                            }
                        }
                    }
                }
                if let trace { json.field("trace", array: trace.candidates) }
                if let current { json.field("current_version", current) }
                if let retryAfter { json.field("retry_after", retryAfter) }
            }
        }
    }
}

extension EngineError.Code {
    var status: HTTPResponse.Status {
        switch self {
        case .invalidInput, .idempotencyKeyReused: .unprocessableContent
        case .notFound: .notFound
        case .unauthorized: .unauthorized
        case .forbidden: .forbidden
        case .inUse, .conversationsHere, .stageDisabled, .moveNotAllowed, .notStarted, .alreadyCompleted, .stateConflict, .idempotencyKeyInProgress,
            .conversationBusy:
            .conflict
        case .preconditionFailed: .preconditionFailed
        case .tooManyAttempts, .tooManyMessages: .tooManyRequests
        case .databaseUnavailable: .serviceUnavailable
        case .internalError: .internalServerError
        }
    }
}

/// The bounds of what a request may hold.
enum Limits {
    static let bodyBytes = 1 << 20
    /// Of a body that holds a whole flow.
    static let flowBytes = 8 << 20
    static let pageSize: ClosedRange<Int64> = 1...200
    static let defaultPageSize = 50
}
