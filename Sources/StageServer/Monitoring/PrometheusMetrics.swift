public import Metrics
import Synchronization

/// Collects the metrics of the process, through swift-metrics, and writes them as Prometheus reads them (text format 0.0.4).
public final class PrometheusMetrics: MetricsFactory {
    private struct Name: Hashable {
        let label: String
        let dimensions: String
    }

    private struct Registry {
        var counters: [Name: CounterCell] = [:]
        var gauges: [Name: GaugeCell] = [:]
        var histograms: [Name: HistogramCell] = [:]
    }

    private let registry = Mutex(Registry())

    public init() {}

    /// All metrics as text.
    public func text() -> String {
        let (counters, gauges, histograms) = registry.withLock { ($0.counters, $0.gauges, $0.histograms) }
        return Self.family(counters, type: "counter") { name, cell in "\(name.label)\(Self.braces(name.dimensions)) \(cell.value)\n" }
            + Self.family(gauges, type: "gauge") { name, cell in "\(name.label)\(Self.braces(name.dimensions)) \(cell.value)\n" }
            + Self.family(histograms, type: "histogram") { name, cell in cell.text(name.label, name.dimensions) }
    }

    private static func family<Cell>(_ cells: [Name: Cell], type: String, _ line: (Name, Cell) -> String) -> String {
        Dictionary(grouping: cells, by: \.key.label).sorted { $0.key < $1.key }.map { label, cells in
            "# TYPE \(label) \(type)\n" + cells.sorted { $0.key.dimensions < $1.key.dimensions }.map { line($0.key, $0.value) }.joined()
        }.joined()
    }

    fileprivate static func braces(_ dimensions: String) -> String { dimensions.isEmpty ? "" : "{\(dimensions)}" }

    // MARK: - MetricsFactory

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        cell(\.counters, label, dimensions, CounterCell.init)
    }

    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        aggregate ? cell(\.histograms, label, dimensions, HistogramCell.init) : cell(\.gauges, label, dimensions, GaugeCell.init)
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        cell(\.gauges, label, dimensions, GaugeCell.init)
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        cell(\.histograms, label, dimensions, HistogramCell.init)
    }

    // A cell lives as long as the process: what was counted stays counted.
    public func destroyCounter(_ handler: any CounterHandler) {}
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    public func destroyMeter(_ handler: any MeterHandler) {}
    public func destroyTimer(_ handler: any TimerHandler) {}

    private func cell<Cell: Sendable>(
        _ cells: WritableKeyPath<Registry, [Name: Cell]>, _ label: String, _ dimensions: [(String, String)], _ make: () -> Cell
    ) -> Cell {
        let name = Name(
            label: Self.plain(label),
            dimensions: dimensions.map { "\(Self.plain($0))=\"\(Self.escaped($1))\"" }.joined(separator: ","))
        return registry.withLock { registry in
            if let known = registry[keyPath: cells][name] { return known }
            let new = make()
            registry[keyPath: cells][name] = new
            return new
        }
    }

    private static func plain(_ text: String) -> String {
        String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") ? $0 : "_" })
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}

private final class CounterCell: CounterHandler, Sendable {
    private let total = Atomic<Int64>(0)

    var value: Int64 { total.load(ordering: .relaxed) }

    func increment(by amount: Int64) { total.add(amount, ordering: .relaxed) }

    func reset() { total.store(0, ordering: .relaxed) }
}

private final class GaugeCell: RecorderHandler, MeterHandler, Sendable {
    private let current = Mutex<Double>(0)

    var value: Double { current.withLock { $0 } }

    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }
    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { current.withLock { $0 = value } }
    func increment(by amount: Double) { current.withLock { $0 += amount } }
    func decrement(by amount: Double) { current.withLock { $0 -= amount } }
}

/// Counts in buckets from 100 µs to 10 s (or, for plain numbers, from 1 to 100,000) by factors of about 2.5.
private final class HistogramCell: RecorderHandler, TimerHandler, Sendable {
    private struct State {
        var buckets = [Int64](repeating: 0, count: bounds.count + 1)
        var sum: Double = 0
    }

    private static let bounds: [Double] = [
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 1000, 100_000,
    ]

    private let state = Mutex(State())

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        let bucket = Self.bounds.firstIndex { value <= $0 } ?? Self.bounds.count
        state.withLock { state in
            state.buckets[bucket] += 1
            state.sum += value
        }
    }

    func text(_ label: String, _ dimensions: String) -> String {
        let (buckets, sum) = state.withLock { ($0.buckets, $0.sum) }
        var text = ""
        var total: Int64 = 0
        let before = dimensions.isEmpty ? "" : dimensions + ","
        for (index, count) in buckets.enumerated() {
            total += count
            let bound = index < Self.bounds.count ? String(Self.bounds[index]) : "+Inf"
            text += "\(label)_bucket{\(before)le=\"\(bound)\"} \(total)\n"
        }
        let braces = PrometheusMetrics.braces(dimensions)
        return text + "\(label)_sum\(braces) \(sum)\n\(label)_count\(braces) \(total)\n"
    }
}
