import StageEngine
import StageModel
import StageStore
import StageStoreSQL
import Testing

@Suite("Sessions: links that sign in")
struct SessionLinkTests {
    private static func code(_ bench: EngineBench, _ link: String, from address: String = "192.0.2.1") async -> EngineError.Code? {
        await refusal { _ = try await bench.access.signIn(withLink: link, userAgent: "", from: address, at: bench.clock.now) }?.code
    }

    private static func link(_ bench: EngineBench, _ key: APIKey? = nil) async throws -> String {
        let owner = try #require(try await bench.access.keys(of: bench.business.id).first)
        return try await bench.access.createSignInLink(for: key ?? owner, by: bench.caller)
    }

    @Test("A link signs in once, with the rights of its key")
    func once() async throws {
        try await EngineBench.with { bench in
            let (key, _) = try await bench.key(.viewer)
            let link = try await Self.link(bench, key)
            #expect(link.wholeMatch(of: /[A-Za-z0-9_-]{43}/) != nil)
            let signIn = try await bench.access.signIn(withLink: link, userAgent: "Safari", from: "::1", at: bench.clock.now)
            #expect(signIn.session.key == key && signIn.session.userAgent == "Safari")
            #expect(try await bench.access.principal(forCookie: signIn.cookie, at: bench.clock.now).principal == .key(key))
            #expect(await Self.code(bench, link) == .unauthorized)
            #expect(
                try await bench.audit(2) == [
                    "session.create api_key:\(key.prefix) \(signIn.session.id)", "sign_in_link.create sk_test \(key.id)",
                ])
        }
    }

    @Test("Of two processes' many browsers that open a link at once, one is signed in")
    func concurrent() async throws {
        try await EngineBench.with { bench in
            let other = try await bench.another()
            let link = try await Self.link(bench)
            let codes = await withTaskGroup(of: EngineError.Code?.self) { group in
                for number in 0..<16 {
                    let process = number.isMultiple(of: 2) ? bench : other
                    group.addTask { await Self.code(process, link, from: "\(number)") }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(codes.count { $0 == nil } == 1 && codes.count { $0 == .unauthorized } == 15)
            #expect(try await bench.sessions().count == 1)
        }
    }

    @Test("A link is good for less than ten minutes")
    func expiry() async throws {
        try await EngineBench.with { bench in
            let links = try await [Self.link(bench), Self.link(bench)]
            bench.clock.advance(microseconds: 599_999_999)
            #expect(await Self.code(bench, links[0]) == nil)
            bench.clock.advance(microseconds: 1)
            #expect(await Self.code(bench, links[1]) == .unauthorized)
        }
    }

    @Test("A link of a key that has been revoked signs nobody in, which is audited")
    func revokedKey() async throws {
        try await EngineBench.with { bench in
            let (key, _) = try await bench.key(.editor)
            let link = try await Self.link(bench, key)
            _ = try await bench.access.revokeKey(key.id, by: bench.caller)
            #expect(await Self.code(bench, link) == .unauthorized)
            #expect(try await bench.audit(1) == ["session.refuse address:192.0.2.1 \(key.id)"])
            #expect(try await bench.sessions().isEmpty)
        }
    }

    @Test("Guessing links is limited as guessing keys is")
    func attempts() async throws {
        try await EngineBench.with { bench in
            let link = try await Self.link(bench)
            let guesses = ["", "nonsense", bench.secret, String(repeating: "A", count: 43), String(link.dropLast()), "\(link)=", link.uppercased()]
            for guess in guesses + guesses.prefix(3) { #expect(await Self.code(bench, guess) == .unauthorized) }
            #expect(await Self.code(bench, link) == .tooManyAttempts)
            #expect(await refusal { _ = try await bench.signIn() }?.code == .tooManyAttempts)
            bench.clock.advance(seconds: 60)
            #expect(await Self.code(bench, link) == nil, "It was not used up by what was refused.")
        }
    }
}
