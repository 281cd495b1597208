import HTTPTypes
import Hummingbird
import Logging
import StageEngine
import StageModel
import StageStore

/// A request that has passed the checks of its operation.
struct Call: Sendable {
    let operation: Operation
    let head: HTTPRequest
    let principal: AccessService.Principal?
    /// The browser's session, when the request carries its cookie and no key.
    let session: Session?
    let pathParameters: [String: String]
    let query: [String: String]
    /// The body as the operation's schema describes it; an empty object when there is none.
    let body: JSONValue
    let claim: IdempotencyService.Claim?
    let now: Timestamp

    /// The business that the key belongs to.
    var principalBusiness: Business.ID? {
        switch principal {
        case .key(let key): key.business
        case .platform, nil: nil
        }
    }

    /// Who asks for something of a business.
    var caller: Caller {
        get throws(EngineError) {
            if let session { return Caller(session, at: now) }
            guard case .key(let key) = principal else { throw EngineError(.unauthorized, "A business's API key is required.") }
            return Caller(business: key.business, actor: "api_key:\(key.prefix)", now: now)
        }
    }

    /// An id in the path.
    func pathID<Entity>(_ name: String) throws(RequestError) -> Identifier<Entity> {
        guard let id = pathParameters[name].flatMap({ Identifier<Entity>($0) }) else {
            throw .parameters([
                PlacedFault(part: .path, fault: InputFault(.root.appending(name), "Must be a UUID such as 123e4567-e89b-42d3-a456-426614174000."))
            ])
        }
        return id
    }

    /// The conversation's id in the path.
    func pathConversation() throws(RequestError) -> ConversationID {
        guard let id = pathParameters["conversation_id"].flatMap({ ConversationID($0) }) else {
            throw .parameters([PlacedFault(part: .path, fault: InputFault(.root.appending("conversation_id"), "Must be \(ConversationID.rule)."))])
        }
        return id
    }

    /// An id in the query, which has been checked.
    func queryID<Entity>(_ name: String) -> Identifier<Entity>? { query[name].flatMap { Identifier($0) } }

    /// How many items a page has.
    var limit: Int { query["limit"].flatMap { Int($0) } ?? Limits.defaultPageSize }

    /// Where the page begins; nil: at the start.
    func cursor(keys: Int) throws(RequestError) -> Cursor? {
        guard let text = query["cursor"] else { return nil }
        guard let cursor = Cursor(text, scope: cursorScope, keys: keys) else {
            throw .parameters([
                QueryParameters.fault("cursor", "Is no cursor of this list with these filters; take next_cursor from its answer, or leave it out.")
            ])
        }
        return cursor
    }

    /// A page of a list.
    /// - Parameters:
    ///   - items: one more than the limit when there are more.
    ///   - keys: the sort keys of an item.
    func page<Item>(_ items: [Item], keys: (Item) -> [String], _ encode: (Item, inout JSONWriter) -> Void) -> Reply {
        let shown = items.prefix(limit)
        let next = items.count > limit ? shown.last.map { Cursor(keys: keys($0)).text(scope: cursorScope) } : nil
        return .json { json in
            json.name("items")
            json.array { json in for item in shown { encode(item, &json) } }
            json.field("next_cursor", next)
        }
    }

    private var cursorScope: String {
        let path = head.path?.split(separator: "?").first ?? ""
        let filters = query.filter { $0.key != "cursor" && $0.key != "limit" && $0.key != "business_id" }
        return filters.sorted { $0.key < $1.key }.reduce(String(path)) { "\($0)\n\($1.key)=\($1.value)" }
    }
}

extension Operation {
    static let pageParameters = [
        QueryParameter("limit", .integer(Limits.pageSize), "How many items to answer. Default: \(Limits.defaultPageSize)."),
        QueryParameter("cursor", .text(1...2000), "next_cursor of the page before."),
    ]
}

extension Schema {
    /// A page of a list.
    static func page(of item: Schema) -> Schema {
        .object([
            .required("items", .array(of: item), "The items, in order."),
            .required("next_cursor", .nullable(.text(1...2000)), "Where the next page begins; null: this is the last."),
        ])
    }
}
