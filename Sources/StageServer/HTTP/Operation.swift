import HTTPTypes
import StageModel
import StageStore

/// One thing that the API does: how it is asked for, who may ask, what it answers, and who carries it out. Routes, access checks, input
/// checks and `/openapi.json` are all made from these.
struct Operation: Sendable {
    enum Access: Sendable {
        /// Anybody.
        case open
        /// The operator, by the platform key.
        case platform
        /// A business's key of one of these roles.
        case roles(Set<APIKey.Role>)

        static let readers = Access.roles([.owner, .editor, .viewer])
        static let editors = Access.roles([.owner, .editor])
        static let owners = Access.roles([.owner])
        static let everyone = Access.roles([.owner, .editor, .viewer, .runtime])
        static let runners = Access.roles([.owner, .editor, .runtime])
    }

    /// How `business_id` is treated in the query.
    enum BusinessParameter: Sendable {
        case none, optional, required
    }

    let id: String
    let method: HTTPRequest.Method
    /// With parameters in braces: `/stages/{stage_id}`.
    let path: String
    let summary: String
    let access: Access
    var business = BusinessParameter.optional
    var query: [QueryParameter] = []
    /// What the body must be; nil: there is none.
    var body: Schema?
    /// Whether the body may be left out.
    var isBodyOptional = false
    /// The most bytes that the body may have.
    var bodyBytes = Limits.bodyBytes
    /// Whether it holds only for the version that `If-Match` names.
    var takesIfMatch = false
    /// Whether the answer carries the version of what it tells of.
    var answersETag = false
    var success: HTTPResponse.Status = .ok
    /// What a success answers; nil: nothing.
    var answer: Schema?
    var answerType = "application/json"
    /// Whether the answer goes on until one of the two ends it; `answer` then describes the data of one event.
    var isStream = false
    /// The types that it may answer in besides, when asked to.
    var otherTypes: [String] = []
    /// The statuses of other successes, which answer the same.
    var otherSuccesses: [HTTPResponse.Status] = []
    let handler: @Sendable (Call) async throws -> Reply

    /// All parameters that the query may have.
    var parameters: [QueryParameter] {
        switch business {
        case .none: query
        case .optional: query + [QueryParameter("business_id", .identifier, "The UUID of the business; must be the key's own.")]
        case .required: query + [QueryParameter("business_id", .identifier, required: true, "the UUID of the business, which must be the key's own.")]
        }
    }

    /// What it belongs to: the collection, which is the first segment of the path, or the server itself.
    var tag: String {
        switch access {
        case .open: "server"
        case .platform, .roles: String(path.split(separator: "/").first ?? "")
        }
    }

    var isUnsafe: Bool { method != .get && method != .head }
}

/// An operation with what is made from it once, not for every request.
struct Endpoint: Sendable {
    let operation: Operation
    let parameters: [QueryParameter]

    init(_ operation: Operation) {
        self.operation = operation
        parameters = operation.parameters
    }
}
