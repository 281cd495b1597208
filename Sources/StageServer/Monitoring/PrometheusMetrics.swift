public import Metrics
import Synchronization

/// Collects the metrics of the process, through swift-metrics, and writes them as Prometheus reads them (text format 0.0.4).
///
/// To make a handle takes a look-up under a lock: they are made once and kept. To use one takes an atomic operation, or a lock of its own.
public final class PrometheusMetrics: MetricsFactory {
    /// How operators' tools are told what they are sent.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private struct Name: Hashable {
        let label: String
        let dimensions: String
    }

    private enum Kind: String {
        case counter, gauge, histogram
    }

    private struct Registry {
        /// What each label is, as whoever came first said.
        var kinds: [String: Kind] = [:]
        var counters: [Name: CounterCell] = [:]
        var gauges: [Name: GaugeCell] = [:]
        var histograms: [Name: HistogramCell] = [:]
        var readings: [Name: @Sendable () -> Double?] = [:]
    }

    private let registry = Mutex(Registry())

    public init() {}

    // MARK: - Reading

    /// All metrics as text, each with its meaning as far as the catalogue tells it.
    public func text() -> String {
        let registry = registry.withLock { $0 }
        var lines: [String: [(dimensions: String, text: String)]] = [:]
        func add(_ name: Name, _ text: String) { lines[name.label, default: []].append((name.dimensions, text)) }
        func line(_ name: Name, _ value: String) -> String { "\(name.label)\(Self.braces(name.dimensions)) \(value)\n" }
        for (name, cell) in registry.counters { add(name, line(name, "\(cell.value)")) }
        for (name, cell) in registry.gauges { add(name, line(name, cell.value.exposition)) }
        for (name, cell) in registry.histograms { add(name, cell.text(name.label, name.dimensions)) }
        for (name, read) in registry.readings { if let value = read() { add(name, line(name, value.exposition)) } }
        return lines.sorted { $0.key < $1.key }.map { label, lines in
            let help = MetricCatalogue.meanings[label].map { "# HELP \(label) \(Self.escapedHelp($0))\n" } ?? ""
            let type = registry.kinds[label].map { "# TYPE \(label) \($0.rawValue)\n" } ?? ""
            return help + type + lines.sorted { $0.dimensions < $1.dimensions }.map(\.text).joined()
        }.joined()
    }

    static func braces(_ dimensions: String) -> String { dimensions.isEmpty ? "" : "{\(dimensions)}" }

    // MARK: - What is read when somebody asks

    /// Has a number read whenever the metrics are: for what is known anyhow and would be counted for nothing.
    /// - Parameter read: is called on the thread of whoever asks for the metrics, and must be quick; nil: it can't be told now.
    func gauge(_ label: String, dimensions: [(String, String)] = [], _ read: @escaping @Sendable () -> Double?) {
        add(label, dimensions, .gauge, read)
    }

    /// As `gauge`, for a number that only grows.
    func counter(_ label: String, dimensions: [(String, String)] = [], _ read: @escaping @Sendable () -> Double?) {
        add(label, dimensions, .counter, read)
    }

    private func add(_ label: String, _ dimensions: [(String, String)], _ kind: Kind, _ read: @escaping @Sendable () -> Double?) {
        let name = Self.name(label, dimensions)
        registry.withLock { registry in
            guard registry.kinds[name.label] ?? kind == kind else { return }
            registry.kinds[name.label] = kind
            registry.readings[name] = read
        }
    }

    // MARK: - MetricsFactory

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        cell(\.counters, .counter, label, dimensions, CounterCell.init)
    }

    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        guard aggregate else { return cell(\.gauges, .gauge, label, dimensions, GaugeCell.init) }
        return cell(\.histograms, .histogram, label, dimensions) { HistogramCell(bounds: HistogramCell.sizes) }
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        cell(\.gauges, .gauge, label, dimensions, GaugeCell.init)
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        cell(\.histograms, .histogram, label, dimensions) { HistogramCell(bounds: HistogramCell.seconds) }
    }

    // A cell lives as long as the process: what was counted stays counted.
    public func destroyCounter(_ handler: any CounterHandler) {}
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    public func destroyMeter(_ handler: any MeterHandler) {}
    public func destroyTimer(_ handler: any TimerHandler) {}

    private func cell<Cell: Sendable>(
        _ cells: WritableKeyPath<Registry, [Name: Cell]>, _ kind: Kind, _ label: String, _ dimensions: [(String, String)], _ make: () -> Cell
    ) -> Cell {
        let name = Self.name(label, dimensions)
        return registry.withLock { registry in
            if let known = registry[keyPath: cells][name] { return known }
            let new = make()
            // A label is of one kind: what takes it for another counts unseen.
            guard registry.kinds[name.label] ?? kind == kind else { return new }
            registry.kinds[name.label] = kind
            registry[keyPath: cells][name] = new
            return new
        }
    }

    // MARK: - Names

    private static func name(_ label: String, _ dimensions: [(String, String)]) -> Name {
        Name(label: plain(label), dimensions: dimensions.map { "\(plain($0))=\"\(escaped($1))\"" }.joined(separator: ","))
    }

    private static func plain(_ text: String) -> String {
        String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") ? $0 : "_" })
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    private static func escapedHelp(_ text: String) -> String { text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n") }
}

extension Double {
    /// The number as Prometheus reads it.
    var exposition: String {
        if isNaN { return "NaN" }
        if isInfinite { return self < 0 ? "-Inf" : "+Inf" }
        return Int64(exactly: self).map { "\($0)" } ?? "\(self)"
    }
}
