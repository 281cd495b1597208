import Foundation
public import Logging
public import PostgresClient
public import Sealing
public import StageStore

extension SQLStageStore {
    /// The number of the newest migration that this program knows.
    public static let schemaNumber = migrations.count

    private static let migrations = [
        ("initial", PackageResources._001_initial_sql),
        ("rules_and_timeouts", PackageResources._002_rules_and_timeouts_sql),
        ("sessions", PackageResources._003_sessions_sql),
        ("endings", PackageResources._004_endings_sql),
        ("commits", PackageResources._005_commits_sql),
        ("turns", PackageResources._006_turns_sql),
    ].enumerated().map { SQLMigration(number: $0.offset + 1, name: $0.element.0, script: String(decoding: $0.element.1, as: UTF8.self)) }

    /// Opens a SQLite file, creating it if there is none.
    /// - Parameters:
    ///   - path: of the file; its folder must exist.
    ///   - masterKeys: seal what is sensitive.
    ///   - migrating: bring the schema up to date; else an older one is refused.
    ///   - cachedConversations: how many states of conversations are kept in memory.
    /// - Throws: `StoreError.unavailable` when the file can't be used, with the reason.
    public static func sqlite(
        path: String, masterKeys: MasterKeys, migrating: Bool = true, cachedConversations: Int = 100_000
    ) async throws(StoreError) -> SQLStageStore {
        try await storing {
            let metrics = SQLMetrics()
            let database = try SQLiteDatabase(path: path, metrics: metrics)
            let table = try await open(database, Sealer(masterKeys), migrating: migrating)
            let cache = ConversationCache(capacity: cachedConversations)
            return SQLStageStore(database: database, table: table, copies: .memory(cache), metrics: metrics)
        }
    }

    /// Opens a PostgreSQL database, which other processes may use at the same time.
    /// - Parameters:
    ///   - configuration: of the connections.
    ///   - masterKeys: seal what is sensitive.
    ///   - migrating: bring the schema up to date; else an older one is refused.
    ///   - makeCache: what keeps states outside of the database; nil: nothing does.
    /// - Throws: `StoreError.unavailable` when the database can't be used, with the reason.
    public static func postgres(
        _ configuration: PostgresConfiguration, masterKeys: MasterKeys, migrating: Bool = false, logger: Logger,
        makeCache: (_ leading: SQLCommitLog) throws -> (any StateCache)? = { _ in nil }
    ) async throws(StoreError) -> SQLStageStore {
        try await storing {
            let metrics = SQLMetrics()
            let database = try PostgresDatabase(configuration, logger: logger, metrics: metrics)
            do {
                let table = try await open(database, Sealer(masterKeys), migrating: migrating)
                let cache = try makeCache(SQLCommitLog(database: database, table: table))
                return SQLStageStore(database: database, table: table, copies: cache.map(Copies.shared) ?? .none, metrics: metrics)
            } catch {
                await database.close()
                throw error
            }
        }
    }

    private static func open(_ database: any SQLDatabase, _ sealer: Sealer, migrating: Bool) async throws -> ConversationTable {
        // A schema of a higher number is refused below.
        if migrating { try await database.migrate(migrations) }
        let number = try await database.schemaNumber()
        guard number == schemaNumber else {
            let remedy = number < schemaNumber ? "run 'stagekeeper migrate'" : "run a newer version of stagekeeper"
            throw StoreError.unavailable(reason: "the schema of the database is number \(number), not \(schemaNumber): \(remedy)")
        }
        return ConversationTable(sealer: sealer, pseudonyms: try await pseudonyms(in: database, sealer))
    }

    /// The lines of waiting messages that all servers of the database share; nil: no other server can be there.
    public func sharedTurnLine(logger: Logger) -> PostgresTurnLine? {
        (database as? PostgresDatabase).map { PostgresTurnLine(database: $0, table: table, logger: logger) }
    }

    /// Copies a SQLite database as it is now into a new file, while it is in use.
    /// - Parameter progress: gets the share that is done, from 0 to 1.
    public static func backUp(
        sqlite path: String, to target: String, progress: @escaping @Sendable (Double) -> Void
    ) async throws(StoreError) {
        try await storing {
            guard FileManager.default.fileExists(atPath: path) else { throw StoreError.unavailable(reason: "there is no file \(path)") }
            try await SQLiteDatabase(path: path, isReadOnly: true).backUp(to: target, progress: progress)
        }
    }

    /// Seals and opens with other master keys from now on.
    public func replaceKeys(by keys: MasterKeys) { sealer.replaceKeys(by: keys) }

    /// The id of the master key that seals.
    public var currentKeyID: String { sealer.currentKeyID }

    /// The statements that were run so far.
    public var statementCount: Int { database.statementCount }

    /// Closes all connections; the store must not be used any more.
    public func close() async throws(StoreError) {
        do { try await database.close() } catch { throw StoreError(error) }
    }

    /// The secret of the pseudonyms: made once, kept sealed, never changed.
    private static func pseudonyms(in database: any SQLDatabase, _ sealer: Sealer) async throws -> Pseudonyms {
        let place = Array("secrets/pseudonyms".utf8)
        let sealed = try await database.write { connection in
            let kept = try connection.row("SELECT sealed FROM secrets WHERE name = 'pseudonyms'", []) { $0.blob(0) }
            if let kept { return kept }
            let sealed = try sealer.seal(randomBytes(32), salt: [], place: place)
            try connection.run("INSERT INTO secrets (name, sealed) VALUES ('pseudonyms', ?1)", [.blob(sealed)])
            return sealed
        }
        do throws(Sealer.Failure) {
            return Pseudonyms(secret: try sealer.open(sealed, salt: [], place: place))
        } catch {
            throw StoreError.unreadable(
                reason: """
                    its encryption keys are not the given ones; give those that it was created with, by STAGEKEEPER_ENCRYPTION_KEYS or in the \
                    file beside the database whose name ends in .keys
                    """)
        }
    }
}
