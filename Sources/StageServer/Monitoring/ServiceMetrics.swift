import StageEngine
import StageStore

/// What the services know of themselves, read when somebody looks at the metrics.
enum ServiceMetrics {
    /// Has the numbers read whenever the metrics are.
    static func watch(_ services: StageServer.Services, at time: TimeSource, version: String, by metrics: PrometheusMetrics) {
        metrics.gauge("stagekeeper_build_info", dimensions: [("version", version)]) { 1 }
        metrics.gauge("stagekeeper_event_streams") { [events = services.events] in Double(events.subscriberCount) }
        metrics.gauge("stagekeeper_changes_age_seconds") { [access = services.access] in access.secondsUnheard(at: time.now()) ?? 0 }
        let upkeep = services.upkeep
        metrics.gauge("stagekeeper_commits_waiting") { Double(upkeep.load.waitingCommits) }
        guard upkeep.load.files != nil else { return }
        for (name, size) in [("database", \StoreFiles.database), ("wal", \.writeAheadLog)] as [(String, KeyPath<StoreFiles, Int64> & Sendable)] {
            metrics.gauge("stagekeeper_sqlite_file_bytes", dimensions: [("file", name)]) { upkeep.load.files.map { Double($0[keyPath: size]) } }
        }
        metrics.gauge("stagekeeper_disk_free_bytes") { upkeep.load.files.map { Double($0.free) } }
    }
}
