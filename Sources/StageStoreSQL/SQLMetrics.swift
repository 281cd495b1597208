import Metrics

/// What operators are told of the database in numbers.
struct SQLMetrics: Sendable {
    private let reading: Timer
    private let writing: Timer
    private let errors: [SQLError.Kind: Counter]
    private let groupSize: Recorder
    private let committed: Counter
    private let unchanged: Counter
    private let refused: Counter

    init(factory: any MetricsFactory = MetricsSystem.factory) {
        func counter(_ name: String, _ dimension: String, _ value: String) -> Counter {
            Counter(label: "stagekeeper_\(name)_total", dimensions: [(dimension, value)], factory: factory)
        }
        func timer(_ access: String) -> Timer {
            Timer(label: "stagekeeper_sql_seconds", dimensions: [("access", access)], factory: factory)
        }
        (reading, writing) = (timer("read"), timer("write"))
        errors = Dictionary(uniqueKeysWithValues: SQLError.Kind.allCases.map { ($0, counter("sql_errors", "kind", $0.rawValue)) })
        groupSize = Recorder(label: "stagekeeper_commit_group_size", factory: factory)
        committed = counter("commits", "result", "committed")
        unchanged = counter("commits", "result", "unchanged")
        refused = counter("commits", "result", "refused")
    }

    // MARK: - Transactions

    /// Runs what reads, from waiting for a connection to its end.
    func read<Value>(_ body: () async throws -> Value) async rethrows -> Value { try await time(reading, body) }

    /// Runs what writes, from waiting for a connection to the end of its transaction.
    func write<Value>(_ body: () async throws -> Value) async rethrows -> Value { try await time(writing, body) }

    private func time<Value>(_ timer: Timer, _ body: () async throws -> Value) async rethrows -> Value {
        let start = ContinuousClock.now
        defer { timer.recordNanoseconds(Int64((ContinuousClock.now - start) / .nanoseconds(1))) }
        return try await body()
    }

    /// Counts an error of the database.
    /// - Returns: the error.
    func counted(_ error: SQLError) -> SQLError {
        errors[error.kind]?.increment()
        return error
    }

    // MARK: - Groups

    /// A group is on disk.
    func committed(_ results: [UpdateResult]) {
        groupSize.record(results.count)
        for result in results {
            switch result {
            case .committed: committed.increment()
            case .unchanged: unchanged.increment()
            case .undecided: refused.increment()
            }
        }
    }
}

extension SQLError {
    /// What an error is, without its words.
    enum Kind: String, CaseIterable {
        case duplicate, reference, unavailable, lost, invalid, unreadable
        case outcomeUnknown = "outcome_unknown"
    }

    /// What it is, without its words.
    var kind: Kind {
        switch self {
        case .duplicate: .duplicate
        case .reference: .reference
        case .unavailable: .unavailable
        case .lost: .lost
        case .outcomeUnknown: .outcomeUnknown
        case .invalid: .invalid
        case .unreadable: .unreadable
        }
    }
}
