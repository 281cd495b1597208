public import StageModel
public import StageStore

extension SQLStageStore: ConversationStore {
    public func state(of key: ConversationKey, fresh: Bool) async throws(StoreError) -> ConversationState? {
        switch copies {
        case .memory(let cache):
            if !fresh, let state = cache.state(of: key) { return state }
            let generation = cache.generation(of: key)
            let state = try await storedState(of: key)
            if let state { cache.fill(state, since: generation) }
            return state
        case .shared(let cache) where !fresh:
            switch await cache.state(of: key) {
            case .hit(let state) where state.version >= seenVersions.value(for: key) ?? 0: return state
            case .miss(let ticket):
                let state = try await storedState(of: key)
                if let state { await cache.fill(state, ticket) }
                return state
            case .hit, .unavailable: return try await storedState(of: key)
            }
        case .shared, .none: return try await storedState(of: key)
        }
    }

    private func storedState(of key: ConversationKey) async throws(StoreError) -> ConversationState? {
        let state = try await storing { try await self.database.readOnce { [table] in try table.conversation(key, $0) } }
        if let state { see([state]) }
        return state
    }

    /// Lets nothing older be read from a shared cache from now on.
    func see(_ states: some Sequence<ConversationState>) {
        guard case .shared = copies else { return }
        for state in states { seenVersions.update(state.key) { $0 = max($0 ?? 0, state.version) } }
    }

    public func update<Failure: Error>(
        _ key: ConversationKey, at now: Timestamp,
        _ decide: @escaping @Sendable (_ state: ConversationState, _ exists: Bool) throws(Failure) -> ConversationCommit?
    ) async throws -> ConversationState {
        try await submit(Update(key: key, now: now, decide: decide))
    }

    func submit(_ update: Update) async throws -> ConversationState {
        switch try await queue.submit(update, to: self) {
        case .committed(let state, _), .unchanged(let state): return state
        case .undecided(let error): throw error
        }
    }

    /// Conversations were changed otherwise than by `update`.
    func refresh(_ keys: [ConversationKey]) async {
        switch copies {
        case .memory(let cache): for key in keys { cache.drop(key) }
        case .shared(let cache):
            let moved = try? await database.read { [table] in try table.conversations(keys, $0) }
            await cache.committed(moved ?? [])
        case .none: break
        }
    }
}
