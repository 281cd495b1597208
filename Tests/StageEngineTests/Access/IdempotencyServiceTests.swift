import StageEngine
import StageModel
import StageStore
import Testing

@Suite("Repeated requests")
struct IdempotencyServiceTests {
    private static let scope = ["sk_a", "POST", "/stages"]
    private static let body = Array("{\"a\":1}".utf8)

    private static func begin(
        _ bench: EngineBench, key: String = "k", scope: [String] = scope, body: [UInt8] = body
    ) async throws -> IdempotencyService.Start {
        try await bench.idempotency.begin(key: key, scope: scope, body: body, at: bench.clock.now)
    }

    private static func claim(_ bench: EngineBench, key: String = "k", scope: [String] = scope, body: [UInt8] = body) async throws
        -> IdempotencyService.Claim
    {
        guard case .proceed(let claim) = try await begin(bench, key: key, scope: scope, body: body) else { throw StoreError.alreadyAnswered }
        return claim
    }

    /// Keeps an answer with a commit, as a request does.
    private static func carryOut(_ claim: IdempotencyService.Claim, _ bench: EngineBench) async throws {
        let answer = bench.answer(claim, body: "done")
        _ = try await bench.configuration.create(Agent(name: "New", description: ""), by: bench.caller) { _ in answer }
        bench.idempotency.end(claim)
    }

    @Test("A request that is repeated gets the answer that it got, for 24 hours")
    func replay() async throws {
        try await EngineBench.with { bench in
            let claim = try await Self.claim(bench)
            try await Self.carryOut(claim, bench)
            for _ in 0..<2 {
                guard case .replay(let answer) = try await Self.begin(bench) else {
                    Issue.record("It is carried out again.")
                    return
                }
                #expect(answer.body == Array("done".utf8) && answer.status == 200)
            }
            bench.clock.advance(seconds: Timestamp.secondsPerDay)
            _ = try await Self.claim(bench)
        }
    }

    @Test("While a request is being carried out the same is refused, whatever its body; afterwards it may try again")
    func inProgress() async throws {
        try await EngineBench.with { bench in
            let claim = try await Self.claim(bench)
            #expect(await refusal { _ = try await Self.begin(bench) }?.code == .idempotencyKeyInProgress)
            #expect(await refusal { _ = try await Self.begin(bench, body: [1]) }?.code == .idempotencyKeyInProgress)
            bench.idempotency.end(claim)
            let second = try await Self.claim(bench)
            #expect(second.scope == claim.scope && second.fingerprint == claim.fingerprint)
        }
    }

    @Test("What another process has done meanwhile is the answer to one that is refused; with another body it is not")
    func elsewhere() async throws {
        try await EngineBench.with { bench in
            let others = [IdempotencyService(store: bench.store), IdempotencyService(store: bench.store)]
            let now = bench.clock.now
            guard case .proceed(let same) = try await others[0].begin(key: "k", scope: Self.scope, body: Self.body, at: now),
                case .proceed(let another) = try await others[1].begin(key: "k", scope: Self.scope, body: [1], at: now)
            else {
                Issue.record("They can't be carried out.")
                return
            }
            #expect(try await others[0].answer(to: same, at: now) == nil)
            try await Self.carryOut(try await Self.claim(bench), bench)
            #expect(try await others[0].answer(to: same, at: now)?.body == Array("done".utf8))
            #expect(try await others[1].answer(to: another, at: now) == nil)
        }
    }

    @Test("Of many that are the same one may be carried out")
    func race() async throws {
        try await EngineBench.with { bench in
            let proceeding = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<32 { group.addTask { (try? await Self.claim(bench)) != nil } }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(proceeding == 1)
        }
    }

    @Test("Another body under the same key is refused, as often as it comes, and the right one still gets its answer")
    func reused() async throws {
        try await EngineBench.with { bench in
            try await Self.carryOut(try await Self.claim(bench), bench)
            for _ in 0..<2 { #expect(await refusal { _ = try await Self.begin(bench, body: [1]) }?.code == .idempotencyKeyReused) }
            guard case .replay = try await Self.begin(bench) else {
                Issue.record("It is carried out again.")
                return
            }
        }
    }

    static let others: [(String, [String])] = [
        ("k2", scope), ("k", ["sk_b", "POST", "/stages"]), ("k", ["sk_a", "PUT", "/stages"]), ("k", ["sk_a", "POST", "/stages/1"]), ("K", scope),
    ]

    @Test("Another key, caller, method or path makes it another request", arguments: others)
    func scopes(key: String, scope: [String]) async throws {
        try await EngineBench.with { bench in
            try await Self.carryOut(try await Self.claim(bench), bench)
            let claim = try await Self.claim(bench, key: key, scope: scope)
            bench.idempotency.end(claim)
        }
    }

    @Test("A request whose answer can't be looked for is not carried out, and does not stay in progress")
    func unavailable() async throws {
        let store = StubAccessStore()
        let (service, clock) = (IdempotencyService(store: store), TestClock())
        store.breakDown(true)
        for _ in 0..<2 {
            let error = await refusal { _ = try await service.begin(key: "k", scope: Self.scope, body: Self.body, at: clock.now) }
            #expect(error?.code == .databaseUnavailable)
        }
        store.breakDown(false)
        guard case .proceed = try await service.begin(key: "k", scope: Self.scope, body: Self.body, at: clock.now) else {
            Issue.record("It can't be carried out.")
            return
        }
    }
}
