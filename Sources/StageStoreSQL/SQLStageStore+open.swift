import Foundation
public import Sealing
public import StageStore

extension SQLStageStore {
    /// The number of the newest migration that this program knows.
    public static let schemaNumber = migrations.count

    private static let migrations: [(name: String, script: [UInt8])] = [
        ("initial", PackageResources._001_initial_sql),
        ("rules_and_timeouts", PackageResources._002_rules_and_timeouts_sql),
        ("sessions", PackageResources._003_sessions_sql),
        ("endings", PackageResources._004_endings_sql),
    ]

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
            let database = try SQLiteDatabase(path: path)
            if migrating { try await migrate(database) }
            let number = try await schemaNumber(of: database)
            guard number == schemaNumber else {
                let remedy = number < schemaNumber ? "run 'stagekeeper migrate'" : "run a newer version of stagekeeper"
                throw StoreError.unavailable(reason: "the schema of the database is number \(number), not \(schemaNumber): \(remedy)")
            }
            let sealer = Sealer(masterKeys)
            let pseudonyms = try await pseudonyms(in: database, sealer)
            return SQLStageStore(database: database, sealer: sealer, pseudonyms: pseudonyms, cachedConversations: cachedConversations)
        }
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

    /// The statements that were run so far, where the driver counts them.
    public var statementCount: Int { (database as? SQLiteDatabase)?.counter.count ?? 0 }

    /// Closes all connections; the store must not be used any more.
    public func close() throws(StoreError) {
        do { try (database as? SQLiteDatabase)?.close() } catch { throw StoreError(error) }
    }

    private static func migrate(_ database: SQLiteDatabase) async throws {
        try await database.execute(
            script: """
                CREATE TABLE IF NOT EXISTS schema_migrations (
                    number BIGINT PRIMARY KEY NOT NULL,
                    name TEXT NOT NULL,
                    applied_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW()
                );
                """)
        // A schema of a higher number is for the caller to refuse.
        for index in migrations.indices.dropFirst(try await schemaNumber(of: database)) {
            let script = String(decoding: migrations[index].script, as: UTF8.self)
            try await database.execute(
                script:
                    "BEGIN IMMEDIATE;\n\(script)\nINSERT INTO schema_migrations (number, name) VALUES (\(index + 1), '\(migrations[index].name)');\nCOMMIT;"
            )
        }
    }

    private static func schemaNumber(of database: SQLiteDatabase) async throws -> Int {
        try await database.read { connection in
            let exists = try connection.row("SELECT 1 FROM sqlite_master WHERE name = 'schema_migrations'", []) { _ throws(SQLError) in true }
            guard exists != nil else { return 0 }
            return try connection.row("SELECT max(number) FROM schema_migrations", []) { Int($0.integer(0)) } ?? 0
        }
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
