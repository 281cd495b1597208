import Sealing
import StageModel
import StageStore

/// A conversation's row: the state with what is sensitive of its data sealed.
struct ConversationRow {
    let state: ConversationState
    let data: JSONValue
    /// nil: nothing is sensitive.
    let sealedData: JSONValue?

    /// What is read of a row.
    static let columns = kinds.map(\.key).prefix(columnCount).joined(separator: ", ")
    static let columnCount = 16

    /// All columns, with their types; the last three are for indexes alone.
    private static let kinds: KeyValuePairs = [
        "business_id": "uuid", "conversation_id": "text", "agent_id": "uuid", "current_stage_id": "uuid", "status": "text", "version": "bigint",
        "data": "json", "sealed_data": "json", "visits": "json", "entered_at": "timestamptz", "created_at": "timestamptz",
        "updated_at": "timestamptz", "expires_at": "timestamptz", "timeout_at": "timestamptz", "turns": "bigint", "asked_field": "text",
        "updated_minute": "bigint", "expiry_minute": "bigint", "timeout_minute": "bigint",
    ]

    /// Inserts the row, unless there is one.
    var insertion: SQLStatement { Self.insert(values, otherwise: Outdated()) }

    private static let insert = SQLInsertion(into: "conversations", kinds, "ON CONFLICT (business_id, conversation_id) DO NOTHING")

    /// Replaces a row by this one, if it has the old state's version still. What is indexed is named only when it differs: SQLite touches the indexes of every
    /// column that a statement names.
    func replacement(of old: ConversationState) -> SQLStatement {
        let isOther = [
            old.agentID != state.agentID, old.stageID != state.stageID, old.updatedAt.minute != state.updatedAt.minute,
            old.expiresAt?.minute != state.expiresAt?.minute, old.timeoutAt?.minute != state.timeoutAt?.minute,
        ]
        let variant = isOther.enumerated().reduce(0) { $1.element ? $0 | 1 << $1.offset : $0 }
        return SQLStatement(
            Self.replacements[variant], forRows: Self.replacementOfRows, values + [.integer(old.version)], otherwise: Outdated())
    }

    private static let replacements = (0..<32).map { variant in
        let indexed = [
            "agent_id = ?3", "current_stage_id = ?4", "updated_minute = ?17", "expiry_minute = ?18", "timeout_minute = ?19",
        ]
        let named = indexed.enumerated().filter { variant & 1 << $0.offset != 0 }.map { $0.element + ", " }.joined()
        return """
            UPDATE conversations SET \(named)status = ?5, version = ?6, data = ?7, sealed_data = ?8, visits = ?9, entered_at = ?10,
                created_at = ?11, updated_at = ?12, expires_at = ?13, timeout_at = ?14, turns = ?15, asked_field = ?16
            WHERE business_id = ?1 AND conversation_id = ?2 AND version = ?20
            """
    }

    private static let replacementOfRows = """
        UPDATE conversations AS old SET \(kinds.dropFirst(2).map { "\($0.key) = new.\($0.key)" }.joined(separator: ", "))
        FROM unnest(\(SQLInsertion.lists(of: kinds)), ?20::bigint[]) AS new(\(kinds.map(\.key).joined(separator: ", ")), old_version)
        WHERE old.business_id = new.business_id AND old.conversation_id = new.conversation_id AND old.version = new.old_version
        """

    /// Takes the sensitive values out of the data and seals each for its conversation, field and version.
    init(_ state: ConversationState, sensitive: SensitiveNames, _ sealer: Sealer, salt: () throws -> [UInt8]) throws {
        self.state = state
        func members(_ part: String, _ values: [String: JSONValue]) throws -> SealedMembers {
            try SealedMembers(values, sensitive: sensitive, sealer, salt: salt) { Self.place(state.key, part, $0, state.version) }
        }
        let (conversation, stage) = (try members("conversation", state.data.conversation), try members("stage", state.data.stage))
        data = Self.json(conversation: conversation.plain, stage: stage.plain)
        sealedData =
            conversation.sealed.isEmpty && stage.sealed.isEmpty ? nil : Self.json(conversation: conversation.sealed, stage: stage.sealed)
    }

    /// Reads the columns above, in their order, and opens what is sealed.
    static func read(_ row: any SQLRow, _ sealer: Sealer, salt: () throws -> [UInt8]) throws -> ConversationState {
        guard let id = ConversationID(row.text(1)) else { throw SQLError.unreadable("a conversation id") }
        let key = ConversationKey(business: try row.identifier(0), conversation: id)
        let version = row.integer(5)
        let (plain, sealed) = (try row.json(6), row.isNull(7) ? nil : try row.json(7))
        func data(_ part: String) throws -> [String: JSONValue] {
            try SealedMembers.open(plain: plain[part], sealed: sealed?[part], sealer, salt: salt) { place(key, part, $0, version) }
        }
        var visits: [Stage.ID: Int] = [:]
        for (stage, count) in try row.json(8).object ?? [:] {
            if let stage = Stage.ID(stage) { visits[stage] = count.int }
        }
        return ConversationState(
            key: key, agentID: try row.optionalIdentifier(2), stageID: try row.optionalIdentifier(3), status: try row.choice(4),
            version: version, data: ConversationData(conversation: try data("conversation"), stage: try data("stage")),
            visits: visits, enteredAt: row.optionalTimestamp(9), timeoutAt: row.optionalTimestamp(13), askedField: row.optionalText(15),
            turns: row.integer(14), createdAt: row.timestamp(10), updatedAt: row.timestamp(11), expiresAt: row.optionalTimestamp(12))
    }

    /// In the order of the columns above.
    private var values: [SQLValue] {
        [
            SQLValue(state.key.business), SQLValue(state.key.conversation), SQLValue(state.agentID), SQLValue(state.stageID),
            .text(state.status.rawValue), .integer(state.version), SQLValue(json: data), SQLValue(sealedData?.jsonText),
            .text(visitsText), SQLValue(state.enteredAt), .timestamp(state.createdAt), .timestamp(state.updatedAt),
            SQLValue(state.expiresAt), SQLValue(state.timeoutAt), .integer(state.turns), SQLValue(state.askedField), .integer(state.updatedAt.minute),
            SQLValue(state.expiresAt?.minute), SQLValue(state.timeoutAt?.minute),
        ]
    }

    private var visitsText: String {
        let bytes = JSONWriter.bytes { json in
            json.object { json in for (stage, count) in state.visits { json.field(stage.description, count) } }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func json(conversation: [String: JSONValue], stage: [String: JSONValue]) -> JSONValue {
        stage.isEmpty ? ["conversation": .object(conversation)] : ["conversation": .object(conversation), "stage": .object(stage)]
    }

    /// What an envelope is bound to, so that it opens nowhere else.
    static func place(_ key: ConversationKey, _ part: String, _ name: String, _ version: Int64) -> [UInt8] {
        Array("\(key.business)/\(key.conversation)/\(version)/\(part)/\(name)".utf8)
    }
}
