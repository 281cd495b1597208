import Metrics
@testable import StageServer
import Testing

@Suite("Metrics as Prometheus reads them")
struct ExpositionTests {
    @Test("Each metric has its kind once, then its values in the order of their labels, and metrics are in the order of their names")
    func families() {
        let metrics = PrometheusMetrics()
        Counter(label: "z_total", dimensions: [("b", "2")], factory: metrics).increment(by: 3)
        Counter(label: "z_total", dimensions: [("b", "1")], factory: metrics).increment()
        Meter(label: "a", factory: metrics).set(-2.5)
        Gauge(label: "m", factory: metrics).record(7)
        #expect(
            metrics.text() == """
                # TYPE a gauge
                a -2.5
                # TYPE m gauge
                m 7
                # TYPE z_total counter
                z_total{b="1"} 1
                z_total{b="2"} 3

                """)
    }

    @Test("A metric of the catalogue says what it means before its kind")
    func help() throws {
        let metrics = PrometheusMetrics()
        Counter(label: "stagekeeper_commits_total", factory: metrics).increment()
        let meaning = try #require(MetricCatalogue.meanings["stagekeeper_commits_total"])
        #expect(
            metrics.text() == """
                # HELP stagekeeper_commits_total \(meaning)
                # TYPE stagekeeper_commits_total counter
                stagekeeper_commits_total 1

                """)
    }

    @Test("What the catalogue says of a metric is one plain sentence")
    func plainHelp() {
        for (name, meaning) in MetricCatalogue.meanings {
            #expect(meaning.hasSuffix(".") && !meaning.contains { $0 == "\n" || $0 == "\\" || $0 == "|" }, "\(name)")
        }
    }

    /// Values of labels, and how they are written.
    static let values = [
        (#"plain"#, #"plain"#), (#"a "quoted" word"#, #"a \"quoted\" word"#), (#"C:\new"#, #"C:\\new"#), ("two\nlines", #"two\nlines"#),
        ("Ä€😀", "Ä€😀"), ("", ""), (#"{},="#, #"{},="#),
    ]

    @Test("Quotes, backslashes and line ends in the value of a label are escaped", arguments: values)
    func escapes(_ value: String, _ written: String) {
        let metrics = PrometheusMetrics()
        Counter(label: "x_total", dimensions: [("label", value)], factory: metrics).increment()
        #expect(metrics.text() == "# TYPE x_total counter\nx_total{label=\"\(written)\"} 1\n")
    }

    @Test("Names have only the characters that Prometheus allows")
    func names() {
        let metrics = PrometheusMetrics()
        Counter(label: "http.requests-é", dimensions: [("the label", "x")], factory: metrics).increment()
        #expect(metrics.text() == "# TYPE http_requests__ counter\nhttp_requests__{the_label=\"x\"} 1\n")
    }

    /// Numbers, and how they are written.
    static let numbers: [(Double, String)] = [
        (0, "0"), (-0.0, "0"), (1, "1"), (0.25, "0.25"), (1e15, "1000000000000000"), (1e-7, "1e-07"), (.infinity, "+Inf"), (-.infinity, "-Inf"),
        (.nan, "NaN"), (1e300, "1e+300"),
    ]

    @Test("Numbers are written as Prometheus reads them", arguments: numbers)
    func number(_ value: Double, _ written: String) {
        let metrics = PrometheusMetrics()
        Meter(label: "x", factory: metrics).set(value)
        #expect(metrics.text() == "# TYPE x gauge\nx \(written)\n")
    }

    @Test("A histogram counts each value in its bucket and all above, the last of which has all, and ends with sum and count")
    func histogram() {
        let metrics = PrometheusMetrics()
        let recorder = Recorder(label: "size", dimensions: [("of", "group")], factory: metrics)
        for size in [1, 2, 3, 4, 256, 5000] { recorder.record(size) }
        let counts = [1, 2, 4, 4, 4, 4, 4, 4, 5, 5, 5, 6]
        let bounds = HistogramCell.sizes.map { "\(Int($0))" } + ["+Inf"]
        #expect(
            metrics.text() == "# TYPE size histogram\n"
                + zip(bounds, counts).map { "size_bucket{of=\"group\",le=\"\($0)\"} \($1)\n" }.joined()
                + "size_sum{of=\"group\"} 5266\nsize_count{of=\"group\"} 6\n")
    }

    @Test("A timer is a histogram in seconds, whatever the unit that it was told")
    func timer() {
        let metrics = PrometheusMetrics()
        let timer = Metrics.Timer(label: "wait_seconds", factory: metrics)
        timer.recordMilliseconds(3)
        timer.recordSeconds(2)
        timer.recordNanoseconds(0)
        let lines = metrics.text().split(separator: "\n")
        for line in [
            #"wait_seconds_bucket{le="0.0001"} 1"#, #"wait_seconds_bucket{le="0.0025"} 1"#, #"wait_seconds_bucket{le="0.005"} 2"#,
            #"wait_seconds_bucket{le="1"} 2"#, #"wait_seconds_bucket{le="2.5"} 3"#, #"wait_seconds_bucket{le="+Inf"} 3"#, "wait_seconds_sum 2.003",
            "wait_seconds_count 3",
        ] {
            #expect(lines.contains(Substring(line)), "\(line)")
        }
        #expect(lines.count == 1 + HistogramCell.seconds.count + 3)
    }

    @Test("Who asks for the same metric again goes on with its value")
    func same() {
        let metrics = PrometheusMetrics()
        for _ in 0..<3 { Counter(label: "x_total", dimensions: [("a", "b")], factory: metrics).increment() }
        #expect(metrics.text() == "# TYPE x_total counter\nx_total{a=\"b\"} 3\n")
    }

    @Test("Who takes a metric for another kind of it counts unseen")
    func mistaken() {
        let metrics = PrometheusMetrics()
        Counter(label: "x", factory: metrics).increment()
        Meter(label: "x", factory: metrics).set(5)
        Recorder(label: "x", dimensions: [("a", "b")], factory: metrics).record(5)
        metrics.gauge("x") { 9 }
        #expect(metrics.text() == "# TYPE x counter\nx 1\n")
    }

    @Test("What is read when somebody asks is left out while it can't be told")
    func readings() {
        let metrics = PrometheusMetrics()
        metrics.gauge("x", dimensions: [("a", "1")]) { 2 }
        metrics.gauge("x", dimensions: [("a", "2")]) { nil }
        metrics.counter("y_total") { 1.5 }
        metrics.gauge("z") { nil }
        #expect(metrics.text() == "# TYPE x gauge\nx{a=\"1\"} 2\n# TYPE y_total counter\ny_total 1.5\n")
    }
}
