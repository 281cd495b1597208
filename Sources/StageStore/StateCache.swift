public import StageModel

/// Keeps committed states where all processes find them, beside the store that leads.
///
/// It never answers a writer, and it tells nothing that it does not know to be current. What it fails at it counts and logs: no commit and no
/// read fails because of it.
public protocol StateCache: Sendable {
    /// What is kept of a conversation.
    func state(of key: ConversationKey) async -> CachedValue<ConversationState>

    /// What is kept of a conversation's newest transitions, which end at its current version.
    func history(of key: ConversationKey) async -> CachedValue<RecentHistory>

    /// Keeps a state that was read from the leading store, unless something newer is there by now.
    /// - Parameter ticket: of the miss that came before the reading.
    func fill(_ state: ConversationState, _ ticket: CacheTicket) async

    /// Keeps a history that was read from the leading store, unless something newer is there by now.
    func fill(_ history: RecentHistory, of key: ConversationKey, _ ticket: CacheTicket) async

    /// Takes states that were committed just now; whoever committed them is answered when this returns, after a bounded time.
    func committed(_ states: [ConversationState]) async

    /// Takes the erasure of a conversation at a version.
    func erased(_ key: ConversationKey, atVersion version: Int64) async

    /// Drops what this process knows of a business that was deleted: what is left of it can't be read any more.
    func forget(_ business: Business.ID)

    /// How the cache is doing.
    var condition: StateCacheCondition { get }
}

/// What a cache answers.
public enum CachedValue<Value: Sendable>: Sendable {
    case hit(Value)
    /// Nothing is kept, or nothing that is known to be current; what is read from the leading store may be filled in.
    case miss(CacheTicket)
    /// Nothing can be said or filled in now.
    case unavailable
}

/// What a cache needs to know again when it is filled: that it has not lost its data since.
public struct CacheTicket: Sendable, Equatable {
    public let generation: String

    public init(generation: String) { self.generation = generation }
}

/// How a cache is doing, for operators.
public enum StateCacheCondition: Sendable, Equatable {
    case current
    /// It is there and is being brought up to date.
    case behind
    /// It does not answer; everything works from the leading store, slower.
    case away
}

/// The newest transitions of a conversation, as of a version.
public struct RecentHistory: Sendable, Equatable {
    public var version: Int64
    /// Newest first.
    public var transitions: [Transition]
    /// Whether these are all.
    public var isComplete: Bool

    /// How many are kept.
    public let limit: Int

    /// How many are kept unless a stage says otherwise.
    public static let usualLimit = 100

    public init(version: Int64, transitions: [Transition], isComplete: Bool, limit: Int = usualLimit) {
        self.version = version
        self.transitions = transitions
        self.isComplete = isComplete
        self.limit = limit
    }
}

/// The leading store, as a cache that follows it reads it.
public protocol CommitLog: Sendable {
    /// Where the log begins and ends now.
    func eventExtent() async throws(StoreError) -> EventExtent

    /// Which conversations the commits after a position were about, in the order of the commits. Nothing ever appears at or before a position
    /// that a reader was given.
    func commits(after position: Int64, limit: Int) async throws(StoreError) -> CommitPage

    /// Conversations as they are now, in any order; those that do not exist are left out.
    func states(of keys: [ConversationKey]) async throws(StoreError) -> [ConversationState]

    /// The random salt with which the keys are derived that seal a business's data.
    /// - Throws: `.unknownBusiness`.
    func sealingSalt(of business: Business.ID) async throws(StoreError) -> [UInt8]
}

/// A part of the log of commits.
public struct CommitPage: Sendable, Equatable {
    /// One commit's conversation.
    public struct Commit: Sendable, Equatable {
        public enum Subject: Sendable, Equatable {
            case conversation(ConversationID)
            /// One that was erased, by the pseudonym of its business and id.
            case erased(pseudonym: [UInt8])
        }

        public let position: Int64
        public let business: Business.ID
        public let subject: Subject
        /// The conversation's version after the commit, or at which it was erased.
        public let version: Int64

        public init(position: Int64, business: Business.ID, subject: Subject, version: Int64) {
            self.position = position
            self.business = business
            self.subject = subject
            self.version = version
        }
    }

    public let commits: [Commit]
    /// Up to where nothing more is to be found; the next page begins after it.
    public let position: Int64
    /// How far the log reached when the page was read.
    public let extent: EventExtent

    public init(commits: [Commit], position: Int64, extent: EventExtent) {
        self.commits = commits
        self.position = position
        self.extent = extent
    }
}
