import Sealing
import StageModel
import StageStore

/// Reads conversations, and what it takes to open them.
struct ConversationTable: Sendable {
    let sealer: Sealer
    let pseudonyms: Pseudonyms
    let salts = BoundedCache<Business.ID, [UInt8]>(capacity: 16_384)

    /// The random salt with which a business's keys are derived.
    func salt(of business: Business.ID, _ connection: any SQLConnection) throws -> [UInt8] {
        if let salt = salts.value(for: business) { return salt }
        let found = try connection.row("SELECT key_salt FROM businesses WHERE business_id = ?1", [SQLValue(business)]) { $0.blob(0) }
        guard let found else { throw StoreError.unknownBusiness }
        salts.set(found, for: business)
        return found
    }

    func pseudonym(of key: ConversationKey) -> [UInt8] {
        pseudonyms.name([key.business.description, key.conversation.description])
    }

    func conversation(_ key: ConversationKey, _ connection: any SQLConnection) throws -> ConversationState? {
        try conversations([key], connection).first
    }

    /// Reads the conversations that a clause selects.
    func conversations(_ clause: String, _ values: [SQLValue], _ connection: any SQLConnection) throws -> [ConversationState] {
        // Rows are opened after the statement is done: opening may need a statement of its own.
        let sql = "SELECT \(ConversationRow.columns) FROM conversations \(clause)"
        return try connection.rows(sql, values) { $0.kept(columns: ConversationRow.columnCount) }.map { try open($0, connection) }
    }

    /// Reads conversations by their keys; those that do not exist are left out.
    func conversations(_ keys: [ConversationKey], _ connection: any SQLConnection) throws -> [ConversationState] {
        guard !keys.isEmpty else { return [] }
        let values = keys.map { [SQLValue($0.business), SQLValue($0.conversation)] }
        let rows = try connection.rows(Self.byKey, of: values) { $0.kept(columns: ConversationRow.columnCount) }
        return try rows.map { try open($0, connection) }
    }

    /// The versions at which conversations were erased; those that were not are left out.
    func erasedVersions(of keys: [ConversationKey], _ connection: any SQLConnection) throws -> [ConversationKey: Int64] {
        guard !keys.isEmpty else { return [:] }
        let names = Dictionary(keys.map { (pseudonym(of: $0), $0) }) { first, _ in first }
        let found = try connection.rows(Self.erased, of: names.map { [SQLValue($0.value.business), .blob($0.key)] }) { ($0.blob(0), $0.integer(1)) }
        return Dictionary(uniqueKeysWithValues: found.compactMap { name, version in names[name].map { ($0, version) } })
    }

    private func open(_ row: any SQLRow, _ connection: any SQLConnection) throws -> ConversationState {
        try ConversationRow.read(row, sealer, salt: { try salt(of: try row.identifier(0), connection) })
    }

    private static let byKey = SQLLookup(
        ConversationRow.columns, in: "conversations", by: ["business_id": "uuid", "conversation_id": "text"])

    private static let erased = SQLLookup(
        "pseudonym, version", in: "erased_conversations", by: ["business_id": "uuid", "pseudonym": "bytea"])
}
