public import StageModel
public import StageStore

/// Hears of turns, for those who count them.
public protocol TurnObserver: Sendable {
    /// A turn has come to a point; it goes on when this returns.
    func reached(_ point: TurnPoint)

    /// A turn is committed.
    func committed(_ outcome: TurnOutcome, _ messages: [HandledMessage], _ work: TurnWork)
}

/// The points of a turn, in their order.
public enum TurnPoint: String, CaseIterable, Sendable {
    /// The message is known not to have been handled.
    case received
    /// It has its place in line.
    case joined
    /// It is its turn.
    case begun
    /// It is known what becomes of it.
    case decided
    /// The transaction has begun that makes it so.
    case committing
    /// That is on disk.
    case committed
}

/// Nobody counts.
public struct NoTurnObserver: TurnObserver {
    public init() {}
    public func reached(_ point: TurnPoint) {}
    public func committed(_ outcome: TurnOutcome, _ messages: [HandledMessage], _ work: TurnWork) {}
}
