import Synchronization

/// What is published to some channels, as a sequence that outlives connections.
///
/// The first event is `subscribed`. After every loss of the connection, and when the reader did not keep up, comes `mayHaveMissed`. It ends when
/// the client is closed, and with an error when the server does not allow a channel. Who lets go of it has unsubscribed.
public final class RedisSubscription: AsyncSequence, Sendable {
    /// What ends a subscription that the server does not allow.
    public typealias Failure = RedisError

    /// What a reader gets.
    public enum Event: Hashable, Sendable {
        /// The server has confirmed all channels: what is published from here on comes.
        case subscribed
        /// Something was published.
        case message(RedisMessage)
        /// Messages may have been published that did not come; from here on they come again.
        case mayHaveMissed
    }

    /// Reads a subscription.
    public struct Iterator: AsyncIteratorProtocol {
        let subscription: RedisSubscription

        /// The next event; nil when the client is closed or the task is cancelled.
        public func next() async throws(RedisError) -> Event? { try await subscription.next() }

        /// The next event; nil when the client is closed or the task is cancelled.
        public func next(isolation actor: isolated (any Actor)?) async throws(RedisError) -> Event? { try await subscription.next() }
    }

    private struct State {
        var buffer: SubscriptionBuffer
        var hasBegun = false
        var end: Result<Event?, RedisError>?
        var readers: [(id: Int, continuation: CheckedContinuation<Result<Event?, RedisError>, Never>)] = []
        var readerCount = 0
        var cancelled: Set<Int> = []
    }

    private let state: Mutex<State>
    private let whenReleased: @Sendable () -> Void

    init(limits: SubscriptionBuffer.Limits, whenReleased: @escaping @Sendable () -> Void) {
        state = Mutex(State(buffer: SubscriptionBuffer(limits: limits)))
        self.whenReleased = whenReleased
    }

    deinit { whenReleased() }

    /// A reader; several share the events.
    public func makeAsyncIterator() -> Iterator { Iterator(subscription: self) }

    /// The next event; nil when the client is closed or the task is cancelled. Several readers share the events.
    public func next() async throws(RedisError) -> Event? {
        let id = state.withLock { state in
            state.readerCount += 1
            return state.readerCount
        }
        defer { state.withLock { _ = $0.cancelled.remove(id) } }
        return try await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ready: Result<Event?, RedisError>? = state.withLock { state in
                    if state.cancelled.contains(id) { return .success(nil) }
                    if let event = state.buffer.take() { return .success(event) }
                    if let end = state.end { return end }
                    state.readers.append((id, continuation))
                    return nil
                }
                if let ready { continuation.resume(returning: ready) }
            }
        } onCancel: {
            let continuation = state.withLock { state in
                guard let index = state.readers.firstIndex(where: { $0.id == id }) else {
                    state.cancelled.insert(id)
                    return Optional<CheckedContinuation<Result<Event?, RedisError>, Never>>.none
                }
                return state.readers.remove(at: index).continuation
            }
            continuation?.resume(returning: .success(nil))
        }.get()
    }

    func deliver(_ message: RedisMessage) { put { _ in .message(message) } }

    /// All channels are confirmed, for the first time or again.
    func complete() {
        put { state in
            defer { state.hasBegun = true }
            return state.hasBegun ? .mayHaveMissed : .subscribed
        }
    }

    private func put(_ event: (inout State) -> Event) {
        let delivery = state.withLock { state in
            guard state.end == nil else { return Optional<(CheckedContinuation<Result<Event?, RedisError>, Never>, Event)>.none }
            state.buffer.append(event(&state))
            guard !state.readers.isEmpty, let first = state.buffer.take() else { return nil }
            return (state.readers.removeFirst().continuation, first)
        }
        if let (continuation, event) = delivery { continuation.resume(returning: .success(event)) }
    }

    /// No more events come; those that wait can still be read.
    func finish(_ error: RedisError?) {
        let end: Result<Event?, RedisError> = error.map { .failure($0) } ?? .success(nil)
        let readers = state.withLock { state in
            guard state.end == nil else { return [CheckedContinuation<Result<Event?, RedisError>, Never>]() }
            state.end = end
            defer { state.readers = [] }
            return state.readers.map(\.continuation)
        }
        for reader in readers { reader.resume(returning: end) }
    }
}
