import Sealing
public import StageModel
public import StageStore

extension SQLStageStore: AccessStore {
    private static let columns = "key_id, business_id, key_name, prefix, hash, role, created_at, expires_at, revoked_at"

    /// The columns of a key where other tables are read with it, for `key`.
    static let joinedKeyColumns = columns.split(separator: ", ").map { "api_keys.\($0)" }.joined(separator: ", ")

    public func key(prefix: String) async throws(StoreError) -> APIKey? {
        try await storing { try await self.database.read { try Self.keys("WHERE prefix = ?1", [.text(prefix)], $0).first } }
    }

    public func keys(of business: Business.ID) async throws(StoreError) -> [APIKey] {
        try await storing {
            try await self.database.read { try Self.keys("WHERE business_id = ?1 ORDER BY created_at, key_id", [SQLValue(business)], $0) }
        }
    }

    static func keys(_ clause: String, _ values: [SQLValue], _ connection: any SQLConnection) throws -> [APIKey] {
        try connection.rows("SELECT \(columns) FROM api_keys \(clause)", values) { row throws(SQLError) in try key(row) }
    }

    /// The key in the first columns of a row.
    static func key(_ row: any SQLRow) throws(SQLError) -> APIKey {
        APIKey(
            id: try row.identifier(0), business: try row.identifier(1), name: row.text(2), prefix: row.text(3), hash: row.blob(4),
            role: try row.choice(5), createdAt: row.timestamp(6), expiresAt: row.optionalTimestamp(7), revokedAt: row.optionalTimestamp(8))
    }

    public func createKey(_ key: APIKey, audit: AuditEntry, answer: IdempotentAnswer?) async throws(StoreError) {
        try await storing {
            try await self.database.write { connection in
                try self.insert(key, connection)
                try self.write(audit, connection)
                if let answer { try self.write(answer, connection) }
                try Self.announce("keys", of: key.business, at: key.createdAt, connection)
            }
        }
    }

    func insert(_ key: APIKey, _ connection: any SQLConnection) throws {
        try connection.run(
            "INSERT INTO api_keys (\(Self.columns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            [
                SQLValue(key.id), SQLValue(key.business), .text(key.name), .text(key.prefix), .blob(key.hash), .text(key.role.rawValue),
                .timestamp(key.createdAt), SQLValue(key.expiresAt), SQLValue(key.revokedAt),
            ])
    }

    public func revokeKey(
        _ id: APIKey.ID, of business: Business.ID, at now: Timestamp, audit: AuditEntry, answer: IdempotentAnswer?
    ) async throws(StoreError) -> APIKey? {
        try await storing {
            try await self.database.write { connection in
                let found = try Self.keys("WHERE key_id = ?1 AND business_id = ?2", [SQLValue(id), SQLValue(business)], connection).first
                guard let found else { return nil }
                if let answer { try self.write(answer, connection) }
                guard found.revokedAt == nil else { return found }
                try connection.run("UPDATE api_keys SET revoked_at = ?2 WHERE key_id = ?1", [SQLValue(id), .timestamp(now)])
                try self.write(audit, connection)
                try Self.announce("keys", of: business, at: now, connection)
                return try Self.keys("WHERE key_id = ?1", [SQLValue(id)], connection).first
            }
        }
    }

    public func answer(to request: IdempotencyScope, at now: Timestamp) async throws(StoreError) -> IdempotentAnswer? {
        try await storing {
            let row = try await self.database.read { connection in
                try connection.row(
                    """
                    SELECT business_id, conversation_id, fingerprint, status, headers, sealed_body, at FROM idempotency
                    WHERE scope = ?1 AND at > ?2
                    """, [.blob(request.digest), .timestamp(now.adding(seconds: -Timestamp.secondsPerDay))]
                ) { row throws(SQLError) in
                    IdempotentAnswer(
                        scope: request, fingerprint: row.blob(2), business: try row.optionalIdentifier(0),
                        conversation: row.optionalText(1).flatMap { ConversationID($0) }, status: Int(row.integer(3)),
                        headers: (try row.json(4).object ?? [:]).compactMapValues(\.string), body: row.blob(5), at: row.timestamp(6))
                }
            }
            guard let row else { return nil }
            return IdempotentAnswer(
                scope: row.scope, fingerprint: row.fingerprint, business: row.business, conversation: row.conversation, status: row.status,
                headers: row.headers, body: try self.sealer.open(row.body, salt: [], place: request.digest), at: row.at)
        }
    }
}

extension SQLStageStore: ChangeFeed {
    public func changes(after position: Int64?) async throws(StoreError) -> (changes: [StoreChange], position: Int64) {
        try await storing {
            try await self.database.read { connection in
                guard let position else {
                    let end = try connection.row("SELECT coalesce(max(position), 0) FROM changes", []) { $0.integer(0) }
                    return ([], end ?? 0)
                }
                let rows = try connection.rows(
                    "SELECT position, business_id, kind FROM changes WHERE position > ?1 ORDER BY position LIMIT 1000", [.integer(position)]
                ) { row throws(SQLError) -> (Int64, StoreChange) in
                    let business: Business.ID = try row.identifier(1)
                    let change: StoreChange =
                        switch row.text(2) {
                        case "flow": .flow(business)
                        case "keys": .keys(business)
                        default: .deleted(business)
                        }
                    return (row.integer(0), change)
                }
                return (rows.map(\.1), rows.last?.0 ?? position)
            }
        }
    }

    public func whenChanged(_ call: @escaping @Sendable () -> Void) throws(StoreError) {
        do { try database.whenChanged(call) } catch { throw StoreError(error) }
    }

    /// Drops what is kept in memory of a business that was deleted.
    public func forget(_ business: Business.ID) {
        table.salts.set(nil, for: business)
        sensitive.set(nil, for: business)
        switch copies {
        case .memory(let cache): cache.removeAll(of: business)
        case .shared(let cache): cache.forget(business)
        case .none: break
        }
        dropStatistics()
    }
}
