import Foundation
import Sealing
import StageModel
public import StageStore

extension SQLStageStore {
    /// Seals everything anew that another master key than the current one has sealed, while others read and write.
    /// - Parameter progress: gets how many rows have been looked at so far.
    /// - Returns: how many rows were written.
    public func reseal(progress: @escaping @Sendable (_ seen: Int) -> Void) async throws(StoreError) -> Int {
        try await storing {
            var (seen, written) = (0, 0)
            for table in SealedTable.allCases {
                var place: [SQLValue]? = table.start
                while let after = place {
                    let page = try await database.write { connection -> SealedPage in
                        let page = try self.page(of: table, after: after, connection)
                        let old = page.rows.filter { $0.keyIDs != [self.sealer.currentKeyID] }
                        if !old.isEmpty { try connection.run(try old.map { try $0.resealing() }) }
                        return SealedPage(rows: page.rows, written: old.count, next: page.next)
                    }
                    seen += page.rows.count
                    written += page.written
                    place = page.next
                    progress(seen)
                }
            }
            return written
        }
    }

    /// The ids of the master keys that have sealed anything, and in how many rows.
    public func sealingKeys() async throws(StoreError) -> [String: Int] {
        try await storing {
            var counts: [String: Int] = [:]
            for table in SealedTable.allCases {
                var place: [SQLValue]? = table.start
                while let after = place {
                    let page = try await database.read { try self.page(of: table, after: after, $0) }
                    for id in page.rows.flatMap(\.keyIDs) { counts[id, default: 0] += 1 }
                    place = page.next
                }
            }
            return counts
        }
    }

    // MARK: - Where something is sealed

    private enum SealedTable: CaseIterable {
        case secrets, stageStates, conversations, turns, idempotency

        /// Before the first primary key.
        var start: [SQLValue] {
            switch self {
            case .secrets: [.text("")]
            case .stageStates: [.leastID]
            case .conversations: [.leastID, .text("")]
            case .turns: [.leastID, .text(""), .integer(0)]
            case .idempotency: [.blob([])]
            }
        }
    }

    private struct SealedRow: Sendable {
        /// Of the master keys that have sealed its values.
        let keyIDs: Set<String>
        let resealing: @Sendable () throws -> SQLStatement
    }

    private struct SealedPage: Sendable {
        let rows: [SealedRow]
        var written = 0
        /// The primary key after which the next page begins; nil: this is the last.
        let next: [SQLValue]?

        /// How many rows are looked at in one transaction, between which others write.
        static let size = 200

        init(rows: [SealedRow], written: Int = 0, next: [SQLValue]?) {
            (self.rows, self.written, self.next) = (rows, written, next)
        }

        init(_ rows: [(key: [SQLValue], row: SealedRow)]) {
            self.init(rows: rows.map(\.row), next: rows.count == Self.size ? rows.last?.key : nil)
        }
    }

    private func page(of table: SealedTable, after: [SQLValue], _ connection: any SQLConnection) throws -> SealedPage {
        let bound = after + [SQLValue(SealedPage.size)]
        switch table {
        case .secrets:
            let rows = try connection.rows("SELECT name, sealed FROM secrets WHERE name > ?1 ORDER BY name LIMIT ?2", bound) {
                ($0.text(0), $0.blob(1))
            }
            return SealedPage(rows.map { name, sealed in ([.text(name)], secret(name, sealed)) })
        case .stageStates:
            let rows = try connection.rows(
                """
                SELECT stage_id, business_id, version, sealed_data FROM stage_states
                WHERE sealed_data IS NOT NULL AND stage_id > ?1 ORDER BY stage_id LIMIT ?2
                """, bound
            ) { $0.kept(columns: 4) }
            return SealedPage(try rows.map { ([.text($0.text(0))], try stageState($0, connection)) })
        case .conversations:
            let rows = try connection.rows(
                """
                SELECT business_id, conversation_id, version, sealed_data FROM conversations
                WHERE sealed_data IS NOT NULL AND (business_id, conversation_id) > (?1, ?2) ORDER BY business_id, conversation_id LIMIT ?3
                """, bound
            ) { $0.kept(columns: 4) }
            return SealedPage(try rows.map { ([.text($0.text(0)), .text($0.text(1))], try conversation($0, connection)) })
        case .turns:
            let rows = try connection.rows(
                """
                SELECT business_id, conversation_id, turn, sealed FROM turns WHERE (business_id, conversation_id, turn) > (?1, ?2, ?3)
                ORDER BY business_id, conversation_id, turn LIMIT ?4
                """, bound
            ) { ($0.text(0), $0.text(1), $0.integer(2), $0.blob(3)) }
            return SealedPage(try rows.map { ([.text($0.0), .text($0.1), .integer($0.2)], try turn($0, connection)) })
        case .idempotency:
            let rows = try connection.rows("SELECT scope, sealed_body FROM idempotency WHERE scope > ?1 ORDER BY scope LIMIT ?2", bound) {
                ($0.blob(0), $0.blob(1))
            }
            return SealedPage(rows.map { scope, sealed in ([.blob(scope)], answer(scope, sealed)) })
        }
    }

