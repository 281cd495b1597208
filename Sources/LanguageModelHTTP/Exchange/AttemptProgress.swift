import StageModel
import Synchronization

/// What an attempt has come to while it is still under way.
final class AttemptProgress: Sendable {
    private struct State {
        var hasHandedOut = false
        var answer: ModelAnswer?
    }

    private let state = Mutex(State())
    private let ended: AsyncStream<Void>
    private let end: AsyncStream<Void>.Continuation

    init() { (ended, end) = AsyncStream.makeStream() }

    /// Whether a piece of the answer was handed out.
    var hasHandedOut: Bool { state.withLock(\.hasHandedOut) }

    func willHandOut() { state.withLock { $0.hasHandedOut = true } }

    /// The answer is complete; what may follow says nothing more.
    func complete(_ answer: ModelAnswer) {
        state.withLock { $0.answer = answer }
        end.finish()
    }

    /// Waits until the answer is complete, and then a little for what follows.
    /// - Returns: the answer; nil: the task was cancelled before there was one.
    func completedAnswer(after grace: Duration) async -> ModelAnswer? {
        for await _ in ended {}
        // Cancelled in here, there may be an answer all the same.
        if state.withLock({ $0.answer != nil }) { try? await Task.sleep(for: grace) }
        return state.withLock(\.answer)
    }
}
