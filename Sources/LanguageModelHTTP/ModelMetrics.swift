import Metrics
import StageModel

/// What operators are told of the language model in numbers.
struct ModelMetrics: Sendable {
    private let answered: Counter
    private let failed: [ModelFailure.Cause: Counter]
    private let seconds: Metrics.Timer
    private let waiting: Meter
    private let isLeftAlone: Meter

    init(factory: any MetricsFactory) {
        func counter(_ outcome: String) -> Counter {
            Counter(label: "stagekeeper_model_requests_total", dimensions: [("outcome", outcome)], factory: factory)
        }
        answered = counter("answered")
        failed = Dictionary(uniqueKeysWithValues: ModelFailure.Cause.allCases.map { ($0, counter($0.rawValue)) })
        seconds = Metrics.Timer(label: "stagekeeper_model_seconds", factory: factory)
        waiting = Meter(label: "stagekeeper_model_waiting", factory: factory)
        isLeftAlone = Meter(label: "stagekeeper_model_circuit_open", factory: factory)
    }

    /// Counts one more that waits for its turn, as long as it does.
    func whileWaiting<Value: Sendable>(_ body: () async -> Value) async -> Value {
        waiting.increment(by: 1)
        defer { waiting.decrement(by: 1) }
        return await body()
    }

    /// The server is left alone from now on, or asked again.
    func leftAlone(_ isLeftAlone: Bool) { self.isLeftAlone.set(isLeftAlone ? 1 : 0) }

    /// - Parameters:
    ///   - failure: nil: there is an answer.
    ///   - duration: from the prompt to the answer or the failure, with all attempts and pauses.
    func record(_ failure: ModelFailure.Cause?, after duration: Duration) {
        (failure.flatMap { failed[$0] } ?? answered).increment()
        // Who is not asked takes no time, and would hide how long the others take.
        if failure != .circuitOpen { seconds.recordNanoseconds(Int64(duration / .nanoseconds(1))) }
    }
}
