import CoreMetrics
import Logging
import Synchronization

/// Counts who is inside.
final class Crowd: Sendable {
    private struct State {
        var now = 0
        var most = 0
        var total = 0
    }

    private let state = Mutex(State())

    var most: Int { state.withLock(\.most) }
    var total: Int { state.withLock(\.total) }

    func enter() {
        state.withLock {
            $0.now += 1
            $0.total += 1
            $0.most = max($0.most, $0.now)
        }
    }

    func leave() { state.withLock { $0.now -= 1 } }
}

/// Keeps what comes, in its order.
final class Recorder<Element: Sendable>: Sendable {
    private let state = Mutex<[Element]>([])

    var all: [Element] { state.withLock { $0 } }

    func add(_ element: Element) { state.withLock { $0.append(element) } }
}

/// Keeps every line of a log, with its metadata.
struct RecordingLog: LogHandler {
    let lines: Recorder<String>
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .trace

    init(_ lines: Recorder<String>) { self.lines = lines }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { lines.add("\(event.level): \(event.message) \(event.metadata ?? [:])") }
}

/// Counts per label and dimensions.
final class RecordingMetrics: MetricsFactory {
    let counts = Recorder<String>()

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        Handler(name: label + dimensions.map { "{\($0.0)=\($0.1)}" }.joined(), counts: counts)
    }

    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler { Handler(name: label, counts: counts) }

    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        Handler(name: label, counts: counts)
    }

    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}

    private final class Handler: CounterHandler, TimerHandler, RecorderHandler {
        let name: String
        let counts: Recorder<String>

        init(name: String, counts: Recorder<String>) {
            self.name = name
            self.counts = counts
        }

        func increment(by: Int64) { counts.add(name) }
        func reset() {}
        func recordNanoseconds(_ duration: Int64) { counts.add(duration >= 0 ? name : "a negative time") }
        func record(_ value: Int64) {}
        func record(_ value: Double) {}
    }
}
