import Foundation

/// What Linux tells of this process, by the names that all programs use for it.
enum ProcessMetrics {
    /// Has the numbers read whenever the metrics are.
    static func watch(by metrics: PrometheusMetrics) {
        metrics.gauge("process_resident_memory_bytes") { Status.now.map { Double($0.residentPages) * pageSize } }
        metrics.gauge("process_virtual_memory_bytes") { Status.now.map { Double($0.virtualBytes) } }
        metrics.counter("process_cpu_seconds_total") { Status.now.map { Double($0.cpuTicks) / ticksPerSecond } }
        metrics.gauge("process_threads") { Status.now.map { Double($0.threads) } }
        metrics.gauge("process_open_fds") { openFiles.map { Double($0) } }
        metrics.gauge("process_max_fds") { mostFiles }
        let start = startTime
        metrics.gauge("process_start_time_seconds") { start }
    }

    /// The fields of `/proc/self/stat` (proc(5)) that are of use here.
    struct Status: Equatable {
        let cpuTicks: UInt64
        let threads: UInt64
        /// Since the system was started.
        let startTicks: UInt64
        let virtualBytes: UInt64
        let residentPages: UInt64

        static var now: Status? { text(at: "/proc/self/stat").flatMap(Status.init) }

        /// - Returns: nil when the line is not as Linux writes it.
        init?(_ line: String) {
            // The second field is the program's name in parentheses, which may hold anything.
            guard let end = line.lastIndex(of: ")") else { return nil }
            let fields = line[line.index(after: end)...].split(separator: " ")
            /// Counted from 1, as in the manual.
            func field(_ number: Int) -> UInt64? { fields.indices.contains(number - 3) ? UInt64(fields[number - 3]) : nil }
            guard let user = field(14), let system = field(15), let threads = field(20), let start = field(22), let size = field(23),
                let pages = field(24)
            else { return nil }
            (cpuTicks, self.threads, startTicks, virtualBytes, residentPages) = (user + system, threads, start, size, pages)
        }
    }

    private static let pageSize = Double(sysconf(Int32(_SC_PAGESIZE)))
    private static let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))

    /// In seconds since 1970.
    private static var startTime: Double? {
        let boot = text(at: "/proc/stat")?.split(separator: "\n").first { $0.hasPrefix("btime ") }
        guard let boot = boot.flatMap({ Double($0.dropFirst(6)) }), let status = Status.now else { return nil }
        return boot + Double(status.startTicks) / ticksPerSecond
    }

    private static var openFiles: Int? {
        // One of them is the folder itself, while it is read.
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"))?.count
    }

    /// nil: as many as it likes.
    private static var mostFiles: Double? {
        let line = text(at: "/proc/self/limits")?.split(separator: "\n").first { $0.hasPrefix("Max open files") }
        return line.flatMap { $0.split(separator: " ").dropFirst(3).first }.flatMap { Double($0) }
    }

    private static func text(at path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }
}
