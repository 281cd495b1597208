import StageModel
import StageStore

/// Where a subscriber begins.
public struct EventStart: Sendable, Equatable {
    /// It gets all events after this position.
    let position: Int64
    /// Whether there were events before that it asked for and that are not kept any more.
    let isReset: Bool
    /// How far the log reached when the start was determined.
    let end: Int64
}

/// Why a subscription ended.
public enum EventEnding: Sendable, Equatable {
    /// The subscriber took nothing for too long.
    case tooSlow
    /// The subscriber has gone.
    case gone
    /// The process is about to end.
    case shutdown
    /// The log can't be read.
    case unavailable
}

/// What one subscriber of the events gets and when, as a pure state machine.
///
/// It reads the log, page by page, up to its end, and from then on lives on what the tail of the log hands to everybody. What waits for the
/// subscriber is bounded: what is too much is dropped, and read from the log when the subscriber is ready for it. One that is not ready for
/// too long is cut.
struct EventSubscription {
    /// What the subscriber is to do next.
    enum Step: Equatable {
        /// Tell where it begins.
        case begin(at: Int64)
        /// Tell that there were events up to here which are not kept any more.
        case reset(at: Int64)
        case deliver([Event])
        /// Tell that all is well, and that there is nothing more up to this position.
        case beat(at: Int64)
        /// Read a page of the log.
        case read(after: Int64)
        case wait
        case end(EventEnding)
    }

    /// What is to be done because of what has happened elsewhere.
    enum Effect: Equatable {
        case none
        /// Let the waiting subscriber ask for its next step.
        case wake
        /// Close the connection of a subscriber that was given everything up to a position, and does not come back by itself.
        case cut(EventEnding, at: Int64)
    }

    private enum Source {
        /// The log. What the tail hands out meanwhile, up to a position, is kept until the two meet; if it is too much it is dropped, and
        /// the end of the log is looked for once more.
        case log(ahead: [Event], through: Int64, hasDropped: Bool)
        case tail
        case none(EventEnding)
    }

    /// How many events may wait.
    static let capacity = 256
    /// How many are delivered at once.
    static let batch = 64
    /// How long a subscriber may take nothing while more waits than may, in seconds.
    static let patience: Double = 5

    private let filter: EventFilter
    private var source: Source
    /// Everything up to here was delivered, is ready, or is not wanted.
    private var seen: Int64
    private var ready: [Event] = []
    /// Where it begins, before that was told; the tail may have gone on meanwhile.
    private var beginning: Int64?
    private var resetPosition: Int64?
    private var isBeatDue = false
    private var isWaiting = false
    /// Since when the subscriber has been busy with what it was given last.
    private var busySince: Timestamp?

    /// - Parameter tail: up to where the tail has handed events out; this subscription gets what comes after.
    init(from start: EventStart, tail: Int64, filter: EventFilter) {
        self.filter = filter
        seen = start.position
        beginning = start.position
        resetPosition = start.isReset ? start.position : nil
        source = start.position >= tail ? .tail : .log(ahead: [], through: tail, hasDropped: false)
    }

    /// How many events wait here: what it has not taken yet, and what it needs when it has read the log.
    var waiting: Int {
        switch source {
        case .log(let ahead, _, _): ready.count + ahead.count
        case .tail, .none: ready.count
        }
    }

    /// Up to where everything was delivered or is not wanted.
    private var settled: Int64 { ready.first.map { $0.position - 1 } ?? seen }
}

// MARK: - What the subscriber does

extension EventSubscription {
    /// The subscriber is done with its last step.
    mutating func next(at now: Timestamp) -> Step {
        busySince = nil
        isWaiting = false
        if case .none(let ending) = source { return .end(ending) }
        if let step = step() {
            busySince = now
            return step
        }
        switch source {
        case .log(let ahead, let through, let hasDropped):
            // What was dropped so far is in the log by now.
            source = .log(ahead: hasDropped ? [] : ahead, through: through, hasDropped: false)
            return .read(after: seen)
        case .tail, .none:
            isWaiting = true
            return .wait
        }
    }

    /// What there is to tell.
    private mutating func step() -> Step? {
        if let position = beginning {
            beginning = nil
            return .begin(at: position)
        }
        if let position = resetPosition {
            resetPosition = nil
            return .reset(at: position)
        }
        // Before what is ready: there may be no end of that.
        if isBeatDue {
            isBeatDue = false
            return .beat(at: settled)
        }
        guard !ready.isEmpty else { return nil }
        let batch = Array(ready.prefix(Self.batch))
        ready.removeFirst(batch.count)
        return .deliver(batch)
    }

    /// The subscriber has read a page of the log.
    mutating func took(_ page: EventPage) {
        guard case .log(let ahead, let through, let hasDropped) = source else { return }
        if page.extent.origin > seen { resetPosition = page.extent.origin }
        seen = max(seen, page.position)
        ready += page.events.compactMap(filter.part)
        let rest = ahead.filter { $0.position > seen }
        if page.isLast, !hasDropped, ready.count + rest.count <= Self.capacity {
            ready += rest
            seen = max(seen, through)
            source = .tail
        } else {
            source = .log(ahead: rest, through: through, hasDropped: hasDropped)
        }
    }
}

// MARK: - What happens elsewhere

extension EventSubscription {
    /// The tail hands out all events of the business up to a position.
    mutating func take(_ events: [Event], through position: Int64, at now: Timestamp) -> Effect {
        let wanted = events.filter { $0.position > seen }.compactMap(filter.part)
        switch source {
        case .none: return .none
        case .log(let ahead, _, let hasDropped):
            if !hasDropped, ahead.count + wanted.count <= Self.capacity {
                source = .log(ahead: ahead + wanted, through: position, hasDropped: false)
                return .none
            }
            source = .log(ahead: [], through: position, hasDropped: true)
        case .tail:
            if ready.count + wanted.count <= Self.capacity {
                ready += wanted
                seen = max(seen, position)
                return wanted.isEmpty ? .none : wake
            }
            source = .log(ahead: [], through: position, hasDropped: true)
        }
        return isStuck(at: now) ? end(.tooSlow) : wake
    }

    /// The tail has passed events of the business without reading them.
    mutating func miss() -> Effect {
        switch source {
        case .none: return .none
        case .log(_, let through, _): source = .log(ahead: [], through: through, hasDropped: true)
        case .tail: source = .log(ahead: [], through: seen, hasDropped: true)
        }
        return wake
    }

    /// It is time for a sign of life; the tail has handed everything out up to a position.
    mutating func beat(through position: Int64, at now: Timestamp) -> Effect {
        switch source {
        case .none: return .none
        case .log: break
        case .tail: seen = max(seen, position)
        }
        // The last one was not even asked for.
        guard !(isBeatDue && isStuck(at: now)) else { return end(.tooSlow) }
        isBeatDue = true
        return wake
    }

    mutating func end(_ ending: EventEnding) -> Effect {
        if case .none = source { return .none }
        let position = settled
        source = .none(ending)
        ready = []
        return busySince == nil ? wake : .cut(ending, at: position)
    }

    private func isStuck(at now: Timestamp) -> Bool { busySince.map { now.seconds(since: $0) >= Self.patience } ?? false }

    private var wake: Effect { isWaiting ? .wake : .none }
}
