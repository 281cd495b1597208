import ArgumentParser
import Foundation
import Logging
import Sealing
import StageEngine
import StageModel
import StageServer
import StageStore
import StageStoreSQL

/// The one place where the parts are chosen and put together.
struct Deployment {
    let store: SQLStageStore
    let flows: FlowCache
    let access: AccessService
    let configuration: ConfigurationService
    let businesses: BusinessService
    let stages: StageService
    let time: TimeSource

    /// Opens the database that the settings name.
    /// - Parameter migrating: bring its schema up to date.
    static func open(_ settings: Settings, migrating: Bool) async throws -> Deployment {
        let path = settings.databasePath
        try FileManager.default.createDirectory(
            at: URL(fileURLWithPath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
        let keys = try MasterKeys(parsing: try keyText(settings))
        do throws(StoreError) {
            let store = try await SQLStageStore.sqlite(path: path, masterKeys: keys, migrating: migrating)
            return Deployment(store: store, platformKey: settings.platformKey)
        } catch {
            throw CommandFailure("The database '\(path)' can't be used: \(error.reason)")
        }
    }

    private init(store: SQLStageStore, platformKey: String?) {
        self.store = store
        flows = FlowCache(store: store)
        access = AccessService(store: store, platformKey: platformKey)
        configuration = ConfigurationService(store: store, flows: flows)
        businesses = BusinessService(store: store, flows: flows, access: access)
        stages = StageService(store: store, configuration: configuration)
        time = .system
    }

    func server(site: Site, events: EventBroadcaster, metrics: PrometheusMetrics, logger: Logger) throws -> StageServer {
        try StageServer(
            services: StageServer.Services(
                configuration: configuration, businesses: businesses, stages: stages, access: access,
                idempotency: IdempotencyService(store: store), events: events, upkeep: store),
            site: site, time: time, metrics: metrics, logger: logger, version: Stagekeeper.version)
    }

    /// The text of the master keys: given, from a given file, or from a file beside the database that is made when it is missing.
    private static func keyText(_ settings: Settings) throws -> String {
        if let keys = settings.encryptionKeys { return keys }
        if let file = settings.encryptionKeysFile {
            do { return try String(contentsOfFile: file, encoding: .utf8) } catch {
                throw CommandFailure("The file of STAGEKEEPER_ENCRYPTION_KEYS_FILE can't be read: \(error.localizedDescription)")
            }
        }
        let path = settings.databasePath + ".keys"
        if let keys = try? String(contentsOfFile: path, encoding: .utf8) { return keys }
        guard !FileManager.default.fileExists(atPath: settings.databasePath) else {
            throw CommandFailure(
                "The encryption keys of '\(settings.databasePath)' are missing: restore the file '\(path)', or set STAGEKEEPER_ENCRYPTION_KEYS.")
        }
        let keys = MasterKeys.generate(id: "k1") + "\n"
        guard FileManager.default.createFile(atPath: path, contents: Data(keys.utf8), attributes: [.posixPermissions: 0o600]) else {
            throw CommandFailure("The file '\(path)' for the encryption keys can't be written.")
        }
        return keys
    }
}

extension TimeSource {
    /// The system's clock, in whole microseconds.
    static let system = TimeSource {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Timestamp(microseconds: Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000)
    }
}

/// Why a command did not do what it was asked, for the person who asked; ends the process with status 1.
struct CommandFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// An engine's error with all its faults, a line each.
    init(_ error: EngineError) {
        description = ([error.message + (error.debug.map { " (\($0))" } ?? "")] + error.faults.map { "  \($0.pointer): \($0.message)" })
            .joined(separator: "\n")
    }
}

extension StoreError {
    /// The reason, for operators.
    var reason: String {
        switch self {
        case .unavailable(let reason), .unreadable(let reason): reason
        case .versionConflict, .flowChanged, .unknownBusiness, .alreadyAnswered, .taken, .danglingReference: "\(self)"
        }
    }
}
