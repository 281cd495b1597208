import Foundation
import StageEngine
import StageModel
import StageStore
import StageStoreSQL
import Testing

@Suite("Keys")
struct AccessServiceTests {
    private static func make(_ bench: EngineBench, role: APIKey.Role = .editor, expiresAt: Timestamp? = nil) async throws -> (
        key: APIKey, secret: String
    ) {
        try await bench.access.createKey(named: "CI", role: role, expiresAt: expiresAt, by: bench.caller) { _ in nil }
    }

    private static func code(_ bench: EngineBench, _ secret: String, _ access: AccessService? = nil) async -> EngineError.Code? {
        await refusal { _ = try await (access ?? bench.access).principal(presenting: secret, at: bench.clock.now) }?.code
    }

    @Test("A key is sk_, a readable prefix and 32 random bytes; only its hash is kept")
    func format() async throws {
        try await EngineBench.with { bench in
            let made = try await [Self.make(bench), Self.make(bench)]
            #expect(made[0].secret != made[1].secret)
            for (key, secret) in made {
                let parts = secret.split(separator: "_", maxSplits: 2, omittingEmptySubsequences: false)
                #expect(parts.count == 3 && parts[0] == "sk" && parts[1].count == 8 && parts[2].count == 43)
                #expect(
                    secret.utf8.allSatisfy { byte in
                        byte < 128 && (Character(UnicodeScalar(byte)).isLetter || Character(UnicodeScalar(byte)).isNumber || "_-".utf8.contains(byte))
                    })
                #expect(key.prefix == "sk_\(parts[1])" && secret.hasPrefix(key.prefix + "_"))
                #expect(key.hash.count == 32 && key.role == .editor && key.createdAt == bench.clock.now)
                #expect(try await bench.store.key(prefix: key.prefix) == key)
                let folder = URL(fileURLWithPath: bench.path).deletingLastPathComponent()
                for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
                    let file = try Data(contentsOf: folder.appendingPathComponent(name))
                    #expect(file.range(of: Data(parts[2].utf8)) == nil)
                }
            }
            #expect(try await bench.access.keys(of: bench.business.id).map(\.name).sorted() == ["CI", "CI", "owner"])
        }
    }

    @Test("Who presents a key is its holder; the platform key is the operator's")
    func principals() async throws {
        try await EngineBench.with { bench in
            let (key, secret) = try await Self.make(bench, role: .runtime)
            #expect(try await bench.access.principal(presenting: secret, at: bench.clock.now) == .key(key))
            #expect(try await bench.access.principal(presenting: EngineBench.platformKey, at: bench.clock.now) == .platform)
            let none = AccessService(store: bench.store, platformKey: nil)
            #expect(await Self.code(bench, EngineBench.platformKey, none) == .unauthorized)
            #expect(await Self.code(bench, "", none) == .unauthorized)
        }
    }

    @Test("A key that is known is checked without a statement")
    func cached() async throws {
        try await EngineBench.with { bench in
            _ = try await bench.access.principal(presenting: bench.secret, at: bench.clock.now)
            let before = bench.store.statementCount
            for _ in 0..<10 { _ = try await bench.access.principal(presenting: bench.secret, at: bench.clock.now) }
            #expect(bench.store.statementCount == before)
        }
    }

    /// What is done to a good key.
    static let forgeries: [@Sendable (String) -> String] = [
        { _ in "" }, { _ in "sk_" }, { "\($0)x" }, { String($0.dropLast()) }, { String($0.dropFirst()) }, { " \($0)" }, { $0.uppercased() },
        { $0.dropLast() + ($0.hasSuffix("A") ? "B" : "A") }, { $0.prefix(12) + String(repeating: "A", count: 43) },
        { "sk_zzzzzzzz" + $0.dropFirst(11) },
        { $0.replacing("sk_", with: "pk_") }, { $0.prefix(11) + "-" + $0.dropFirst(12) }, { _ in String(repeating: "é", count: 55) },
        { _ in "sk_👍🏽" + String(repeating: "x", count: 44) }, { "Bearer \($0)" },
    ]

    @Test("Anything but the key as it is opens nothing", arguments: forgeries.indices)
    func forged(index: Int) async throws {
        try await EngineBench.with { bench in
            let forged = Self.forgeries[index](bench.secret)
            for _ in 0..<2 { #expect(await Self.code(bench, forged) == .unauthorized) }
            _ = try await bench.access.principal(presenting: bench.secret, at: bench.clock.now)
            #expect(await Self.code(bench, forged) == .unauthorized)
        }
    }

    @Test("A key ends at the moment of its expiry, not before")
    func expiry() async throws {
        try await EngineBench.with { bench in
            let (_, secret) = try await Self.make(bench, expiresAt: bench.clock.now.adding(seconds: 60))
            bench.clock.advance(microseconds: 59_999_999)
            #expect(await Self.code(bench, secret) == nil)
            bench.clock.advance(microseconds: 1)
            #expect(await Self.code(bench, secret) == .unauthorized)
            let error = await refusal { _ = try await Self.make(bench, expiresAt: bench.clock.now) }
            #expect(error?.code == .invalidInput && error?.places == ["/expires_at"])
        }
    }

    @Test("A revoked key opens nothing any more, and revoking it again changes nothing")
    func revoked() async throws {
        try await EngineBench.with { bench in
            let (key, secret) = try await Self.make(bench)
            _ = try await bench.access.principal(presenting: secret, at: bench.clock.now)
            let revoked = try await bench.access.revokeKey(key.id, by: bench.caller)
            #expect(revoked.revokedAt == bench.clock.now)
            #expect(await Self.code(bench, secret) == .unauthorized)
            bench.clock.advance(seconds: 5)
            #expect(try await bench.access.revokeKey(key.id, by: bench.caller) == revoked)
            let stranger = try await bench.stranger()
            let owner = try #require(try await bench.access.keys(of: bench.business.id).first { $0.name == "owner" })
            #expect(await refusal { _ = try await bench.access.revokeKey(owner.id, by: stranger) }?.code == .notFound)
            #expect(await refusal { _ = try await bench.access.revokeKey(APIKey.ID(), by: bench.caller) }?.code == .notFound)
            #expect(await Self.code(bench, bench.secret) == nil)
            let actions = try await bench.configuration.auditLog(of: bench.business.id, before: nil, limit: 9).map(\.entry.action)
            #expect(actions == ["api_key.revoke", "api_key.create", "business.create"])
        }
    }

    @Test("What another process revoked or created counts when it is heard of")
    func elsewhere() async throws {
        try await EngineBench.with { bench in
            let other = try await bench.another()
            let (key, secret) = try await Self.make(bench)
            #expect(await Self.code(bench, secret, other.access) == nil)
            _ = try await bench.access.revokeKey(key.id, by: bench.caller)
            #expect(await Self.code(bench, secret, other.access) == nil, "It has not heard yet.")
            other.access.forget(bench.business.id)
            #expect(await Self.code(bench, secret, other.access) == .unauthorized)
        }
    }

    @Test("Keys that were checked without word of changes for over five seconds count no more")
    func stale() async throws {
        try await EngineBench.with { bench in
            _ = try await bench.access.principal(presenting: bench.secret, at: bench.clock.now)
            bench.clock.advance(seconds: 1000)
            #expect(await Self.code(bench, bench.secret) == nil, "Nobody listens yet.")
            bench.access.heard(at: bench.clock.now)
            bench.clock.advance(seconds: 5)
            #expect(await Self.code(bench, bench.secret) == nil)
            bench.clock.advance(microseconds: 1)
            #expect(await Self.code(bench, bench.secret) == .databaseUnavailable)
            #expect(await Self.code(bench, EngineBench.platformKey) == nil)
            #expect(await Self.code(bench, "nonsense") == .unauthorized)
            bench.access.heard(at: bench.clock.now)
            #expect(await Self.code(bench, bench.secret) == nil)
        }
    }

    @Test("A key that can't be looked for is not refused as none, and is looked for again")
    func unavailable() async throws {
        let store = StubAccessStore()
        let access = AccessService(store: store, platformKey: nil)
        let clock = TestClock()
        let (_, secret) = try await access.createKey(
            named: "x", role: .owner, expiresAt: nil, by: Caller(business: Business.ID(), actor: "a", now: clock.now)
        ) { _ in nil }
        store.breakDown(true)
        let error = await refusal { _ = try await access.principal(presenting: secret, at: clock.now) }
        #expect(error?.code == .databaseUnavailable && error?.message.contains("fire") == false && error?.debug?.contains("fire") == true)
        store.breakDown(false)
        #expect(await refusal { _ = try await access.principal(presenting: secret, at: clock.now) } == nil)
    }

    @Test("A key that was read before it was revoked is not known after it")
    func readBeforeRevocation() async throws {
        let (store, gate, clock) = (StubAccessStore(), Gate(), TestClock())
        let access = AccessService(store: store, platformKey: nil)
        let caller = Caller(business: Business.ID(), actor: "a", now: clock.now)
        let (key, secret) = try await access.createKey(named: "x", role: .owner, expiresAt: nil, by: caller) { _ in nil }
        store.hold(at: gate)
        let checking = Task { try await access.principal(presenting: secret, at: clock.now) }
        await gate.arrival()
        _ = try await access.revokeKey(key.id, by: caller)
        await gate.open()
        _ = try? await checking.value
        #expect(await refusal { _ = try await access.principal(presenting: secret, at: clock.now) }?.code == .unauthorized)
    }
}
