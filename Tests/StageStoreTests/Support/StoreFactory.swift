import Foundation
import Sealing
import StageModel
import StageStore
import StageStoreSQL
import Synchronization
import Testing

/// Everything that a store does.
typealias StageStores = ConfigurationStore & ConversationStore & TurnStore & AccessStore & ChangeFeed & EventLog & StoreUpkeep

/// Makes empty stores of one kind, for the tests that every kind must pass.
struct StoreFactory: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Makes an empty store.
    let make: @Sendable () async throws -> Instance

    /// A store, and what can be done with all of it.
    struct Instance: Sendable {
        let store: any StageStores
        /// Opens what is kept once more, with nothing in memory.
        let reopen: @Sendable () async throws -> any StageStores
        let remove: @Sendable () async throws -> Void
    }

    /// Runs a test on an empty store, and removes it afterwards.
    func test(_ body: (Instance) async throws -> Void) async throws {
        let instance = try await make()
        do { try await body(instance) } catch {
            try await instance.remove()
            throw error
        }
        try await instance.remove()
    }

    /// Runs a test on a store that has one business with the sample flow.
    func bench(_ body: (Bench) async throws -> Void) async throws {
        try await test { instance in try await body(try await Bench(instance.store, reopen: instance.reopen)) }
    }
}

extension StoreFactory {
    static let sqlite = StoreFactory(testDescription: "SQLite") {
        let folder = try TemporaryFolder()
        let open: @Sendable () async throws -> any StageStores = { try await folder.open() }
        return Instance(store: try await open(), reopen: open) { try folder.remove() }
    }

    static let postgres = StoreFactory(testDescription: "PostgreSQL") {
        let schema = try await PostgresServer.makeSchema()
        let opened = Mutex<[SQLStageStore]>([])
        let open: @Sendable () async throws -> any StageStores = {
            let store = try await SQLStageStore.postgres(schema.configuration(), masterKeys: PostgresServer.keys(), logger: PostgresServer.logger)
            opened.withLock { $0.append(store) }
            return store
        }
        return Instance(store: try await open(), reopen: open) {
            for store in opened.withLock({ $0 }) { try await store.close() }
            try await schema.remove()
        }
    }
}

extension StoreFactory {
    static let postgresWithRedis = StoreFactory(testDescription: "PostgreSQL with Redis") {
        let schema = try await PostgresServer.makeSchema()
        try await RedisServer.flush(database: schema.place)
        let opened = Mutex<[RedisBackedStore]>([])
        let open: @Sendable () async throws -> any StageStores = {
            let backed = try await RedisBackedStore(schema)
            opened.withLock { $0.append(backed) }
            return backed.store
        }
        return Instance(store: try await open(), reopen: open) {
            for backed in opened.withLock({ $0 }) { try await backed.close() }
            try await schema.remove()
        }
    }
}

/// A folder for one test.
struct TemporaryFolder: Sendable {
    let path: String

    init(path: String) { self.path = path }

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("stagekeeper-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    var database: String { "\(path)/test.sqlite" }

    func remove() throws { try FileManager.default.removeItem(atPath: path) }

    /// Opens the folder's SQLite file.
    func open(key: String = "k1", migrating: Bool = true) async throws -> SQLStageStore {
        try await SQLStageStore.sqlite(path: database, masterKeys: try Self.keys(key), migrating: migrating)
    }

    /// A master key whose secret its id tells.
    static func keys(_ id: String) throws -> MasterKeys {
        let secret = Data((0..<32).map { UInt8($0) ^ (id.utf8.last ?? 0) }).base64EncodedString()
        return try MasterKeys(parsing: "\(id):\(secret)")
    }

    /// Runs a test in a new folder, and removes it afterwards.
    static func with(_ body: (TemporaryFolder) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        do { try await body(folder) } catch {
            try folder.remove()
            throw error
        }
        try folder.remove()
    }
}
