import ArgumentParser
import Foundation
import LanguageModelHTTP
import Logging
import Metrics
import PostgresClient
import Sealing
import StageEngine
import StageModel
import StageServer
import StageStore
import StageStoreRedis
import StageStoreSQL

/// The one place where the parts are chosen and put together.
struct Deployment {
    let store: SQLStageStore
    let flows: FlowCache
    let access: AccessService
    let configuration: ConfigurationService
    let businesses: BusinessService
    let stages: StageService
    let turns: TurnService
    /// nil: turns are decided without one.
    let model: OpenAIModel?
    /// Says that this server lives, where others share the lines of messages; nil: it is alone.
    let turnLine: PostgresTurnLine?
    let time: TimeSource
    /// Where states are kept beside PostgreSQL; nil: nowhere.
    let redis: Redis?

    /// Opens the database that the settings name. The schema of a SQLite file is brought up to date by the way.
    /// - Parameter migrating: bring that of a PostgreSQL database up to date, too, which takes the role that owns it.
    static func open(_ settings: Settings, migrating: Bool = false, logger: Logger) async throws -> Deployment {
        let keys = try MasterKeys(parsing: try EncryptionKeys(settings).text())
        let model = try settings.languageModel(logger)
        do throws(StoreError) {
            let store: SQLStageStore
            var redis: Redis?
            switch settings.database {
            case .sqlite(let path): store = try await SQLStageStore.sqlite(path: path, masterKeys: keys)
            case .postgres(let url):
                var configuration = PostgresConfiguration(url: url)
                configuration.applicationName = "stagekeeper"
                // Before whoever waits for a connection gives up, so that they are told why there is none.
                configuration.connectTimeout = .seconds(3)
                configuration.statementTimeout = .seconds(10)
                configuration.networkGrace = .seconds(2)
                configuration.idleTransactionTimeout = .seconds(10)
                store = try await SQLStageStore.postgres(configuration, masterKeys: keys, migrating: migrating, logger: logger) { log in
                    redis = try settings.redis.map { try Redis($0, following: log, logger) }
                    return redis?.states.cache
                }
            }
            return Deployment(store: store, redis: redis, model: model, platformKey: settings.platformKey, logger: logger)
        } catch {
            await model?.shutdown()
            let remedy = migrating && error.reason.contains("42501") ? " Migrate with the role that owns the database: see docs/operations.md." : ""
            throw CommandFailure("The database '\(settings.database)' can't be used: \(error.reason)\(remedy)")
        }
    }

    private init(store: SQLStageStore, redis: Redis?, model: OpenAIModel?, platformKey: String?, logger: Logger) {
        self.store = store
        self.redis = redis
        let reads = [true, false].map { isHit in
            Counter(label: "stagekeeper_flow_reads_total", dimensions: [("result", isHit ? "hit" : "miss")])
        }
        flows = FlowCache(store: store) { isHit in reads[isHit ? 0 : 1].increment() }
        access = AccessService(store: store, platformKey: platformKey)
        configuration = ConfigurationService(store: store, flows: flows)
        businesses = BusinessService(store: store, flows: flows, access: access)
        stages = StageService(store: store, configuration: configuration)
        time = .system
        turnLine = store.sharedTurnLine(logger: logger)
        self.model = model
        let line = CountedTurnLine(turnLine ?? LocalTurnLine(), factory: MetricsSystem.factory)
        turns = TurnService(
            store: store, line: line, configuration: configuration, model: model,
            observer: TurnMetrics(factory: MetricsSystem.factory, next: Self.observer), time: time)
    }

    /// Hears of the points of turns: nobody, but in tests.
    private static var observer: any TurnObserver {
        #if DEBUG
        if let point = CrashPoint.ofTest { return point }
        #endif
        return NoTurnObserver()
    }

    /// Closes everything.
    func close() async throws {
        await model?.shutdown()
        try await store.close()
    }

    func server(_ settings: Settings, events: EventBroadcaster, metrics: PrometheusMetrics, logger: Logger) throws -> StageServer {
        try StageServer(
            services: StageServer.Services(
                configuration: configuration, businesses: businesses, stages: stages, turns: turns, access: access,
                idempotency: IdempotencyService(store: store), events: events, upkeep: store),
            site: settings.site, rateLimits: settings.rateLimits, buckets: redis?.buckets, time: time, metrics: metrics, logger: logger,
            version: Stagekeeper.version)
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
        case .unavailable(let reason), .outcomeUnknown(let reason), .unreadable(let reason): reason
        case .versionConflict, .flowChanged, .unknownBusiness, .alreadyAnswered, .alreadyHandled, .placeLost, .taken, .danglingReference: "\(self)"
        }
    }
}
