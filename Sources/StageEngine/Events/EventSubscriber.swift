import Logging
import StageModel
public import StageStore
import Synchronization

/// One who follows the events of a business: gets what the log holds after its start, then what is committed, without gap or repetition.
public final class EventSubscriber: Sendable {
    /// What a subscriber is given.
    public enum Delivery: Sendable, Equatable {
        /// It begins after this position.
        case begin(at: Int64)
        /// Events up to this position that it asked for are not kept any more.
        case reset(at: Int64)
        /// At least one, each with the transitions that are wanted.
        case events([Event])
        /// A sign of life; there is nothing more up to this position.
        case beat(at: Int64)
        case end(EventEnding)
    }

    private static let pageSize = 256

    let business: Business.ID
    private let log: any EventLog
    private let time: TimeSource
    private let logger: Logger
    private let cut: @Sendable () -> Void
    private let subscription: Mutex<EventSubscription>
    private let bell = Bell()

    init(
        _ subscription: EventSubscription, of business: Business.ID, log: any EventLog, time: TimeSource, logger: Logger,
        cut: @escaping @Sendable () -> Void
    ) {
        self.subscription = Mutex(subscription)
        self.business = business
        self.log = log
        self.time = time
        self.logger = logger
        self.cut = cut
    }

    /// What comes next; waits for it. To be asked for by one task, when it is done with what it was given before.
    public func next() async -> Delivery {
        while true {
            let now = time.now()
            switch subscription.withLock({ $0.next(at: now) }) {
            case .begin(let position): return .begin(at: position)
            case .reset(let position): return .reset(at: position)
            case .deliver(let events): return .events(events)
            case .beat(let position): return .beat(at: position)
            case .end(let ending): return .end(ending)
            case .wait: await bell.wait()
            case .read(let position):
                do throws(StoreError) {
                    let page = try await log.events(of: business, after: position, limit: Self.pageSize)
                    subscription.withLock { $0.took(page) }
                } catch {
                    end(.unavailable)
                }
            }
            if Task.isCancelled { end(.gone) }
        }
    }

    /// Ends the subscription; a subscriber that is still busy with what it was given is cut off.
    public func end(_ ending: EventEnding) { perform(subscription.withLock { $0.end(ending) }) }

    func take(_ events: [Event], through position: Int64, at now: Timestamp) {
        perform(subscription.withLock { $0.take(events, through: position, at: now) })
    }

    func miss() { perform(subscription.withLock { $0.miss() }) }

    func beat(through position: Int64, at now: Timestamp) { perform(subscription.withLock { $0.beat(through: position, at: now) }) }

    private func perform(_ effect: EventSubscription.Effect) {
        switch effect {
        case .none: break
        case .wake: bell.ring()
        case .cut(let ending, let position):
            cut()
            guard case .tooSlow = ending else { return }
            logger.notice(
                "A client that follows events has taken nothing for too long, and was cut.",
                metadata: ["business_id": "\(business)", "last_event_id": "\(position)"])
        }
    }
}
