public import StageModel

/// Where the messages of conversations wait for their turn, in the order of their arrival; of each conversation one is handled at a time.
///
/// A place in line is a lease: it is the caller's as long as the caller's process lives. A place that was lost is found missing by the commit.
public protocol TurnLine: Sendable {
    /// Takes the place at the end.
    func join(_ message: InboundMessage, in key: ConversationKey, policy: StageConfiguration.Busy) async throws(StoreError) -> TurnQueue.Joining

    /// How the line stands at a place now.
    func standing(of ticket: TurnTicket) async throws(StoreError) -> TurnQueue.Standing

    /// Waits until a conversation's line may have changed since a moment, for a bounded time.
    /// - Parameter moment: what `moment` was before the line was looked at.
    func waitForChange(of key: ConversationKey, since moment: UInt64) async

    /// Counts the changes of a conversation's line.
    func moment(of key: ConversationKey) -> UInt64

    /// Gives places up that nobody waits for any more.
    func leave(_ tickets: [TurnTicket]) async throws(StoreError)

    /// The places of a turn that was committed are given up, by the commit where that checks them.
    func committed(_ tickets: [TurnTicket]) async
}

/// A place in a line.
public struct TurnTicket: Hashable, Sendable {
    public typealias ID = Identifier<TurnTicket>

    public let id: ID
    public let key: ConversationKey

    public init(id: ID = ID(), key: ConversationKey) {
        self.id = id
        self.key = key
    }
}

/// The line of one conversation: who waits, who is next.
public struct TurnQueue: Sendable, Equatable {
    /// A message that waits, or is being handled.
    public struct Place: Sendable, Equatable {
        public let ticket: TurnTicket.ID
        public let message: InboundMessage
        /// Whether a later message has ended its turn, and is to store it.
        public var isInterrupted = false

        public init(ticket: TurnTicket.ID, message: InboundMessage, isInterrupted: Bool = false) {
            self.ticket = ticket
            self.message = message
            self.isInterrupted = isInterrupted
        }
    }

    public enum Joining: Sendable, Equatable {
        case joined(TurnTicket)
        /// The same message waits already, or is being handled.
        case known(TurnTicket)
        /// Another is being handled, and the stage wants no more meanwhile.
        case busy
        /// As many wait as may.
        case full
    }

    public enum Standing: Sendable, Equatable {
        case waiting
        /// It is this message's turn.
        /// - interrupted: the messages whose turns it has ended, oldest first; they are its to store.
        /// - behind: those that wait.
        case first(interrupted: [Place], behind: [Place])
        /// A later message has ended its turn.
        case interrupted
        /// There is no such place any more.
        case gone
    }

    /// How many messages may wait behind the one that is being handled.
    public static let longest = 32

    /// In the order of arrival.
    public private(set) var places: [Place]

    public init(_ places: [Place] = []) { self.places = places }

    public var isEmpty: Bool { places.isEmpty }

    /// Takes the place at the end, as the policy of the stage allows.
    public mutating func join(_ message: InboundMessage, as ticket: TurnTicket, policy: StageConfiguration.Busy) -> Joining {
        if let known = places.first(where: { $0.message.id == message.id }) {
            return .known(TurnTicket(id: known.ticket, key: ticket.key))
        }
        if policy == .reject, !places.isEmpty { return .busy }
        guard places.count <= Self.longest else { return .full }
        if policy == .interrupt { for index in places.indices { places[index].isInterrupted = true } }
        places.append(Place(ticket: ticket.id, message: message))
        return .joined(ticket)
    }

    public func standing(of ticket: TurnTicket.ID) -> Standing {
        guard let index = places.firstIndex(where: { $0.ticket == ticket }) else { return .gone }
        guard !places[index].isInterrupted else { return .interrupted }
        let ahead = places[..<index]
        guard ahead.allSatisfy(\.isInterrupted) else { return .waiting }
        return .first(interrupted: Array(ahead), behind: Array(places[(index + 1)...]))
    }

    public mutating func leave(_ tickets: Set<TurnTicket.ID>) { places.removeAll { tickets.contains($0.ticket) } }
}
