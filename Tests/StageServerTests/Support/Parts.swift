import HTTPTypes
import Hummingbird
import Logging
import RedisClient
import StageEngine
import StageModel
@testable import StageServer
import StageStore
import StageStoreRedis
import StageStoreSQL
import Testing

/// The application's parts, put together as the program does it.
struct Parts: Sendable {
    static let platformKey = "the platform key of the tests"

    let clock = TestClock()
    let database: TestDatabase
    let store: SQLStageStore
    /// Where states are kept beside PostgreSQL, as long as the application runs.
    let redis: TestRedis?
    let access: AccessService
    let stages: StageService
    let turns: TurnService
    /// Where other servers share the lines of messages, what says that this one lives.
    let turnLine: PostgresTurnLine?
    /// Its tail goes on only when a test takes a step.
    let events: EventBroadcaster
    let server: StageServer
    let metrics = PrometheusMetrics()

    init(_ database: TestDatabase, rateLimits: RateLimitSettings = RateLimitSettings()) async throws {
        self.database = database
        (store, redis) = try await database.open(logger)
        let flows = FlowCache(store: store)
        access = AccessService(store: store, platformKey: Self.platformKey)
        let configuration = ConfigurationService(store: store, flows: flows)
        stages = StageService(store: store, configuration: configuration)
        turnLine = store.sharedTurnLine(logger: logger)
        turns = TurnService(store: store, line: turnLine ?? LocalTurnLine(), configuration: configuration, time: clock.source)
        events = EventBroadcaster(log: store, time: clock.source, logger: logger)
        server = try StageServer(
            services: StageServer.Services(
                configuration: configuration, businesses: BusinessService(store: store, flows: flows, access: access), stages: stages, turns: turns,
                access: access, idempotency: IdempotencyService(store: store), events: events, upkeep: store),
            rateLimits: rateLimits, time: clock.source, metrics: metrics, logger: logger, version: "0.0.0")
    }

    var application: some ApplicationProtocol {
        var application = Application(
            router: server.router(), configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)), logger: logger)
        if let turnLine { application.addServices(turnLine) }
        if let redis { application.addServices(redis.client.service, redis.states.follower) }
        return application
    }

    let logger: Logger = {
        var logger = Logger(label: "tests") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .error
        return logger
    }()

    /// The operation that a request is for.
    func operation(_ method: HTTPRequest.Method, _ path: String) -> Operation? {
        let segments = path.prefix { $0 != "?" }.split(separator: "/")
        let method = method == .head ? .get : method
        let matching = server.operations.filter { operation in
            let pattern = operation.path.split(separator: "/")
            return operation.method == method && pattern.count == segments.count
                && zip(pattern, segments).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
        }
        return matching.first { !$0.path.hasSuffix("}") } ?? matching.first
    }

    /// Checks what holds of every answer: it is as `/openapi.json` describes it, and shows nothing of the inside.
    func check(_ answer: Answer, to method: HTTPRequest.Method, _ path: String, sourceLocation: SourceLocation) {
        let request = "\(method) \(path.prefix(200)): \(answer.status) \(answer.text.prefix(2000))"
        #expect(answer[header: "X-Request-Id"] != nil, "\(request)", sourceLocation: sourceLocation)
        guard method != .head else { return }
        if answer.status >= 400 {
            let faults = Problem.schema.faults(of: answer.json, at: .root)
            #expect(faults.isEmpty, "\(request)", sourceLocation: sourceLocation)
            #expect(answer[header: "Content-Type"] == "application/problem+json", "\(request)", sourceLocation: sourceLocation)
            #expect(answer["/status"] == .integer(Int64(answer.status)), "\(request)", sourceLocation: sourceLocation)
            #expect(answer["/request_id"]?.string == answer[header: "X-Request-Id"], "\(request)", sourceLocation: sourceLocation)
            for word in ["SQL", "sqlite", "constraint", ".swift", "Fatal", " 0x", "Optional("] {
                #expect(!answer.text.contains(word), "\(request)", sourceLocation: sourceLocation)
            }
        } else if let operation = operation(method, path), answer.status != 304 {
            let successes = ([operation.success] + operation.otherSuccesses).map { Int($0.code) }
            #expect(successes.contains(answer.status), "\(request)", sourceLocation: sourceLocation)
            let type = answer[header: "Content-Type"]
            if let type, type != operation.answerType {
                #expect(operation.otherTypes.contains(type), "\(request)", sourceLocation: sourceLocation)
            } else {
                let faults = operation.answer?.faults(of: answer.json, at: .root) ?? []
                #expect(faults.isEmpty, "\(request)", sourceLocation: sourceLocation)
            }
            #expect(operation.answer != nil || answer.status != 204 || answer.bytes.isEmpty, "\(request)", sourceLocation: sourceLocation)
        }
    }
}
