@testable import StageServer
import Testing

@Suite("What Linux tells of the process")
struct ProcessMetricsTests {
    private static let rest = "S 1 7 7 0 -1 4194560 2000 0 3 0 150 50 0 0 20 0 9 0 123456 987654321 4096 18446744073709551615 1 1 0"

    @Test("The numbers are read behind the program's name, whatever that is", arguments: ["stagekeeper", "a b", ") R 1 (", "()", ""])
    func fields(_ name: String) throws {
        let status = try #require(ProcessMetrics.Status("4711 (\(name)) \(Self.rest)\n"))
        #expect(status.cpuTicks == 200 && status.threads == 9 && status.startTicks == 123_456)
        #expect(status.virtualBytes == 987_654_321 && status.residentPages == 4096)
    }

    private static let malformed = ["", "4711", "4711 (x)", "4711 (x) S 1 2 3", "4711 (x) \(rest.replacing("150", with: "-"))"]

    @Test("What Linux does not write is not read", arguments: malformed)
    func unreadable(_ line: String) { #expect(ProcessMetrics.Status(line) == nil) }

    @Test("All of it is told of this process")
    func here() throws {
        let metrics = PrometheusMetrics()
        ProcessMetrics.watch(by: metrics)
        let values = try PrometheusText(metrics.text()).values
        let memory = try #require(values["process_resident_memory_bytes"])
        let reserved = try #require(values["process_virtual_memory_bytes"])
        #expect(memory > 1_048_576 && memory < reserved)
        let files = try #require(values["process_open_fds"])
        let mostFiles = try #require(values["process_max_fds"])
        #expect(files >= 3 && files <= mostFiles)
        #expect(try #require(values["process_cpu_seconds_total"]) > 0 && #require(values["process_threads"]) >= 1)
        #expect(try #require(values["process_start_time_seconds"]) > 1_600_000_000)
    }
}
