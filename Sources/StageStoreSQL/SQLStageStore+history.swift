public import StageModel
public import StageStore

extension SQLStageStore {
    public func history(of key: ConversationKey, before: HistoryPosition?, limit: Int, kept: Int) async throws(StoreError) -> [Transition] {
        if let hot = try await hotHistory(of: key, kept) {
            let page = hot.transitions.drop { transition in
                before.map { (transition.version, transition.sequence) >= ($0.version, $0.sequence) } ?? false
            }.prefix(limit)
            if page.count == limit || hot.isComplete { return Array(page) }
        }
        return try await storing {
            try await self.database.readOnce { try Self.transitions(of: key, before: before, limit: limit, $0) }
        }
    }

    /// The newest transitions from a cache, read into it if need be; nil when there is no cache, or no conversation.
    private func hotHistory(of key: ConversationKey, _ limit: Int) async throws(StoreError) -> RecentHistory? {
        switch copies {
        case .memory(let cache):
            guard let state = try await state(of: key, fresh: false) else { return nil }
            if let history = cache.history(of: key), history.version == state.version, history.limit == limit { return history }
            let generation = cache.generation(of: key)
            let history = try await storedHistory(of: key, limit)
            if let history { cache.fill(history, of: key, since: generation) }
            return history
        case .shared(let cache):
            switch await cache.history(of: key) {
            case .hit(let history) where history.version >= seenVersions.value(for: key) ?? 0: return history
            case .miss(let ticket):
                // It counts beside the state that it ends at.
                guard try await state(of: key, fresh: false) != nil else { return nil }
                let history = try await storedHistory(of: key, limit)
                if let history { await cache.fill(history, of: key, ticket) }
                return history
            case .hit, .unavailable: return nil
            }
        case .none: return nil
        }
    }

    private func storedHistory(of key: ConversationKey, _ limit: Int) async throws(StoreError) -> RecentHistory? {
        let (version, transitions) = try await storing {
            // Of one moment: the last commits may have recorded no transition.
            try await self.database.read { connection in
                let version = try connection.row(
                    "SELECT version FROM conversations WHERE business_id = ?1 AND conversation_id = ?2",
                    [
                        SQLValue(key.business), SQLValue(key.conversation),
                    ]
                ) { $0.integer(0) }
                return (version, try Self.transitions(of: key, before: nil, limit: limit, connection))
            }
        }
        return version.map { RecentHistory(version: $0, transitions: transitions, isComplete: transitions.count < limit, limit: limit) }
    }

    private static func transitions(
        of key: ConversationKey, before: HistoryPosition?, limit: Int, _ connection: any SQLConnection
    ) throws -> [Transition] {
        try connection.rows(
            """
            SELECT transition_id, version, seq, from_stage_id, to_stage_id, cause, actor, flow_revision, trace, at, rule_id FROM transitions
            WHERE business_id = ?1 AND conversation_id = ?2 AND (version < ?3 OR version = ?3 AND seq < ?4)
            ORDER BY version DESC, seq DESC LIMIT ?5
            """,
            [
                SQLValue(key.business), SQLValue(key.conversation), .integer(before?.version ?? .max), SQLValue(before?.sequence ?? .max),
                SQLValue(limit),
            ]
        ) { row throws(SQLError) in
            Transition(
                id: try row.identifier(0), version: row.integer(1), sequence: Int(row.integer(2)), from: try row.optionalIdentifier(3),
                to: try row.optionalIdentifier(4), cause: try row.choice(5), rule: try row.optionalIdentifier(10), actor: row.text(6),
                flowRevision: row.integer(7), trace: try row.json(8).object ?? [:], at: row.timestamp(9), secondsInStage: nil)
        }
    }

    public func conversations(_ query: ConversationQuery) async throws(StoreError) -> [ConversationState] {
        var clause = "WHERE business_id = ?1"
        var values = [SQLValue(query.business)]
        let isAlive: String
        if query.stage != nil || query.status != nil {
            values.append(.timestamp(query.now))
            isAlive = "(expires_at IS NULL OR expires_at > ?2)"
        } else {
            isAlive = "TRUE"
        }
        func restrict(_ condition: (Int) -> String, _ value: SQLValue) {
            values.append(value)
            clause += " AND \(condition(values.count))"
        }
        if let stage = query.stage { restrict({ "current_stage_id = ?\($0) AND \(isAlive)" }, SQLValue(stage)) }
        if let agent = query.agent { restrict({ "agent_id = ?\($0)" }, SQLValue(agent)) }
        if let status = query.status { restrict({ "CASE WHEN \(isAlive) THEN status ELSE 'active' END = ?\($0)" }, .text(status.rawValue)) }
        if let prefix = query.prefix {
            restrict({ "conversation_id >= ?\($0)" }, .text(prefix))
            // '~' stands behind every character that an id may have.
            restrict({ "conversation_id < ?\($0)" }, .text(prefix + "~"))
        }
        if let after = query.after {
            values += [.timestamp(after.updatedAt), SQLValue(after.conversation)]
            clause += " AND (updated_at, conversation_id) < (?\(values.count - 1), ?\(values.count))"
            values.append(.integer(after.updatedAt.minute))
            clause += " AND updated_minute <= ?\(values.count)"
        }
        values.append(SQLValue(query.limit))
        clause += " ORDER BY updated_minute DESC, updated_at DESC, conversation_id DESC LIMIT ?\(values.count)"
        let (text, bound) = (clause, values)
        return try await storing { try await self.database.readOnce { try self.table.conversations(text, bound, $0) } }
    }

