public import Sealing
public import StageModel
public import StageStore

/// A database as caches follow it.
public struct SQLCommitLog: CommitLog {
    let database: any SQLDatabase
    let table: ConversationTable

    /// Seals what caches keep.
    public var sealer: Sealer { table.sealer }

    /// Names what caches keep.
    public var pseudonyms: Pseudonyms { table.pseudonyms }

    public func eventExtent() async throws(StoreError) -> EventExtent {
        try await storing { try await self.database.read { try EventExtent.read($0) } }
    }

    public func commits(after position: Int64, limit: Int) async throws(StoreError) -> CommitPage {
        try await storing {
            try await self.database.read { connection in
                let extent = try EventExtent.read(connection)
                guard position < extent.last else { return CommitPage(commits: [], position: position, extent: extent) }
                let rows = try connection.rows(
                    "SELECT position, business_id, conversation_id, version, body FROM events WHERE position > ?1 ORDER BY position LIMIT ?2",
                    [.integer(position), SQLValue(limit)]
                ) { $0.kept(columns: 5) }
                let isFull = rows.count == limit
                return CommitPage(
                    commits: try rows.compactMap(Self.commit), position: isFull ? rows.last?.integer(0) ?? position : extent.last, extent: extent)
            }
        }
    }

    /// nil: a commit to a conversation that was erased since.
    private static func commit(_ row: any SQLRow) throws -> CommitPage.Commit? {
        if let text = row.optionalText(2) {
            guard let conversation = ConversationID(text) else { throw SQLError.unreadable("a conversation id") }
            return CommitPage.Commit(
                position: row.integer(0), business: try row.identifier(1), subject: .conversation(conversation), version: row.integer(3))
        }
        guard let erased = try EventBody(json: try row.json(4)).erased else { return nil }
        return CommitPage.Commit(
            position: row.integer(0), business: try row.identifier(1), subject: .erased(pseudonym: erased.pseudonym), version: erased.version)
    }

    /// Conversations of all businesses as they are now, in the order of their keys.
    func states(after key: ConversationKey?, limit: Int) async throws(StoreError) -> [ConversationState] {
        let start = [key.map { SQLValue($0.business) } ?? .leastID, .text(key?.conversation.description ?? "")]
        return try await storing {
            try await self.database.read { [table] connection in
                try table.conversations(
                    "WHERE (business_id, conversation_id) > (?1, ?2) ORDER BY business_id, conversation_id LIMIT ?3", start + [SQLValue(limit)],
                    connection)
            }
        }
    }

    public func states(of keys: [ConversationKey]) async throws(StoreError) -> [ConversationState] {
        try await storing { try await self.database.readOnce { [table] in try table.conversations(keys, $0) } }
    }

    public func sealingSalt(of business: Business.ID) async throws(StoreError) -> [UInt8] {
        if let salt = table.salts.value(for: business) { return salt }
        return try await storing { try await self.database.readOnce { [table] in try table.salt(of: business, $0) } }
    }
}

extension SQLStageStore {
    private var log: SQLCommitLog { SQLCommitLog(database: database, table: table) }

    /// Conversations of all businesses as they are stored now, in the order of their keys.
    public func conversations(after key: ConversationKey?, limit: Int) async throws(StoreError) -> [ConversationState] {
        try await log.states(after: key, limit: limit)
    }

    /// Conversations as they are stored now, in any order; those that do not exist are left out.
    public func states(of keys: [ConversationKey]) async throws(StoreError) -> [ConversationState] { try await log.states(of: keys) }
}
