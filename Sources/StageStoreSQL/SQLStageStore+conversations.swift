import Sealing
public import StageModel
public import StageStore
import Synchronization

extension SQLStageStore: ConversationStore {
    private static let tries = 4

    public func state(of key: ConversationKey, fresh: Bool) async throws(StoreError) -> ConversationState? {
        if !fresh, let state = states.state(of: key) { return state }
        let base = try await storing { try await self.load(key) }
        return base.isStored ? base.state : nil
    }

    public func update<Failure: Error>(
        _ key: ConversationKey, at now: Timestamp,
        _ decide: @Sendable (_ state: ConversationState, _ exists: Bool) throws(Failure) -> ConversationCommit?
    ) async throws -> ConversationState {
        var current: Int64 = 0
        for _ in 0..<Self.tries {
            let read = states.state(of: key) == nil ? try await storing { try await self.load(key, at: now) } : nil
            switch await submit(key, read: read, decide) {
            case .committed(let state): return state
            case .unchanged(let state): return state
            case .undecided(let error): throw error
            case .refused(let version): current = version
            case .failed(let error): throw error
            case .pending: try await barrier()
            }
        }
        throw StoreError.versionConflict(current: try await state(of: key, fresh: true)?.version ?? current)
    }

    private enum Submission<Failure: Error> {
        case committed(ConversationState)
        case unchanged(ConversationState)
        case undecided(Failure)
        /// Others have committed in between, on top of this version or another.
        case refused(version: Int64)
        case failed(StoreError)
        /// Nothing is to be done, or can be, but that was decided on a state that is not on disk yet.
        case pending
    }

    /// Decides on the newest state, queues the commit, and waits until it is on disk.
    private func submit<Failure: Error>(
        _ key: ConversationKey, read: ConversationCache.Base?,
        _ decide: @Sendable (_ state: ConversationState, _ exists: Bool) throws(Failure) -> ConversationCommit?
    ) async -> Submission<Failure> {
        await withCheckedContinuation { continuation in
            let immediate: Submission<Failure>? = states.withBase(of: key, read: read) { base in
                guard let base else { return (.refused(version: 0), nil) }
                let commit: ConversationCommit
                do throws(Failure) {
                    guard let decided = try decide(base.state, base.isStored) else {
                        return (base.isPending ? .pending : .unchanged(base.state), nil)
                    }
                    commit = decided
                } catch {
                    return (base.isPending ? .pending : .undecided(error), nil)
                }
                queue.submit { connection in
                    try self.write(commit, on: base, connection)
                } finish: { outcome in
                    switch outcome {
                    case .committed:
                        if let change = commit.change {
                            self.states.commit(change)
                            self.commitListener.withLock { $0 }?()
                        }
                        continuation.resume(returning: .committed(commit.change?.state ?? base.state))
                    case .refused:
                        self.states.abandon(key)
                        continuation.resume(returning: .refused(version: base.state.version))
                    case .failed(let error):
                        self.states.abandon(key)
                        continuation.resume(returning: .failed(error))
                    }
                }
                return (nil, commit.change?.state)
            }
            if let immediate { continuation.resume(returning: immediate) }
        }
    }

    /// Waits until all that is queued now is done.
    private func barrier() async throws(StoreError) {
        let outcome = await withCheckedContinuation { continuation in
            queue.submit({ _ in true }, finish: { continuation.resume(returning: $0) })
        }
        if case .failed(let error) = outcome { throw error }
    }

    /// Reads a conversation, or where one that was erased would go on.
    private func load(_ key: ConversationKey, at now: Timestamp = Timestamp(microseconds: 0)) async throws -> ConversationCache.Base {
        let generation = states.generation(of: key)
        let base = try await database.read { connection in
            if let state = try self.conversation(key, connection) {
                return ConversationCache.Base(state: state, isStored: true, isPending: false)
            }
            let erased = try self.erasedVersion(of: key, connection) ?? 0
            return ConversationCache.Base(state: ConversationState(key: key, version: erased, at: now), isStored: false, isPending: false)
        }
        if base.isStored { states.fill(base.state, since: generation) }
        return base
    }

    /// The version at which a conversation was erased; nil: it was not.
    func erasedVersion(of key: ConversationKey, _ connection: any SQLConnection) throws -> Int64? {
        try connection.row(
            "SELECT version FROM erased_conversations WHERE business_id = ?1 AND pseudonym = ?2",
            [SQLValue(key.business), .blob(pseudonym(of: key))]
        ) { $0.integer(0) }
    }

    func conversation(_ key: ConversationKey, _ connection: any SQLConnection) throws -> ConversationState? {
        try conversations(
            "WHERE business_id = ?1 AND conversation_id = ?2", [SQLValue(key.business), SQLValue(key.conversation)], connection
        ).first
    }

    /// Reads the conversations of one business that a clause selects.
    func conversations(_ clause: String, _ values: [SQLValue], _ connection: any SQLConnection) throws -> [ConversationState] {
        // Rows are opened after the statement is done: opening may need a statement of its own.
        let rows = try connection.rows("SELECT \(ConversationRow.columns) FROM conversations \(clause)", values) { row throws(SQLError) in
            StoredRow(copying: row, columns: 15)
        }
        return try rows.map { row in
            try ConversationRow.read(row, sealer, salt: { try self.salt(of: try row.identifier(0), connection) })
        }
    }

    func pseudonym(of key: ConversationKey) -> [UInt8] {
        pseudonyms.name([key.business.description, key.conversation.description])
    }
}
