import Sealing
public import StageModel
public import StageStore

extension SQLStageStore: ConfigurationStore {
    public func flow(of business: Business.ID) async throws(StoreError) -> Flow? {
        let flow = try await storing { try await self.database.read { try self.flow(of: business, $0) } }
        if let flow { keepSensitive(flow) }
        return flow
    }

    /// What one flow knows to be sensitive, unless a newer one is known.
    private func keepSensitive(_ flow: Flow) {
        sensitive.update(flow.business.id) { known in
            if (known?.revision ?? -1) < flow.revision { known = KnownSensitive(flow) }
        }
    }

    func flow(of id: Business.ID, _ connection: any SQLConnection) throws -> Flow? {
        guard let business = try Self.businesses("WHERE business_id = ?1", [SQLValue(id)], connection).first else { return nil }
        return Flow(
            business: business, agents: try Agent.all(of: id, connection), templates: try Template.all(of: id, connection),
            stages: try Stage.all(of: id, connection), rules: try TransitionRule.all(of: id, connection),
            states: try stageStates(of: id, connection))
    }

    private static func businesses(_ clause: String, _ values: [SQLValue], _ connection: any SQLConnection) throws -> [Business] {
        let columns = "business_id, business_name, flow_revision, created_at, updated_at"
        return try connection.rows("SELECT \(columns) FROM businesses \(clause)", values) { row throws(SQLError) in
            Business(
                id: try row.identifier(0), name: row.text(1), flowRevision: row.integer(2), createdAt: row.timestamp(3),
                updatedAt: row.timestamp(4))
        }
    }

    // MARK: - Businesses

    public func businesses(after: Business.ID?, limit: Int) async throws(StoreError) -> [Business] {
        try await storing {
            try await self.database.read { connection in
                try Self.businesses(
                    "WHERE business_id > ?1 ORDER BY business_id LIMIT ?2", [after.map { SQLValue($0) } ?? .leastID, SQLValue(limit)], connection)
            }
        }
    }

    public func createBusiness(_ business: Business, key: APIKey, audit: AuditEntry, answer: IdempotentAnswer?) async throws(StoreError) {
        try await storing {
            try await self.database.write { connection in
                try connection.run(
                    """
                    INSERT INTO businesses (business_id, business_name, flow_revision, key_salt, created_at, updated_at)
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                    """,
                    [
                        SQLValue(business.id), .text(business.name), .integer(business.flowRevision), .blob(randomBytes(32)),
                        .timestamp(business.createdAt), .timestamp(business.updatedAt),
                    ])
                try self.insert(key, connection)
                try self.write(audit, connection)
                if let answer { try self.write(answer, connection) }
            }
        }
    }

    public func renameBusiness(
        _ id: Business.ID, to name: String, at now: Timestamp, audit: AuditEntry,
        answer: @escaping @Sendable (Business) -> IdempotentAnswer?
    ) async throws(StoreError) -> Business? {
        try await storing {
            try await self.database.write { connection in
                let changed = try connection.run(
                    "UPDATE businesses SET business_name = ?2, flow_revision = flow_revision + 1, updated_at = ?3 WHERE business_id = ?1",
                    [SQLValue(id), .text(name), .timestamp(now)])
                guard changed == 1 else { return nil }
                try self.write(audit, connection)
                try Self.announce("flow", of: id, at: now, connection)
                let renamed = try Self.businesses("WHERE business_id = ?1", [SQLValue(id)], connection).first
                if let answer = renamed.flatMap(answer) { try self.write(answer, connection) }
                return renamed
            }
        }
    }

    public func deleteBusiness(_ id: Business.ID, at now: Timestamp, answer: IdempotentAnswer?) async throws(StoreError) -> Bool {
        let deleted = try await storing {
            try await self.database.write { connection in
                let business = [SQLValue(id)]
                try connection.run("DELETE FROM conversations WHERE business_id = ?1", business)
                try connection.run("DELETE FROM transition_rules WHERE business_id = ?1", business)
                try connection.run("DELETE FROM stages WHERE business_id = ?1", business)
                let deleted = try connection.run("DELETE FROM businesses WHERE business_id = ?1", business) == 1
                try connection.run("DELETE FROM events WHERE business_id = ?1", business)
                try connection.run("DELETE FROM audit_log WHERE business_id = ?1", business)
                if deleted {
                    try Self.announce("deleted", of: id, at: now, connection)
                    if let answer { try self.write(answer, connection) }
                }
                return deleted
            }
        }
        forget(id)
        return deleted
    }

