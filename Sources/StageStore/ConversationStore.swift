public import StageModel

/// Keeps the states of conversations and what happened in them.
public protocol ConversationStore: Sendable {
    /// The state of a conversation; nil when it never was or was erased.
    /// - Parameter fresh: read the leading store, not a cache.
    func state(of key: ConversationKey, fresh: Bool) async throws(StoreError) -> ConversationState?

    /// Changes a conversation in one atomic commit.
    ///
    /// `decide` gets the newest state, on which the commit builds, and whether the conversation exists (one that does not has version 0, or
    /// the version at which it was erased). It may be called again when what it led to was undone because of others; it must be pure and quick.
    /// - Throws: whatever `decide` throws.
    func update<Failure: Error>(
        _ key: ConversationKey, at now: Timestamp,
        _ decide: @escaping @Sendable (_ state: ConversationState, _ exists: Bool) throws(Failure) -> ConversationCommit?
    ) async throws -> ConversationState

    /// What happened, newest first.
    /// - Parameter kept: how many of the newest transitions are kept in a cache from now on, if there is one.
    func history(of key: ConversationKey, before: HistoryPosition?, limit: Int, kept: Int) async throws(StoreError) -> [Transition]

    /// Conversations of a business, the last changed first.
    func conversations(_ query: ConversationQuery) async throws(StoreError) -> [ConversationState]

    /// Erases all that is known of a conversation, but its last version under a pseudonym of its id, kept for 30 days.
    /// - Returns: false when there was none.
    func erase(_ key: ConversationKey, audit: AuditEntry, answer: IdempotentAnswer?, at now: Timestamp) async throws(StoreError) -> Bool

    /// Conversations to which time has done something that is not recorded yet: those that have expired, then those whose stage's timeout is
    /// over, of each kind the oldest first.
    func due(at now: Timestamp, limit: Int) async throws(StoreError) -> [ConversationKey]

    /// The numbers of a stage; a second old, or up to a minute where thousands of stages are in use.
    func statistics(of stage: Stage.ID, in business: Business.ID) async throws(StoreError) -> StageStatistics

    /// The numbers of all stages of a business, as old as those of one, without what was seen last; stages where nothing has happened are left out.
    func totals(in business: Business.ID) async throws(StoreError) -> [Stage.ID: StageStatistics]
}

extension ConversationStore {
    /// How many conversations are at each stage of a business, as old as the numbers of a stage; stages without any are left out.
    public func conversationsHere(in business: Business.ID) async throws(StoreError) -> [Stage.ID: Int64] {
        try await totals(in: business).mapValues(\.conversationsHere).filter { $0.value > 0 }
    }
}

/// One atomic change of a conversation, with what is kept beside it.
public struct ConversationCommit: Sendable {
    /// nil: nothing is to be done, but the answer is kept.
    public var change: ConversationChange?
    /// What is sealed of the data.
    public var sensitive: SensitiveNames
    /// The answer that a repetition of the request gets.
    public var answer: IdempotentAnswer?
    public var audit: AuditEntry?
    /// The messages that the change is the turn of, oldest first; the last of the state's turns is that of the last.
    public var messages: [HandledMessage]
    /// The places in line that the turn was decided under: the change is only made when they are still held, and they are given up by it.
    public var tickets: [TurnTicket]
    /// The places of the messages whose turns it has ended, given up as well.
    public var interrupted: [TurnTicket]

    public init(
        change: ConversationChange?, sensitive: SensitiveNames, answer: IdempotentAnswer? = nil, audit: AuditEntry? = nil,
        messages: [HandledMessage] = [], tickets: [TurnTicket] = [], interrupted: [TurnTicket] = []
    ) {
        self.change = change
        self.sensitive = sensitive
        self.answer = answer
        self.audit = audit
        self.messages = messages
        self.tickets = tickets
        self.interrupted = interrupted
    }
}

extension ConversationStore {
    /// What happened, newest first.
    public func history(of key: ConversationKey, before: HistoryPosition?, limit: Int) async throws(StoreError) -> [Transition] {
        try await history(of: key, before: before, limit: limit, kept: RecentHistory.usualLimit)
    }
}

/// A place in a conversation's history.
public struct HistoryPosition: Sendable, Equatable {
    public let version: Int64
    public let sequence: Int

    public init(version: Int64, sequence: Int) {
        self.version = version
        self.sequence = sequence
    }
}

/// Which conversations of a business, and how many.
public struct ConversationQuery: Sendable {
    public let business: Business.ID
    /// A state that has expired by then counts as cleared.
    public let now: Timestamp
    public var stage: Stage.ID?
    public var agent: Agent.ID?
    public var status: ConversationState.Status?
    /// What the id starts with.
    public var prefix: String?
    /// The last conversation of the page before.
    public var after: (updatedAt: Timestamp, conversation: ConversationID)?
    public var limit: Int

    public init(business: Business.ID, limit: Int, at now: Timestamp) {
        self.business = business
        self.limit = limit
        self.now = now
    }
}
