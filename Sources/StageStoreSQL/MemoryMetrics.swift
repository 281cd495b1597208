import Metrics

/// What operators are told of the conversations in memory in numbers.
struct MemoryMetrics: Sendable {
    private let states: (hits: Counter, misses: Counter)
    private let histories: (hits: Counter, misses: Counter)

    init(factory: any MetricsFactory = MetricsSystem.factory) {
        func counters(_ kind: String) -> (hits: Counter, misses: Counter) {
            func counter(_ result: String) -> Counter {
                Counter(label: "stagekeeper_memory_reads_total", dimensions: [("kind", kind), ("result", result)], factory: factory)
            }
            return (counter("hit"), counter("miss"))
        }
        states = counters("state")
        histories = counters("history")
    }

    /// Counts whether a state was found.
    /// - Returns: what was found.
    func state<Value>(_ found: Value?) -> Value? { counted(found, states) }

    /// Counts whether a history was found.
    /// - Returns: what was found.
    func history<Value>(_ found: Value?) -> Value? { counted(found, histories) }

    private func counted<Value>(_ found: Value?, _ counters: (hits: Counter, misses: Counter)) -> Value? {
        (found == nil ? counters.misses : counters.hits).increment()
        return found
    }
}