    static func announce(_ kind: String, of business: Business.ID, at now: Timestamp, _ connection: any SQLConnection) throws {
        try connection.run(
            "INSERT INTO changes (business_id, kind, at) VALUES (?1, ?2, ?3)", [SQLValue(business), .text(kind), .timestamp(now)])
        try connection.announceChange()
    }

    // MARK: - Changing the flow

    public func commit(_ commit: ConfigurationCommit) async throws(StoreError) -> Flow {
        let business = commit.base.business.id
        let moved = try await storing {
            try await self.database.write { connection -> (flow: Flow, conversations: [ConversationKey]) in
                let raised = try connection.run(
                    "UPDATE businesses SET flow_revision = flow_revision + 1 WHERE business_id = ?1 AND flow_revision = ?2",
                    [SQLValue(business), .integer(commit.base.revision)])
                guard raised == 1 else { throw StoreError.flowChanged }
                var moved: [ConversationKey] = []
                for change in commit.changes { moved += try self.apply(change, of: commit, connection) }
                for audit in commit.audit { try self.write(audit, connection) }
                if let answer = commit.answer { try self.write(answer, connection) }
                try Self.announce("flow", of: business, at: commit.at, connection)
                guard let flow = try self.flow(of: business, connection) else { throw StoreError.unknownBusiness }
                self.keepSensitive(flow)
                moved += try self.resealing(commit.base, by: flow, connection)
                return (flow, moved)
            }
        }
        await refresh(moved.conversations)
        if !moved.flow.sensitive.names.isSubset(of: commit.base.sensitive.names) { try await storing { try await self.database.scrub() } }
        return moved.flow
    }

    /// - Returns: the conversations that were moved by it.
    private func apply(
        _ change: ConfigurationCommit.Change, of commit: ConfigurationCommit, _ connection: any SQLConnection
    ) throws -> [ConversationKey] {
        let business = commit.base.business.id
        switch change {
        case .saveAgent(let agent): try save(agent, of: commit, connection)
        case .saveTemplate(let template): try save(template, of: commit, connection)
        case .saveStage(let stage): try save(stage, of: commit, connection)
        case .saveRule(let rule): try save(rule, of: commit, connection)
        case .saveState(let state, let stage):
            try write(state, of: stage, in: business, sensitive: commit.base.sensitive, at: commit.at, connection)
            // What operators keep with the stage is no part of the flow.
            try keep("stage_state", stage.description, state.version, body: ["status": .string(state.status.rawValue)], of: commit, connection)
        case .deleteAgent(let id): try delete(commit.base.agents[id], of: commit, connection)
        case .deleteTemplate(let id): try delete(commit.base.templates[id], of: commit, connection)
        case .deleteRule(let id): try delete(commit.base.rules[id], of: commit, connection)
        case .deleteStage(let id, let target):
            // Those that are there now: the changes before this one may have deleted some, or have led them away from another stage.
            for rule in try TransitionRule.all(of: business, connection) where rule.fromStageID == id { try delete(rule, of: commit, connection) }
            let moved = try vacate(id, movingTo: target, of: commit, connection)
            try delete(commit.base.stages[id], of: commit, connection)
            return moved
        }
        return []
    }

    private func save<Body: DefinitionRow>(_ saved: Saved<Body>, of commit: ConfigurationCommit, _ connection: any SQLConnection) throws {
        try Body.save(saved, connection)
        try keep(Body.kind.rawValue, saved.id.description, saved.revision, body: try saved.body.json, of: commit, connection)
    }

    private func delete<Body: DefinitionRow>(_ saved: Saved<Body>?, of commit: ConfigurationCommit, _ connection: any SQLConnection) throws {
        guard let saved else { return }
        try Body.delete(saved.id, of: saved.businessID, connection)
        try keep(Body.kind.rawValue, saved.id.description, saved.revision + 1, body: nil, of: commit, connection)
    }

    private func keep(
        _ kind: String, _ id: String, _ revision: Int64, body: JSONValue?, of commit: ConfigurationCommit, _ connection: any SQLConnection
    ) throws {
        try connection.run(
            """
            INSERT INTO revisions (business_id, kind, id, revision, body, author, flow_revision, at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            """,
            [
                SQLValue(commit.base.business.id), .text(kind), .text(id), .integer(revision), SQLValue(body?.jsonText),
                .text(commit.actor), .integer(commit.base.revision + 1), .timestamp(commit.at),
            ])
    }

