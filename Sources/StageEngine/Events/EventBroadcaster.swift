public import Logging
public import ServiceLifecycle
public import StageModel
public import StageStore
import Synchronization

/// Reads the end of the event log once for all who follow it in this process, for as long as anybody does.
public final class EventBroadcaster: Service {
    private struct State {
        /// Up to where events have been handed out; nil: nobody follows.
        var tail: Int64?
        var subscribers: [Business.ID: [ObjectIdentifier: EventSubscriber]] = [:]
        var isClosed = false

        var all: [EventSubscriber] { subscribers.values.flatMap(\.values) }
    }

    /// How many events are read at once.
    static let pageSize = 1000
    /// How long events of other processes may wait.
    private static let interval = Duration.milliseconds(250)
    /// How long to wait after each read, so that a busy log is read a hundred times a second at most; and for each who follows, so that
    /// what is written to a thousand clients is written ten times a second at most.
    private static let pause = (least: Duration.milliseconds(10), each: Duration.microseconds(100))
    private static let heartbeat = Duration.seconds(15)

    private let log: any EventLog
    private let time: TimeSource
    private let logger: Logger
    private let state = Mutex(State())
    /// Whether anybody follows: what every commit asks.
    private let isFollowed = Atomic(false)
    private let bell = Bell()

    public init(log: any EventLog, time: TimeSource, logger: Logger) {
        self.log = log
        self.time = time
        self.logger = logger
        log.afterCommits { [weak self] in
            guard let self, isFollowed.load(ordering: .relaxed) else { return }
            bell.ring()
        }
    }

    /// How many follow now.
    public var subscriberCount: Int { state.withLock { $0.subscribers.values.reduce(0) { $0 + $1.count } } }
}

// MARK: - For those who follow

extension EventBroadcaster {
    /// Where one who has seen the events up to a position goes on; without a position, at the end of the log.
    /// - Throws: `database_unavailable`.
    public func start(after position: Int64?) async throws(EngineError) -> EventStart {
        let extent = try await engine { try await log.eventExtent() }
        let position = position ?? extent.last
        // A position behind the end is one of another log: the database was replaced by an older copy.
        if position > extent.last { return EventStart(position: extent.last, isReset: true, end: extent.last) }
        let isReset = position < extent.origin
        return EventStart(position: isReset ? extent.origin : position, isReset: isReset, end: extent.last)
    }

    /// Begins to follow the events of a business. `unsubscribe` must follow.
    /// - Parameter cut: closes the connection of a subscriber that has to end and is still busy; called at most once, from any thread.
    public func subscribe(
        to business: Business.ID, from start: EventStart, filter: EventFilter = EventFilter(), cut: @escaping @Sendable () -> Void
    ) -> EventSubscriber {
        let (subscriber, isClosed) = state.withLock { state in
            let tail = state.tail ?? start.end
            let subscription = EventSubscription(from: start, tail: tail, filter: filter)
            let subscriber = EventSubscriber(subscription, of: business, log: log, time: time, logger: logger, cut: cut)
            if !state.isClosed {
                state.tail = tail
                state.subscribers[business, default: [:]][ObjectIdentifier(subscriber)] = subscriber
                isFollowed.store(true, ordering: .relaxed)
            }
            return (subscriber, state.isClosed)
        }
        if isClosed { subscriber.end(.shutdown) } else { bell.ring() }
        return subscriber
    }

    public func unsubscribe(_ subscriber: EventSubscriber) {
        state.withLock { state in
            state.subscribers[subscriber.business]?[ObjectIdentifier(subscriber)] = nil
            if state.subscribers[subscriber.business]?.isEmpty == true { state.subscribers[subscriber.business] = nil }
            guard state.subscribers.isEmpty else { return }
            state.tail = nil
            isFollowed.store(false, ordering: .relaxed)
        }
    }
}

// MARK: - The tail

extension EventBroadcaster {
    /// Hands out what is new. One call at a time.
    /// - Returns: whether there may be more.
    @discardableResult
    public func step() async throws(StoreError) -> Bool {
        let place = state.withLock { state in state.tail.map { (tail: $0, businesses: Set(state.subscribers.keys)) } }
        guard let place else { return false }
        let page = try await log.events(of: place.businesses, after: place.tail, limit: Self.pageSize)
        guard page.position > place.tail else { return false }
        let subscribers: [EventSubscriber] = state.withLock { state in
            // Otherwise all have gone, and others have come, meanwhile.
            guard state.tail == place.tail else { return [] }
            state.tail = page.position
            return state.all
        }
        let events = Dictionary(grouping: page.events, by: \.business)
        let now = time.now()
        for subscriber in subscribers {
            if place.businesses.contains(subscriber.business) {
                subscriber.take(events[subscriber.business] ?? [], through: page.position, at: now)
            } else {
                // It came while the page was being read.
                subscriber.miss()
            }
        }
        return !page.isLast
    }

    /// Lets everybody be told that all is well. Not while a step is under way.
    public func beat() {
        let (tail, subscribers) = state.withLock { ($0.tail, $0.all) }
        guard let tail else { return }
        let now = time.now()
        for subscriber in subscribers { subscriber.beat(through: tail, at: now) }
    }

    /// Ends all subscriptions; none begins any more.
    public func close() {
        let subscribers = state.withLock { state in
            state.isClosed = true
            return state.all
        }
        for subscriber in subscribers { subscriber.end(.shutdown) }
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            while !Task.isCancelled {
                await bell.wait()
                await follow()
            }
        }
        close()
    }

    /// Follows the log until nobody wants to hear of it any more.
    private func follow() async {
        await withDiscardingTaskGroup { group in
            group.addTask { [bell] in
                while !Task.isCancelled {
                    // Throws only when it is time to stop.
                    try? await Task.sleep(for: Self.interval)
                    bell.ring()
                }
            }
            let clock = ContinuousClock()
            var lastBeat = clock.now
            var lastError: StoreError?
            while isFollowed.load(ordering: .relaxed), !Task.isCancelled {
                var hasMore = false
                do throws(StoreError) {
                    hasMore = try await step()
                    lastError = nil
                } catch {
                    if lastError != error, !Task.isCancelled {
                        logger.error("The log of events can't be read.", metadata: ["error": "\(error)"])
                    }
                    lastError = error
                }
                if clock.now - lastBeat >= Self.heartbeat {
                    beat()
                    lastBeat = clock.now
                }
                guard !hasMore else { continue }
                try? await Task.sleep(for: max(Self.pause.least, Self.pause.each * subscriberCount))
                await bell.wait()
            }
            group.cancelAll()
        }
    }
}
