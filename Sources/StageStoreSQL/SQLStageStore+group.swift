import Sealing
import StageModel
import StageStore
import Synchronization

/// A change of a conversation that waits to be decided and written.
struct Update: Sendable {
    let key: ConversationKey
    let now: Timestamp
    /// The ids of the messages that it is the turn of.
    var messages: [String] = []
    let decide: @Sendable (_ state: ConversationState, _ exists: Bool) throws -> ConversationCommit?
}

/// What became of it.
enum UpdateResult: Sendable {
    /// - change: nil when only an answer was to be kept.
    case committed(ConversationState, ConversationChange?)
    /// Nothing was to be done.
    case unchanged(ConversationState)
    case undecided(any Error)

    var change: ConversationChange? {
        switch self {
        case .committed(_, let change): change
        case .unchanged, .undecided: nil
        }
    }
}

/// A state to decide on.
struct Base {
    var state: ConversationState
    /// Whether the conversation has a row, or will have when what was decided before is written.
    var isStored: Bool
}

extension SQLStageStore: GroupWriter {
    /// Decides a group of updates and writes them: each on the newest state, which may be the one that another of the group has led to.
    /// - Parameter isAlone: trust nothing but the database.
    func write(_ group: [Update], isAlone: Bool, _ connection: any SQLConnection) throws -> [UpdateResult] {
        var bases = try bases(of: group, isFresh: isAlone, connection)
        var handled = try handledMessages(of: group, connection)
        var results: [UpdateResult] = []
        var commits: [(base: Base, commit: ConversationCommit)] = []
        var businesses: Set<Business.ID> = []
        for update in group {
            guard let base = bases[update.key] else { throw SQLError.invalid("no state was read") }
            guard handled[update.key]?.isDisjoint(with: update.messages) ?? true else {
                results.append(.undecided(StoreError.alreadyHandled))
                continue
            }
            let decided: ConversationCommit?
            do { decided = try update.decide(base.state, base.isStored) } catch {
                results.append(.undecided(error))
                continue
            }
            guard let decided else {
                results.append(.unchanged(base.state))
                continue
            }
            commits.append((base, decided))
            businesses.insert(update.key.business)
            if !update.messages.isEmpty { handled[update.key, default: []].formUnion(update.messages) }
            if let change = decided.change { bases[update.key] = Base(state: change.state, isStored: true) }
            results.append(.committed(decided.change?.state ?? base.state, decided.change))
        }
        var statements = try statements(of: commits, connection)
        if database.isShared { statements = businesses.compactMap(sealsAsConfigured) + statements }
        guard !statements.isEmpty else { return results }
        do {
            try connection.run(statements)
        } catch is Outdated {
            for update in group { memory?.drop(update.key) }
            for business in businesses { sensitive.set(nil, for: business) }
            throw StoreError.versionConflict(current: group.first.flatMap { bases[$0.key] }?.state.version ?? 0)
        }
        return results
    }

    /// Tells the caches, then whoever waits.
    func committed(_ results: [UpdateResult], tell: @escaping @Sendable () -> Void) {
        metrics.committed(results)
        let changes = results.compactMap(\.change)
        switch copies {
        case .memory(let cache):
            for change in changes { cache.commit(change) }
            tell()
        case .shared(let cache) where !changes.isEmpty:
            let states = Dictionary(changes.map { ($0.state.key, $0.state) }) { _, newer in newer }
            see(states.values)
            Task {
                await cache.committed(Array(states.values))
                tell()
            }
        case .shared, .none: tell()
        }
        if !changes.isEmpty { commitListener.withLock(\.call)?() }
    }

    /// The states to decide on: from memory where this process alone changes them, else as they are stored.
    private func bases(of group: [Update], isFresh: Bool, _ connection: any SQLConnection) throws -> [ConversationKey: Base] {
        var bases: [ConversationKey: Base] = [:]
        var unknown: [ConversationKey: Timestamp] = [:]
        for update in group where bases[update.key] == nil {
            if !isFresh, let state = memory?.state(of: update.key) {
                bases[update.key] = Base(state: state, isStored: true)
            } else {
                unknown[update.key] = unknown[update.key] ?? update.now
            }
        }
        for state in try table.conversations(Array(unknown.keys), connection) { bases[state.key] = Base(state: state, isStored: true) }
        let missing = unknown.filter { bases[$0.key] == nil }
        let erased = try table.erasedVersions(of: Array(missing.keys), connection)
        for (key, now) in missing {
            bases[key] = Base(state: ConversationState(key: key, version: erased[key] ?? 0, at: now), isStored: false)
        }
        return bases
    }

    /// Which of the messages that a group is to handle were handled before.
    private func handledMessages(of group: [Update], _ connection: any SQLConnection) throws -> [ConversationKey: Set<String>] {
        let messages = group.flatMap { update in
            update.messages.map { [SQLValue(update.key.business), SQLValue(update.key.conversation), .text($0)] }
        }
        guard !messages.isEmpty else { return [:] }
        let found = try connection.rows(Self.messages, of: messages) { row throws(SQLError) in
            (business: try row.identifier(0) as Business.ID, conversation: ConversationID(row.text(1)), id: row.text(2))
        }
        return found.reduce(into: [:]) { handled, message in
            guard let conversation = message.conversation else { return }
            handled[ConversationKey(business: message.business, conversation: conversation), default: []].insert(message.id)
        }
    }

    private static let messages = SQLLookup(
        "business_id, conversation_id, message_id", in: "turns", by: ["business_id": "uuid", "conversation_id": "text", "message_id": "text"])

    /// A statement that undoes all if what this process knows to be sensitive in a business is not what its newest configuration says.
    private func sealsAsConfigured(_ business: Business.ID) -> SQLStatement? {
        sensitive.value(for: business).map { known in
            SQLStatement(
                "SELECT 1 FROM businesses WHERE business_id = ?1 AND flow_revision = ?2", [SQLValue(business), .integer(known.revision)],
                otherwise: Outdated())
        }
    }
}
