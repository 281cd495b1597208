import Foundation
import Sealing
import StageModel
import StageStore

extension SQLStageStore {
    /// What writes changes of conversations with all that belongs to them, the rows of a table side by side. Those that change the same conversation stand in
    /// the order in which they were decided, each on the state that the one before has led to.
    func statements(of commits: [(base: Base, commit: ConversationCommit)], _ connection: any SQLConnection) throws -> [SQLStatement] {
        let changes = commits.compactMap(\.commit.change)
        var others: [SQLStatement] = []
        for (_, commit) in commits {
            others += try statements(for: commit, connection)
            if let answer = commit.answer { others.append(try statement(for: answer)) }
            if let audit = commit.audit { others.append(Self.statement(for: audit)) }
        }
        let transitions = changes.enumerated().flatMap { index, change in
            change.transitions.map { Self.statement(for: $0, of: change.state, before: changes.count - 1 - index) }
        }
        return try conversationStatements(of: commits, connection) + changes.map(Self.event) + transitions + others
    }

    /// What writes the conversations, each once, as it is in the end.
    private func conversationStatements(
        of commits: [(base: Base, commit: ConversationCommit)], _ connection: any SQLConnection
    ) throws -> [SQLStatement] {
        var written: [ConversationKey: (base: Base, state: ConversationState, sensitive: Set<String>)] = [:]
        for (base, commit) in commits {
            guard let state = commit.change?.state else { continue }
            let earlier = written[state.key]
            written[state.key] = (earlier?.base ?? base, state, commit.sensitive.names.union(earlier?.sensitive ?? []))
        }
        var (insertions, replacements): ([SQLStatement], [SQLStatement]) = ([], [])
        for (key, (base, state, sensitive)) in written {
            let names = try knownSensitive(in: key.business, connection).names.names.union(sensitive)
            let row = try ConversationRow(state, sensitive: SensitiveNames(names), sealer, salt: { try table.salt(of: key.business, connection) })
            if base.isStored { replacements.append(row.replacement(of: base.state)) } else { insertions.append(row.insertion) }
        }
        return insertions + replacements
    }

    /// What is sensitive by the newest configuration that this process knows: a commit that was decided by an older one seals it, too.
    private func knownSensitive(in business: Business.ID, _ connection: any SQLConnection) throws -> KnownSensitive {
        if let known = sensitive.value(for: business) { return known }
        guard let flow = try flow(of: business, connection) else { throw StoreError.unknownBusiness }
        let known = KnownSensitive(flow)
        sensitive.set(known, for: business)
        return known
    }

    /// The event of a commit.
    private static func event(of change: ConversationChange) -> SQLStatement {
        let state = change.state
        return insertEvent([
            SQLValue(state.key.business), SQLValue(state.key.conversation), .integer(state.version),
            SQLValue(json: EventBody(transitions: change.transitions, agent: state.agentID)), .timestamp(state.updatedAt),
        ])
    }

    private static let insertEvent = SQLInsertion(
        into: "events", ["business_id": "uuid", "conversation_id": "text", "version": "bigint", "body": "json", "at": "timestamptz"])

    /// A transition, which carries the position of its commit's event.
    /// - Parameter later: how many events the transaction has written behind that one; there is one writer, so that their positions have no gaps.
    private static func statement(for transition: Transition, of state: ConversationState, before later: Int) -> SQLStatement {
        insertTransition([
            SQLValue(state.key.business), SQLValue(state.key.conversation), .integer(transition.version), SQLValue(transition.sequence),
            SQLValue(transition.id), SQLValue(transition.from), SQLValue(transition.to), .text(transition.cause.rawValue),
            .text(transition.actor), .integer(transition.flowRevision), SQLValue(json: transition.trace), .timestamp(transition.at),
            SQLValue(transition.rule), SQLValue(later),
        ])
    }

    private static let insertTransition = SQLInsertion(
        into: "transitions",
        [
            "business_id": "uuid", "conversation_id": "text", "version": "bigint", "seq": "bigint", "transition_id": "uuid",
            "from_stage_id": "uuid", "to_stage_id": "uuid", "cause": "text", "actor": "text", "flow_revision": "bigint", "trace": "json",
            "at": "timestamptz", "rule_id": "uuid", "event_position": "bigint",
        ], prefixes: ["event_position": "(SELECT max(position) FROM events) - "])

    func write(_ audit: AuditEntry, _ connection: any SQLConnection) throws { try connection.run([Self.statement(for: audit)]) }

    private static func statement(for audit: AuditEntry) -> SQLStatement {
        SQLStatement(
            "INSERT INTO audit_log (business_id, actor, action, subject, at) VALUES (?1, ?2, ?3, ?4, ?5)",
            [SQLValue(audit.business), .text(audit.actor), .text(audit.action), .text(audit.subject), .timestamp(audit.at)])
    }

    /// Keeps the answer to a request, sealed.
    /// - Throws: `.alreadyAnswered` when the request was answered in the meantime.
    func write(_ answer: IdempotentAnswer, _ connection: any SQLConnection) throws { try connection.run([try statement(for: answer)]) }

    private func statement(for answer: IdempotentAnswer) throws -> SQLStatement {
        let sealed = try sealer.seal(answer.body, salt: [], place: answer.scope.digest)
        let headers = JSONValue.object(answer.headers.mapValues(JSONValue.string))
        return SQLStatement(
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
            ], otherwise: StoreError.alreadyAnswered)
    }
}

/// What something was decided on is not what is stored.
struct Outdated: Error {}

/// The body of an event: the transitions of one commit, without their traces.
struct EventBody: JSONEncodable {
    let transitions: [Transition]
    /// The agent that the conversation is held with.
    let agent: Agent.ID?
    /// Of a conversation that was erased.
    let erased: Erasure?

    /// Who was erased, by the pseudonym of the conversation, and at which version.
    struct Erasure {
        let pseudonym: [UInt8]
        let version: Int64
    }

    init(transitions: [Transition], agent: Agent.ID?, erased: Erasure? = nil) {
        self.transitions = transitions
        self.agent = agent
        self.erased = erased
    }

    init(json: JSONValue) throws {
        agent = try json.optional("agent_id") { $0.identifier() }
        erased = try json.optional("erased") { erasure in
            guard let text = erasure["pseudonym"]?.string, let pseudonym = Data(base64Encoded: text), let version = erasure["version"]?.integer else {
                return nil
            }
            return Erasure(pseudonym: Array(pseudonym), version: version)
        }
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
            if let erased {
                json.name("erased")
                json.object { json in
                    json.field("pseudonym", Data(erased.pseudonym).base64EncodedString())
                    json.field("version", erased.version)
                }
            }
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
