public import StageModel
public import StageStore

extension SQLStageStore {
    public func createSession(_ session: Session, hash: [UInt8], audit: AuditEntry) async throws(StoreError) {
        try await storing {
            try await self.database.write { connection in
                try connection.run(
                    """
                    INSERT INTO sessions (session_id, hash, business_id, key_id, created_at, expires_at, used_at, user_agent)
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                    """,
                    [
                        SQLValue(session.id), .blob(hash), SQLValue(session.business), SQLValue(session.key.id), .timestamp(session.createdAt),
                        .timestamp(session.expiresAt), .timestamp(session.usedAt), .text(session.userAgent),
                    ])
                try self.write(audit, connection)
            }
        }
    }

    public func session(hash: [UInt8]) async throws(StoreError) -> Session? {
        try await storing { try await self.database.read { try Self.sessions("WHERE sessions.hash = ?1", [.blob(hash)], $0).first } }
    }

    public func sessions(
        of business: Business.ID, at now: Timestamp, before: SessionPosition?, limit: Int
    ) async throws(StoreError) -> [Session] {
        let moment = before?.createdAt ?? Timestamp(microseconds: .max)
        let id = before?.id.description ?? "ffffffff-ffff-ffff-ffff-ffffffffffff"
        return try await storing {
            try await self.database.read { connection in
                try Self.sessions(
                    """
                    WHERE sessions.business_id = ?1 AND sessions.expires_at > ?2
                        AND api_keys.revoked_at IS NULL AND (api_keys.expires_at IS NULL OR api_keys.expires_at > ?2)
                        AND (sessions.created_at, sessions.session_id) < (?3, ?4)
                    ORDER BY sessions.created_at DESC, sessions.session_id DESC LIMIT ?5
                    """, [SQLValue(business), .timestamp(now), .timestamp(moment), .text(id), SQLValue(limit)], connection)
            }
        }
    }

    private static func sessions(_ clause: String, _ values: [SQLValue], _ connection: any SQLConnection) throws -> [Session] {
        try connection.rows(
            """
            SELECT \(joinedKeyColumns), sessions.session_id, sessions.created_at, sessions.expires_at, sessions.used_at, sessions.user_agent
            FROM sessions JOIN api_keys ON api_keys.key_id = sessions.key_id \(clause)
            """, values
        ) { row throws(SQLError) in
            Session(
                id: try row.identifier(9), key: try key(row), createdAt: row.timestamp(10), expiresAt: row.timestamp(11),
                usedAt: row.timestamp(12), userAgent: row.text(13))
        }
    }

    public func extendSession(_ id: Session.ID, usedAt: Timestamp, expiresAt: Timestamp) async throws(StoreError) {
        _ = try await storing {
            try await self.database.write { connection in
                try connection.run(
                    "UPDATE sessions SET used_at = ?2, expires_at = ?3 WHERE session_id = ?1 AND used_at <= ?4",
                    [
                        SQLValue(id), .timestamp(usedAt), .timestamp(expiresAt),
                        .timestamp(usedAt.adding(seconds: -Session.secondsBetweenExtensions)),
                    ])
            }
        }
    }

    public func revokeSession(
        _ id: Session.ID, of business: Business.ID, at now: Timestamp, audit: AuditEntry, answer: IdempotentAnswer?
    ) async throws(StoreError) -> Bool {
        try await storing {
            try await self.database.write { connection in
                let removed = try connection.run(
                    "DELETE FROM sessions WHERE session_id = ?1 AND business_id = ?2", [SQLValue(id), SQLValue(business)])
                guard removed == 1 else { return false }
                try self.write(audit, connection)
                if let answer { try self.write(answer, connection) }
                try Self.announce("keys", of: business, at: now, connection)
                return true
            }
        }
    }

    public func createSignInLink(_ link: SignInLink, audit: AuditEntry) async throws(StoreError) {
        try await storing {
            try await self.database.write { connection in
                try connection.run(
                    "INSERT INTO sign_in_links (hash, business_id, key_id, expires_at) VALUES (?1, ?2, ?3, ?4)",
                    [.blob(link.hash), SQLValue(link.business), SQLValue(link.key), .timestamp(link.expiresAt)])
                try self.write(audit, connection)
            }
        }
    }

    public func takeSignInLink(hash: [UInt8], at now: Timestamp) async throws(StoreError) -> APIKey? {
        try await storing {
            try await self.database.write { connection in
                let key = try Self.keys(
                    "WHERE key_id = (SELECT key_id FROM sign_in_links WHERE hash = ?1 AND expires_at > ?2)", [.blob(hash), .timestamp(now)],
                    connection
                ).first
                // Of two who take it at once, one removes the row.
                return try connection.run("DELETE FROM sign_in_links WHERE hash = ?1", [.blob(hash)]) == 1 ? key : nil
            }
        }
    }

    /// Removes sessions and links that are past their time.
    func removeExpiredSessions(at now: Timestamp, _ connection: any SQLConnection) throws {
        try connection.run("DELETE FROM sessions WHERE expires_at <= ?1", [.timestamp(now)])
        try connection.run("DELETE FROM sign_in_links WHERE expires_at <= ?1", [.timestamp(now)])
    }
}
