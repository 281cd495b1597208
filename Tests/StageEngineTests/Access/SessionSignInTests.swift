import StageEngine
import StageModel
import StageStore
import StageStoreSQL
import Testing

@Suite("Sessions: signing in")
struct SessionSignInTests {
    private static func code(
        _ bench: EngineBench, _ secret: String, from address: String = "192.0.2.1", _ access: AccessService? = nil
    ) async -> EngineError.Code? {
        await refusal {
            _ = try await (access ?? bench.access).signIn(withKey: secret, userAgent: "", from: address, at: bench.clock.now)
        }?.code
    }

    /// A key of the right form that is none.
    private static func unknownKey(_ number: Int = 0) -> String {
        "sk_\(String(repeating: "a", count: 5))\(100 + number)_" + String(repeating: "A", count: 43)
    }

    @Test("Keys that people use sign in; programs' keys and the platform key are told why not", arguments: APIKey.Role.allCases)
    func roles(role: APIKey.Role) async throws {
        try await EngineBench.with { bench in
            let (key, secret) = try await bench.key(role)
            if role == .runtime {
                let error = await refusal { _ = try await bench.signIn(secret) }
                #expect(error?.code == .forbidden && error?.message.contains("runtime") == true)
                #expect(await refusal { _ = try await bench.access.createSignInLink(for: key, by: bench.caller) }?.code == .forbidden)
                #expect(try await bench.sessions().isEmpty)
            } else {
                #expect(try await bench.signIn(secret).session.role == role)
                #expect(try await bench.sessions().map(\.key) == [key])
            }
            let platform = await refusal { _ = try await bench.signIn(EngineBench.platformKey) }
            #expect(platform?.code == .forbidden && platform?.message.contains("/businesses") == true)
        }
    }

    @Test("Keys that are unknown, cut, expired or revoked are refused in the same words")
    func refused() async throws {
        try await EngineBench.with { bench in
            let revoked = try await bench.key(.owner)
            let expired = try await bench.key(.owner, expiresAt: bench.clock.now.adding(seconds: 1))
            _ = try await bench.access.revokeKey(revoked.key.id, by: bench.caller)
            bench.clock.advance(seconds: 1)
            var messages: Set<String> = []
            let secrets = ["", Self.unknownKey(), String(bench.secret.dropLast()), bench.secret.dropLast(2) + "AA", revoked.secret, expired.secret]
            for secret in secrets {
                let error = await refusal { _ = try await bench.signIn(secret) }
                #expect(error?.code == .unauthorized)
                messages.insert(error?.message ?? "")
            }
            #expect(messages.count == 1 && messages.first?.contains("mistyped, revoked or expired") == true)
            #expect(try await bench.sessions().isEmpty)
        }
    }

    @Test("Refusals of keys that exist are audited, without a secret")
    func audited() async throws {
        try await EngineBench.with { bench in
            let runtime = try await bench.key(.runtime)
            let owner = try #require(try await bench.access.keys(of: bench.business.id).first { $0.role == .owner })
            _ = await Self.code(bench, Self.unknownKey(), from: "192.0.2.9")
            _ = await Self.code(bench, bench.secret.dropLast(2) + "AA", from: "192.0.2.9")
            _ = await Self.code(bench, runtime.secret, from: String(repeating: "x", count: 500))
            let log = try await bench.audit(3)
            #expect(
                log == [
                    "session.refuse address:\(String(repeating: "x", count: 64)) \(runtime.key.id)", "session.refuse address:192.0.2.9 \(owner.id)",
                    "api_key.create sk_test \(runtime.key.id)",
                ])
        }
    }

    @Test("A browser's name is kept up to 200 characters, without control characters")
    func userAgent() async throws {
        try await EngineBench.with { bench in
            let names = [
                ("Mozilla/5.0 (X11)", "Mozilla/5.0 (X11)"), ("a\u{0}b\tc\u{1B}", "abc"),
                (String(repeating: "é", count: 300), String(repeating: "é", count: 200)),
            ]
            for (given, kept) in names {
                let session = try await bench.signIn(userAgent: given).session
                #expect(session.userAgent == kept)
                #expect(try await bench.sessions().contains(session))
            }
        }
    }

    @Test("After ten failures from an address it is refused until the minute is over, even with a good key")
    func attemptsByAddress() async throws {
        try await EngineBench.with { bench in
            for number in 0..<10 {
                #expect(await Self.code(bench, number.isMultiple(of: 2) ? "nonsense" : Self.unknownKey(number)) == .unauthorized)
                #expect(await Self.code(bench, bench.secret, from: "192.0.2.2") == nil, "Who succeeds is not counted.")
            }
            let error = await refusal { _ = try await bench.signIn() }
            #expect(error?.code == .tooManyAttempts && error?.message.contains("wait a minute") == true)
            #expect(await Self.code(bench, bench.secret, from: "192.0.2.2") == nil)
            bench.clock.advance(microseconds: 59_999_999)
            #expect(await Self.code(bench, bench.secret) == .tooManyAttempts)
            bench.clock.advance(microseconds: 1)
            #expect(await Self.code(bench, bench.secret) == nil)
        }
    }

    @Test("After ten failures with a key's prefix it is refused from every address until the minute is over")
    func attemptsByPrefix() async throws {
        try await EngineBench.with { bench in
            let other = try await bench.key(.owner)
            let wrong = bench.secret.prefix(12) + String(repeating: "B", count: 43)
            for number in 0..<10 { #expect(await Self.code(bench, String(wrong), from: "a\(number)") == .unauthorized) }
            let refusals = try await bench.audit(99).count { $0.hasPrefix("session.refuse") }
            for number in 10..<20 { #expect(await Self.code(bench, bench.secret, from: "a\(number)") == .tooManyAttempts) }
            #expect(try await bench.audit(99).count { $0.hasPrefix("session.refuse") } == refusals)
            #expect(refusals == 10)
            #expect(await Self.code(bench, other.secret, from: "a10") == nil, "The refused attempt is not counted for the address.")
            bench.clock.advance(seconds: 60)
            #expect(await Self.code(bench, bench.secret, from: "a10") == nil)
        }
    }

    @Test("Many attempts at once are no way around the limit")
    func concurrentAttempts() async throws {
        try await EngineBench.with { bench in
            let codes = await withTaskGroup(of: EngineError.Code?.self) { group in
                for number in 0..<100 { group.addTask { await Self.code(bench, Self.unknownKey(number)) } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(codes.count { $0 == .unauthorized } == 10 && codes.count { $0 == .tooManyAttempts } == 90)
        }
    }

    @Test("An attack from ever new addresses leaves the limits of others as they are")
    func manyAddresses() async throws {
        try await EngineBench.with { bench in
            for _ in 0..<10 { _ = await Self.code(bench, "nonsense") }
            for number in 0..<3000 { _ = await Self.code(bench, "nonsense", from: "\(number)") }
            #expect(await Self.code(bench, bench.secret) == .tooManyAttempts)
        }
    }

    @Test("What could not be told counts as no failure")
    func unavailable() async throws {
        try await EngineBench.with { bench in
            bench.access.heard(at: bench.clock.now)
            bench.clock.advance(seconds: 6)
            for _ in 0..<20 { #expect(await Self.code(bench, bench.secret) == .databaseUnavailable) }
            bench.access.heard(at: bench.clock.now)
            #expect(await Self.code(bench, bench.secret) == nil)
        }
    }
}
