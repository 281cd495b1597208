import Sealing
import StageModel
import StageStore

/// Reads conversations, and what it takes to open them.
struct ConversationTable: Sendable {
    let sealer: Sealer
    let pseudonyms: Pseudonyms
    let salts = BoundedCache<Business.ID, [UInt8]>(capacity: 10_000)

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
        try conversations(Self.one, Self.values(key), connection).first
    }

    /// Reads the conversations that a clause selects.
    func conversations(_ clause: String, _ values: [SQLValue], _ connection: any SQLConnection) throws -> [ConversationState] {
        // Rows are opened after the statement is done: opening may need a statement of its own.
        try connection.rows(Self.select(clause), values) { $0.kept(columns: ConversationRow.columnCount) }.map { try open($0, connection) }
    }

    /// Reads conversations by their keys; those that do not exist are left out.
    func conversations(_ keys: [ConversationKey], _ connection: any SQLConnection) throws -> [ConversationState] {
        guard !keys.isEmpty else { return [] }
        let rows = try connection.rows(Self.select(Self.one), each: keys.map(Self.values)) { $0.kept(columns: ConversationRow.columnCount) }
        return try rows.joined().map { try open($0, connection) }
    }

    /// The versions at which conversations were erased; those that were not are left out.
    func erasedVersions(of keys: [ConversationKey], _ connection: any SQLConnection) throws -> [ConversationKey: Int64] {
        guard !keys.isEmpty else { return [:] }
        let versions = try connection.rows(
            "SELECT version FROM erased_conversations WHERE business_id = ?1 AND pseudonym = ?2",
            each: keys.map { [SQLValue($0.business), .blob(pseudonym(of: $0))] }
        ) { $0.integer(0) }
        return Dictionary(uniqueKeysWithValues: zip(keys, versions).compactMap { key, found in found.first.map { (key, $0) } })
    }

    private func open(_ row: any SQLRow, _ connection: any SQLConnection) throws -> ConversationState {
        try ConversationRow.read(row, sealer, salt: { try salt(of: try row.identifier(0), connection) })
    }

    private static let one = "WHERE business_id = ?1 AND conversation_id = ?2"

    private static func select(_ clause: String) -> String { "SELECT \(ConversationRow.columns) FROM conversations \(clause)" }

    private static func values(_ key: ConversationKey) -> [SQLValue] { [SQLValue(key.business), SQLValue(key.conversation)] }
}
