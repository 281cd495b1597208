import Foundation
import Sealing
import StageEngine
import StageModel
import StageStore
import StageStoreSQL
import Testing

/// The whole engine over one SQLite file, with one business.
struct EngineBench: Sendable {
    let path: String
    let clock: TestClock
    let store: SQLStageStore
    let flows: FlowCache
    let access: AccessService
    let configuration: ConfigurationService
    let businesses: BusinessService
    let stages: StageService
    let idempotency: IdempotencyService
    let business: Business
    /// The key of the business's owner.
    let secret: String

    static let platformKey = "platform-key-of-the-tests"

    /// Runs a test on a new file, and removes it afterwards.
    static func with(_ body: (EngineBench) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("stagekeeper-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        do {
            let bench = try await EngineBench(path: "\(folder)/test.sqlite", clock: TestClock(), as: nil)
            try await body(bench)
            try await bench.store.close()
        } catch {
            try FileManager.default.removeItem(atPath: folder)
            throw error
        }
        try FileManager.default.removeItem(atPath: folder)
    }

    /// The engine of another process on the same file, for the same business.
    func another() async throws -> EngineBench { try await EngineBench(path: path, clock: clock, as: (business, secret)) }

    private init(path: String, clock: TestClock, as known: (Business, String)?) async throws {
        let key = Data((0..<32).map { UInt8($0) }).base64EncodedString()
        self.path = path
        self.clock = clock
        store = try await SQLStageStore.sqlite(path: path, masterKeys: try MasterKeys(parsing: "k1:\(key)"))
        flows = FlowCache(store: store)
        access = AccessService(store: store, platformKey: Self.platformKey)
        configuration = ConfigurationService(store: store, flows: flows)
        businesses = BusinessService(store: store, flows: flows, access: access)
        stages = StageService(store: store, configuration: configuration)
        idempotency = IdempotencyService(store: store)
        if let known {
            (business, secret) = known
        } else {
            let created = try await businesses.create(name: "Acme", actor: "platform", at: clock.now) { _ in nil }
            (business, secret) = (created.business, created.secret)
        }
    }

    /// Who asks, now.
    var caller: Caller { Caller(business: business.id, actor: "sk_test", now: clock.now) }

    /// The owner of another business on the same server.
    func stranger() async throws -> Caller {
        let created = try await businesses.create(name: "Other", actor: "platform", at: clock.now) { _ in nil }
        return Caller(business: created.business.id, actor: "sk_other", now: clock.now)
    }

    var flow: Flow { get async throws { try await configuration.flow(of: business.id) } }

    func create<Body: EditableDefinition>(_ body: Body, by caller: Caller? = nil) async throws -> Saved<Body> {
        try await configuration.create(body, by: caller ?? self.caller) { _ in nil }
    }

    func go(_ stage: Stage.ID, _ text: String, _ data: [String: JSONValue] = [:], agent: Agent.ID? = nil) async throws -> ConversationState {
        try await stages.setCurrentStage(stage, of: try id(text), data: data, agent: agent, by: caller)
    }

    func id(_ text: String) throws -> ConversationID { try #require(ConversationID(text)) }

    func answer(_ claim: IdempotencyService.Claim, body: String = "{}") -> IdempotentAnswer {
        IdempotentAnswer(
            scope: claim.scope, fingerprint: claim.fingerprint, business: business.id, conversation: nil, status: 200, headers: [:],
            body: Array(body.utf8), at: clock.now)
    }
}

/// The error that something ends with; nil when it ends without one of the engine's.
func refusal(_ body: () async throws -> Void) async -> EngineError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? EngineError
    }
}

extension EngineError {
    var places: [String] { faults.map(\.pointer.description) }
}
