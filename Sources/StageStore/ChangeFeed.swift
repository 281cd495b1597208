public import StageModel

/// Tells what was changed by others, so that what is kept in memory can be dropped.
public protocol ChangeFeed: Sendable {
    /// The changes after a position, in order; without a position, none, but the current end of the log.
    func changes(after position: Int64?) async throws(StoreError) -> (changes: [StoreChange], position: Int64)

    /// Calls a function, from any thread, when somebody has changed something, if the store can tell; changes are to be read now and then
    /// without being told, too. There is one such function.
    func whenChanged(_ call: @escaping @Sendable () -> Void) throws(StoreError)
}

/// A change that processes keep copies of.
public enum StoreChange: Sendable, Equatable {
    /// The business's configuration.
    case flow(Business.ID)
    /// Keys or sessions of the business.
    case keys(Business.ID)
    /// The business was deleted.
    case deleted(Business.ID)

    public var business: Business.ID {
        switch self {
        case .flow(let business), .keys(let business), .deleted(let business): business
        }
    }
}

/// Chores that keep a store small and its numbers fresh.
public protocol StoreUpkeep: Sendable {
    /// Adds what happened to the stages' statistics, a few at a time, between which others write.
    /// - Returns: how many sums were written: two for each stage and hour in which something happened.
    func foldStatistics() async throws(StoreError) -> Int

    /// Removes what is past its time: answers after 24 hours, events after 7 days, pseudonyms of erased conversations after 30 days,
    /// changes after an hour, sessions and sign-in links when they expire.
    func removeOutdated(at now: Timestamp) async throws(StoreError)

    /// Whether the database answers, within a second.
    func check() async throws(StoreError)

    /// How much there is to do, and how much room.
    var load: StoreLoad { get }

    /// How the cache is doing that all processes share; nil: there is none.
    var cacheCondition: StateCacheCondition? { get }
}
