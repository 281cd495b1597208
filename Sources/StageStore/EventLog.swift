public import StageModel

/// The log of what was committed to conversations, in the order of the commits.
///
/// Nothing ever appears at or before a position that a reader was given: whoever reads on from there misses nothing.
public protocol EventLog: Sendable {
    /// Where the log begins and ends now.
    func eventExtent() async throws(StoreError) -> EventExtent

    /// A business's events after a position, in order.
    /// - Parameter limit: how many at most. One read looks at a bounded part of the log: it may find fewer although more follow.
    func events(of business: Business.ID, after position: Int64, limit: Int) async throws(StoreError) -> EventPage

    /// The events of some businesses after a position, in order.
    /// - Parameter limit: how many events are looked at, those of other businesses among them.
    func events(of businesses: Set<Business.ID>, after position: Int64, limit: Int) async throws(StoreError) -> EventPage

    /// Calls a function after each commit of this process that wrote an event, from any thread; it must be quick. What other processes
    /// commit is found by reading alone. There is one such function.
    func afterCommits(_ call: @escaping @Sendable () -> Void)
}

/// What one commit did to a conversation, without its data.
public struct Event: Sendable, Equatable {
    /// Its place in the log of all businesses; grows with every commit, with gaps.
    public let position: Int64
    public let business: Business.ID
    /// nil: it was erased.
    public let conversation: ConversationID?
    /// The agent that the conversation was held with.
    public let agent: Agent.ID?
    /// The conversation's version after the commit; 0 when the conversation was erased.
    public let version: Int64
    /// In the order of their sequence, without traces.
    public let transitions: [Transition]
    public let at: Timestamp

    public init(
        position: Int64, business: Business.ID, conversation: ConversationID?, agent: Agent.ID?, version: Int64, transitions: [Transition],
        at: Timestamp
    ) {
        self.position = position
        self.business = business
        self.conversation = conversation
        self.agent = agent
        self.version = version
        self.transitions = transitions
        self.at = at
    }
}

/// How far the log reaches.
public struct EventExtent: Sendable, Equatable {
    /// The position of the oldest event that is kept; when none is, the one behind `last`.
    public let first: Int64
    /// The position of the newest event, kept or not; 0: there never was one.
    public let last: Int64

    public init(first: Int64, last: Int64) {
        self.first = first
        self.last = last
    }

    /// The least position after which all events are kept.
    public var origin: Int64 { first - 1 }
}

/// A part of the log as one reader sees it.
public struct EventPage: Sendable, Equatable {
    /// Those that were asked for.
    public let events: [Event]
    /// Up to where nothing more is to be found; the next page begins after it.
    public let position: Int64
    /// How far the log reached when the page was read.
    public let extent: EventExtent

    public init(events: [Event], position: Int64, extent: EventExtent) {
        self.events = events
        self.position = position
        self.extent = extent
    }

    /// Whether the log had no more when the page was read.
    public var isLast: Bool { position >= extent.last }
}