    public func due(at now: Timestamp, limit: Int) async throws(StoreError) -> [ConversationKey] {
        let clauses = [
            "expiry_minute <= ?1 AND expires_at <= ?2 ORDER BY expiry_minute, expires_at",
            "timeout_minute <= ?1 AND timeout_at <= ?2 AND status = 'active' ORDER BY timeout_minute, timeout_at",
        ]
        return try await storing {
            try await self.database.read { connection in
                let keys = try clauses.flatMap { clause in
                    try connection.rows(
                        "SELECT business_id, conversation_id FROM conversations WHERE \(clause) LIMIT ?3",
                        [.integer(now.minute), .timestamp(now), SQLValue(limit)]
                    ) { row throws(SQLError) in
                        guard let id = ConversationID(row.text(1)) else { throw .unreadable("a conversation id") }
                        return ConversationKey(business: try row.identifier(0), conversation: id)
                    }
                }
                var seen: Set<ConversationKey> = []
                return Array(keys.filter { seen.insert($0).inserted }.prefix(limit))
            }
        }
    }

    public func erase(
        _ key: ConversationKey, audit: AuditEntry, answer: IdempotentAnswer?, at now: Timestamp
    ) async throws(StoreError) -> Bool {
        let erased = try await storing {
            try await self.database.write { connection in
                guard let state = try self.table.conversation(key, connection) else { return nil as Int64? }
                try self.erase(state, at: now, connection)
                try self.write(audit, connection)
                if let answer { try self.write(answer, connection) }
                return state.version
            }
        }
        switch copies {
        case .memory(let cache): cache.drop(key)
        case .shared(let cache): if let erased { await cache.erased(key, atVersion: erased) }
        case .none: break
        }
        dropStatistics()
        return erased != nil
    }

    private func erase(_ state: ConversationState, at now: Timestamp, _ connection: any SQLConnection) throws {
        let key = state.key
        let conversation = [SQLValue(key.business), SQLValue(key.conversation)]
        // Events that are not folded yet lose the name alone, so that the stages' numbers stay right.
        let events = "position IN (SELECT event_position FROM transitions WHERE business_id = ?1 AND conversation_id = ?2)"
        let folded = "(SELECT coalesce(max(position), 0) FROM followers WHERE name = ?3)"
        let follower = [SQLValue.text(FoldProgress.name)]
        try connection.run("DELETE FROM events WHERE \(events) AND position <= \(folded)", conversation + follower)
        try connection.run("UPDATE events SET conversation_id = NULL WHERE \(events) AND position > \(folded)", conversation + follower)
        try connection.run(
            "UPDATE audit_log SET subject = 'a conversation' WHERE business_id = ?1 AND subject = ?2 AND action = 'conversation.reveal'",
            conversation)
        try connection.run("DELETE FROM idempotency WHERE business_id = ?1 AND conversation_id = ?2", conversation)
        try connection.run("DELETE FROM conversations WHERE business_id = ?1 AND conversation_id = ?2", conversation)
        try connection.run(
            """
            INSERT INTO erased_conversations (business_id, pseudonym, version, erased_at) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (business_id, pseudonym) DO UPDATE SET version = excluded.version, erased_at = excluded.erased_at
            """, [SQLValue(key.business), .blob(table.pseudonym(of: key)), .integer(state.version), .timestamp(now)])
        // So that the stage's numbers know that somebody left, and caches forget who it was; to nobody else does it say that.
        let departure = state.stageID.map { stage in
            Transition(
                id: Transition.ID(), version: state.version, sequence: 0, from: stage, to: nil, cause: .api, actor: "", flowRevision: 0,
                trace: [:], at: now, secondsInStage: state.enteredAt.map { now.seconds(since: $0) })
        }
        let body = EventBody(
            transitions: departure.map { [$0] } ?? [], agent: state.agentID,
            erased: EventBody.Erasure(pseudonym: table.pseudonym(of: key), version: state.version))
        try connection.run(
            "INSERT INTO events (business_id, version, body, at) VALUES (?1, 0, ?2, ?3)",
            [SQLValue(key.business), SQLValue(json: body), .timestamp(now)])
    }
}
