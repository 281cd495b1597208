import Sealing
import StageModel
import StageStore

/// Seals whole states and histories for Redis, each for its conversation and version, so that it opens nowhere else.
struct SealedState: Sendable {
    /// Why a value can't be read.
    struct Unopenable: Error, CustomStringConvertible {
        let description: String
    }

    /// Written first. Another one is some other release's: its values are read anew from the database.
    private static let format: Int64 = 1

    private let sealer: Sealer

    init(_ sealer: Sealer) { self.sealer = sealer }

    // MARK: - States

    func seal(_ state: ConversationState, salt: [UInt8]) throws(Sealer.Failure) -> [UInt8] {
        let json = JSONWriter.bytes { json in
            json.object { json in
                json.field("format", Self.format)
                json.field("agent_id", state.agentID)
                json.field("stage_id", state.stageID)
                json.field("status", state.status.rawValue)
                json.field("conversation", state.data.conversation)
                json.field("stage", state.data.stage)
                json.field("visits", object: { json in for (stage, count) in state.visits { json.field(stage.description, count) } })
                json.field("entered_at", state.enteredAt?.microseconds)
                json.field("timeout_at", state.timeoutAt?.microseconds)
                json.field("asked_field", state.askedField)
                json.field("turns", state.turns)
                json.field("created_at", state.createdAt.microseconds)
                json.field("updated_at", state.updatedAt.microseconds)
                json.field("expires_at", state.expiresAt?.microseconds)
            }
        }
        return try sealer.seal(json, salt: salt, place: Self.place("state", state.key, state.version))
    }

    func openState(_ envelope: [UInt8], of key: ConversationKey, version: Int64, salt: [UInt8]) throws(Unopenable) -> ConversationState {
        let json = try open(envelope, salt: salt, place: Self.place("state", key, version))
        do throws(InvalidInput) {
            func data(_ part: String) throws(InvalidInput) -> [String: JSONValue] { try json.member(part) { $0.object } }
            func time(_ name: String) throws(InvalidInput) -> Timestamp? { try json.optional(name) { $0.microseconds } }
            return ConversationState(
                key: key, agentID: try json.optional("agent_id") { $0.identifier() }, stageID: try json.optional("stage_id") { $0.identifier() },
                status: try json.member("status") { $0.string.flatMap(ConversationState.Status.init) }, version: version,
                data: ConversationData(conversation: try data("conversation"), stage: try data("stage")),
                visits: try json.member("visits") { $0.visits }, enteredAt: try time("entered_at"), timeoutAt: try time("timeout_at"),
                askedField: try json.optional("asked_field") { $0.string },
                turns: try json.member("turns") { $0.integer }, createdAt: try json.member("created_at") { $0.microseconds },
                updatedAt: try json.member("updated_at") { $0.microseconds }, expiresAt: try time("expires_at"))
        } catch {
            throw Unopenable(error)
        }
    }

    // MARK: - Histories

    func seal(_ history: RecentHistory, of key: ConversationKey, salt: [UInt8]) throws(Sealer.Failure) -> [UInt8] {
        let json = JSONWriter.bytes { json in
            json.object { json in
                json.field("format", Self.format)
                json.field("is_complete", history.isComplete)
                json.field("limit", history.limit)
                json.field("transitions", array: history.transitions)
            }
        }
        return try sealer.seal(json, salt: salt, place: Self.place("history", key, history.version))
    }

    func openHistory(_ envelope: [UInt8], of key: ConversationKey, version: Int64, salt: [UInt8]) throws(Unopenable) -> RecentHistory {
        let json = try open(envelope, salt: salt, place: Self.place("history", key, version))
        do throws(InvalidInput) {
            var transitions: [Transition] = []
            for transition in try json.member("transitions", { $0.array }) { transitions.append(try Transition(kept: transition)) }
            return RecentHistory(
                version: version, transitions: transitions, isComplete: try json.member("is_complete") { $0.bool },
                limit: try json.optional("limit", \.int) ?? RecentHistory.usualLimit)
        } catch {
            throw Unopenable(error)
        }
    }

    // MARK: - Both

    private func open(_ envelope: [UInt8], salt: [UInt8], place: [UInt8]) throws(Unopenable) -> JSONValue {
        let plain: [UInt8]
        do throws(Sealer.Failure) {
            plain = try sealer.open(envelope, salt: salt, place: place)
        } catch {
            throw Unopenable(error)
        }
        guard let json = try? JSONValue(parsing: plain) else { throw Unopenable(description: "It is no JSON.") }
        guard json["format"]?.integer == Self.format else { throw Unopenable(description: "It is of a format that this release does not know.") }
        return json
    }

    /// What an envelope is bound to. No part but the last can hold a slash.
    private static func place(_ kind: String, _ key: ConversationKey, _ version: Int64) -> [UInt8] {
        Array("redis/\(kind)/\(key.business)/\(version)/\(key.conversation)".utf8)
    }
}

extension SealedState.Unopenable {
    fileprivate init(_ failure: Sealer.Failure) {
        switch failure {
        case .notAuthentic: description = "It was changed, copied from elsewhere, or sealed with another key of the same id."
        case .unknownKey(let id): description = "It is sealed with the encryption key '\(id)', which is not among the given ones."
        }
    }

    fileprivate init(_ fault: InvalidInput) {
        description = "Its contents can't be read: " + fault.faults.map { "\($0.pointer): \($0.message)" }.joined(separator: " ")
    }
}

extension Transition {
    /// Reads what `encode(into:)` has written.
    fileprivate init(kept json: JSONValue) throws(InvalidInput) {
        self.init(
            id: try json.member("transition_id") { $0.identifier() }, version: try json.member("version") { $0.integer },
            sequence: try json.member("seq") { $0.int }, from: try json.optional("from_stage_id") { $0.identifier() },
            to: try json.optional("to_stage_id") { $0.identifier() }, cause: try json.member("cause") { $0.string.flatMap(Cause.init) },
            rule: try json.optional("rule_id") { $0.identifier() }, actor: try json.member("actor") { $0.string },
            flowRevision: try json.member("flow_revision") { $0.integer }, trace: try json.member("trace") { $0.object },
            at: try json.member("at") { $0.timestamp }, secondsInStage: nil)
    }
}

extension JSONValue {
    fileprivate var microseconds: Timestamp? { integer.map { Timestamp(microseconds: $0) } }

    fileprivate var visits: [Stage.ID: Int]? {
        guard let members = object else { return nil }
        var visits: [Stage.ID: Int] = [:]
        for (name, count) in members {
            guard let stage = Stage.ID(name), let count = count.int else { return nil }
            visits[stage] = count
        }
        return visits
    }
}