    private func secret(_ name: String, _ sealed: [UInt8]) -> SealedRow {
        SealedRow(keyIDs: Set([Sealer.keyID(of: sealed) ?? "none"])) { [sealer] in
            let place = Array("secrets/\(name)".utf8)
            let resealed = try sealer.seal(try sealer.open(sealed, salt: [], place: place), salt: [], place: place)
            return SQLStatement("UPDATE secrets SET sealed = ?2 WHERE name = ?1", [.text(name), .blob(resealed)])
        }
    }

    private func stageState(_ row: any SQLRow & Sendable, _ connection: any SQLConnection) throws -> SealedRow {
        let (stage, business): (Stage.ID, Business.ID) = (try row.identifier(0), try row.identifier(1))
        let salt = try table.salt(of: business, connection)
        let members = SealedMembers(sealed: try row.json(3))
        return SealedRow(keyIDs: members.keyIDs) { [sealer] in
            let resealed = try members.resealed(sealer, salt: salt) { Self.place(of: $0, stage, business, row.integer(2)) }
            return SQLStatement("UPDATE stage_states SET sealed_data = ?2 WHERE stage_id = ?1", [SQLValue(stage), SQLValue(json: resealed.sealed)])
        }
    }

    private func conversation(_ row: any SQLRow & Sendable, _ connection: any SQLConnection) throws -> SealedRow {
        guard let id = ConversationID(row.text(1)) else { throw SQLError.unreadable("a conversation id") }
        let key = ConversationKey(business: try row.identifier(0), conversation: id)
        let salt = try table.salt(of: key.business, connection)
        let parts = (try row.json(3).object ?? [:]).mapValues { SealedMembers(sealed: $0) }
        return SealedRow(keyIDs: Set(parts.values.flatMap(\.keyIDs))) { [sealer] in
            let resealed = try parts.map { part, members in
                (part, JSONValue.object(try members.resealed(sealer, salt: salt) { ConversationRow.place(key, part, $0, row.integer(2)) }.sealed))
            }
            return SQLStatement(
                "UPDATE conversations SET sealed_data = ?3 WHERE business_id = ?1 AND conversation_id = ?2",
                [SQLValue(key.business), SQLValue(key.conversation), SQLValue(json: Dictionary(uniqueKeysWithValues: resealed))])
        }
    }

    private func turn(
        _ row: (business: String, conversation: String, number: Int64, sealed: [UInt8]), _ connection: any SQLConnection
    ) throws -> SealedRow {
        guard let business = Business.ID(row.business), let id = ConversationID(row.conversation) else {
            throw SQLError.unreadable("a conversation id")
        }
        let key = ConversationKey(business: business, conversation: id)
        let salt = try table.salt(of: business, connection)
        let (number, sealed) = (row.number, row.sealed)
        return SealedRow(keyIDs: Set([Sealer.keyID(of: sealed) ?? "none"])) { [sealer] in
            let place = TurnRow.place(key, number)
            let resealed = try sealer.seal(try sealer.open(sealed, salt: salt, place: place), salt: salt, place: place)
            return SQLStatement(
                "UPDATE turns SET sealed = ?4 WHERE business_id = ?1 AND conversation_id = ?2 AND turn = ?3",
                [SQLValue(business), SQLValue(id), .integer(number), .blob(resealed)])
        }
    }

    private func answer(_ scope: [UInt8], _ sealed: [UInt8]) -> SealedRow {
        SealedRow(keyIDs: Set([Sealer.keyID(of: sealed) ?? "none"])) { [sealer] in
            let resealed = try sealer.seal(try sealer.open(sealed, salt: [], place: scope), salt: [], place: scope)
            return SQLStatement("UPDATE idempotency SET sealed_body = ?2 WHERE scope = ?1", [.blob(scope), .blob(resealed)])
        }
    }
}
