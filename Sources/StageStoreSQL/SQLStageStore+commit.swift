import Sealing
import StageModel
import StageStore

extension SQLStageStore {
    /// Writes one change of a conversation with all that belongs to it.
    /// - Returns: false, with nothing written, when the conversation is not any more as the change was decided on.
    func write(_ commit: ConversationCommit, on base: ConversationCache.Base, _ connection: any SQLConnection) throws -> Bool {
        guard let change = commit.change else {
            guard try isCurrent(base, connection) else { return false }
            if let answer = commit.answer { try write(answer, connection) }
            return true
        }
        let state = change.state
        let names = sensitive.value(for: state.key.business).map { $0.names.union(commit.sensitive.names) } ?? commit.sensitive.names
        let row = try ConversationRow(state, sensitive: SensitiveNames(names), sealer, salt: { try self.salt(of: state.key.business, connection) })
        let written =
            base.isStored
            ? try connection.run(ConversationRow.replacement(of: base.state, by: state), row.values + [.integer(base.state.version)])
            : try begins(base.state, connection) ? connection.run(ConversationRow.insertion, row.values) : 0
        guard written == 1 else { return false }
        try record(change.transitions, of: state, connection)
        if let answer = commit.answer { try write(answer, connection) }
        if let audit = commit.audit { try write(audit, connection) }
        return true
    }

    /// Whether a conversation is still as something was decided on.
    private func isCurrent(_ base: ConversationCache.Base, _ connection: any SQLConnection) throws -> Bool {
        let version = try connection.row(
            "SELECT version FROM conversations WHERE business_id = ?1 AND conversation_id = ?2",
            [SQLValue(base.state.key.business), SQLValue(base.state.key.conversation)]
        ) { $0.integer(0) }
        return version == base.state.version
    }

    /// Whether a conversation that has no row would still begin at the version that it was decided to begin at.
    private func begins(_ state: ConversationState, _ connection: any SQLConnection) throws -> Bool {
        try erasedVersion(of: state.key, connection) ?? 0 == state.version
    }

    private func record(_ transitions: [Transition], of state: ConversationState, _ connection: any SQLConnection) throws {
        let business = SQLValue(state.key.business)
        let conversation = SQLValue(state.key.conversation)
        let position = try connection.insertCounted(
            "INSERT INTO events (business_id, conversation_id, version, body, at) VALUES (?1, ?2, ?3, ?4, ?5)",
            [
                business, conversation, .integer(state.version),
                SQLValue(json: EventBody(transitions: transitions, agent: state.agentID)), .timestamp(state.updatedAt),
            ])
        for transition in transitions {
            try connection.run(
                """
                INSERT INTO transitions (business_id, conversation_id, version, seq, transition_id, from_stage_id, to_stage_id, cause,
                    actor, flow_revision, trace, at, event_position, rule_id)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
                """,
                [
                    business, conversation, .integer(transition.version), SQLValue(transition.sequence), SQLValue(transition.id),
                    SQLValue(transition.from), SQLValue(transition.to), .text(transition.cause.rawValue), .text(transition.actor),
                    .integer(transition.flowRevision), SQLValue(json: transition.trace), .timestamp(transition.at), .integer(position),
                    SQLValue(transition.rule),
                ])
        }
    }

    func write(_ audit: AuditEntry, _ connection: any SQLConnection) throws {
        try connection.run(
            "INSERT INTO audit_log (business_id, actor, action, subject, at) VALUES (?1, ?2, ?3, ?4, ?5)",
            [SQLValue(audit.business), .text(audit.actor), .text(audit.action), .text(audit.subject), .timestamp(audit.at)])
    }

    /// Keeps the answer to a request, sealed.
    /// - Throws: `.alreadyAnswered` when the request was answered in the meantime.
    func write(_ answer: IdempotentAnswer, _ connection: any SQLConnection) throws {
        let sealed = try sealer.seal(answer.body, salt: [], place: answer.scope.digest)
        let headers = JSONValue.object(answer.headers.mapValues(JSONValue.string))
        let written = try connection.run(
            """
            INSERT INTO idempotency (scope, business_id, conversation_id, fingerprint, status, headers, sealed_body, at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            ON CONFLICT (scope) DO UPDATE SET business_id = excluded.business_id, conversation_id = excluded.conversation_id,
                fingerprint = excluded.fingerprint, status = excluded.status, headers = excluded.headers,
                sealed_body = excluded.sealed_body, at = excluded.at
            WHERE idempotency.at <= ?9
            """,
            [
                .blob(answer.scope.digest), SQLValue(answer.business), SQLValue(answer.conversation?.description), .blob(answer.fingerprint),
                SQLValue(answer.status), SQLValue(json: headers), .blob(sealed), .timestamp(answer.at),
                .timestamp(answer.at.adding(seconds: -Timestamp.secondsPerDay)),
            ])
        guard written == 1 else { throw StoreError.alreadyAnswered }
    }
}

/// The body of an event: the transitions of one commit, without their traces.
struct EventBody: JSONEncodable {
    let transitions: [Transition]
    /// The agent that the conversation is held with.
    let agent: Agent.ID?

    init(transitions: [Transition], agent: Agent.ID?) {
        self.transitions = transitions
        self.agent = agent
    }

    init(json: JSONValue) throws {
        agent = try json.optional("agent_id") { $0.identifier() }
        transitions = try (json["transitions"]?.array ?? []).map { item in
            Transition(
                id: try item.member("transition_id") { $0.identifier() }, version: try item.member("version", \.integer),
                sequence: try item.member("seq", \.int), from: try item.optional("from_stage_id") { $0.identifier() },
                to: try item.optional("to_stage_id") { $0.identifier() },
                cause: try item.member("cause") { $0.string.flatMap(Transition.Cause.init) },
                rule: try item.optional("rule_id") { $0.identifier() }, actor: try item.member("actor", \.string),
                flowRevision: try item.member("flow_revision", \.integer), trace: [:], at: try item.member("at", \.timestamp),
                secondsInStage: try item.optional("seconds_in_stage", \.double))
        }
    }

    func encode(into json: inout JSONWriter) {
        json.object { json in
            if let agent { json.field("agent_id", agent) }
            json.name("transitions")
            json.array { json in
                for transition in transitions {
                    json.object { json in
                        json.field("transition_id", transition.id)
                        json.field("version", transition.version)
                        json.field("seq", transition.sequence)
                        json.field("from_stage_id", transition.from)
                        json.field("to_stage_id", transition.to)
                        json.field("cause", transition.cause.rawValue)
                        if let rule = transition.rule { json.field("rule_id", rule) }
                        json.field("actor", transition.actor)
                        json.field("flow_revision", transition.flowRevision)
                        json.field("at", transition.at)
                        json.field("seconds_in_stage", transition.secondsInStage)
                    }
                }
            }
        }
    }
}