    // MARK: - Conversations that a change concerns

    /// Moves every conversation away that is at a stage. Without a target only those go whose time has run out; others that are there keep
    /// the stage from being deleted.
    private func vacate(
        _ stage: Stage.ID, movingTo target: Stage.ID?, of commit: ConfigurationCommit, _ connection: any SQLConnection
    ) throws -> [ConversationKey] {
        let context = ChangeContext(flow: commit.base, actor: commit.actor, now: commit.at)
        let here = try table.conversations(
            "WHERE business_id = ?1 AND current_stage_id = ?2 AND (?3 OR expires_at <= ?4)",
            [SQLValue(commit.base.business.id), SQLValue(stage), .boolean(target != nil), .timestamp(commit.at)], connection)
        for state in here {
            let command = target.map { ConversationCommand.evacuate(from: stage, to: $0) } ?? .elapse
            guard let change = try state.applying(command, in: context) else { continue }
            let written = ConversationCommit(change: change, sensitive: commit.base.sensitive)
            try connection.run(try statements(of: [(Base(state: state, isStored: true), written)], connection))
        }
        return here.map(\.key)
    }

    /// Writes the data of conversations again in which a name has become sensitive, so that it lies sealed from now on.
    private func resealing(_ base: Flow, by flow: Flow, _ connection: any SQLConnection) throws -> [ConversationKey] {
        var touched: [ConversationKey] = []
        for name in flow.sensitive.names.subtracting(base.sensitive.names).sorted() {
            let holders = try table.conversations(
                "WHERE business_id = ?1 AND CAST(data AS TEXT) LIKE ?2", [SQLValue(flow.business.id), .text("%\(name.jsonText)%")], connection)
            for state in holders {
                let row = try ConversationRow(state, sensitive: flow.sensitive, sealer, salt: { try table.salt(of: flow.business.id, connection) })
                try connection.run(
                    "UPDATE conversations SET data = ?3, sealed_data = ?4 WHERE business_id = ?1 AND conversation_id = ?2",
                    [SQLValue(state.key.business), SQLValue(state.key.conversation), SQLValue(json: row.data), SQLValue(row.sealedData?.jsonText)])
            }
            touched += holders.map(\.key)
        }
        if !flow.sensitive.names.isSubset(of: base.sensitive.names) {
            for (stage, state) in try stageStates(of: flow.business.id, connection) where !state.data.isEmpty {
                let at = state.updatedAt ?? flow.business.updatedAt
                try write(state, of: stage, in: flow.business.id, sensitive: flow.sensitive, at: at, connection)
            }
        }
        return touched
    }

    // MARK: - What was

    public func revisions(
        of kind: DefinitionKind, id: String, in business: Business.ID, before: Int64?, limit: Int
    ) async throws(StoreError) -> [Revision] {
        try await storing {
            try await self.database.read { connection in
                try connection.rows(
                    """
                    SELECT revision, body, author, at, flow_revision FROM revisions
                    WHERE business_id = ?1 AND kind = ?2 AND id = ?3 AND revision < ?4 ORDER BY revision DESC LIMIT ?5
                    """, [SQLValue(business), .text(kind.rawValue), .text(id), .integer(before ?? .max), SQLValue(limit)]
                ) { row throws(SQLError) in
                    Revision(
                        revision: row.integer(0), body: row.isNull(1) ? nil : try row.json(1), author: row.text(2), at: row.timestamp(3),
                        flowRevision: row.integer(4))
                }
            }
        }
    }

    public func auditLog(of business: Business.ID, before: Int64?, limit: Int) async throws(StoreError) -> [AuditRecord] {
        try await storing {
            try await self.database.read { connection in
                try connection.rows(
                    """
                    SELECT position, actor, action, subject, at FROM audit_log WHERE business_id = ?1 AND position < ?2
                    ORDER BY position DESC LIMIT ?3
                    """, [SQLValue(business), .integer(before ?? .max), SQLValue(limit)]
                ) { row throws(SQLError) in
                    AuditRecord(
                        position: row.integer(0),
                        entry: AuditEntry(business: business, actor: row.text(1), action: row.text(2), subject: row.text(3), at: row.timestamp(4)))
                }
            }
        }
    }

    public func record(_ entry: AuditEntry) async throws(StoreError) {
        try await storing { try await self.database.write { try self.write(entry, $0) } }
    }
}
