import Foundation
import Logging
import StageEngine
import StageModel
import StageStore
import StageStoreSQL
import Synchronization
import Testing

@Suite("Sessions")
struct SessionTests {
    private static func code(_ bench: EngineBench, _ cookie: String, _ access: AccessService? = nil) async -> EngineError.Code? {
        await refusal { _ = try await (access ?? bench.access).principal(forCookie: cookie, at: bench.clock.now) }?.code
    }

    @Test("A session does what its key does, and only its hash is kept")
    func format() async throws {
        try await EngineBench.with { bench in
            let made = try await [bench.signIn(userAgent: "Firefox"), bench.signIn()]
            #expect(made[0].cookie != made[1].cookie && made[0].session.id != made[1].session.id)
            let owner = try #require(try await bench.access.keys(of: bench.business.id).first)
            for signIn in made {
                #expect(signIn.cookie.wholeMatch(of: /[A-Za-z0-9_-]{43}/) != nil)
                let (principal, session) = try await bench.access.principal(forCookie: signIn.cookie, at: bench.clock.now)
                #expect(principal == .key(owner) && session == signIn.session && session.key == owner)
                #expect(session.createdAt == bench.clock.now && session.expiresAt == bench.clock.now.adding(seconds: 12 * 3600))
                let folder = URL(fileURLWithPath: bench.path).deletingLastPathComponent()
                for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
                    let file = try Data(contentsOf: folder.appendingPathComponent(name))
                    #expect(file.range(of: Data(signIn.cookie.utf8)) == nil && file.range(of: Data(bench.secret.dropFirst(12).utf8)) == nil)
                }
            }
            #expect(made.map(\.session.userAgent) == ["Firefox", ""])
        }
    }

    /// What is done to a good cookie.
    static let forgeries: [@Sendable (String) -> String] = [
        { _ in "" }, { "\($0)x" }, { String($0.dropLast()) }, { " \($0)" }, { "\"\($0)\"" }, { $0.dropFirst() + "%41" }, { $0 + "=" },
        { $0.dropLast() + ($0.hasSuffix("A") ? "B" : "A") }, { _ in String(repeating: "A", count: 43) },
        { _ in String(repeating: "é", count: 43) }, { _ in String(repeating: "\0", count: 43) }, { _ in "' OR 1=1 --" },
    ]

    @Test("Anything but the cookie as it is opens nothing", arguments: forgeries.indices)
    func forged(index: Int) async throws {
        try await EngineBench.with { bench in
            let cookie = try await bench.signIn().cookie
            let forged = Self.forgeries[index](cookie)
            for _ in 0..<2 { #expect(await Self.code(bench, forged) == .unauthorized) }
            #expect(await Self.code(bench, cookie) == nil)
            #expect(await Self.code(bench, forged) == .unauthorized)
        }
    }

    @Test("A session that is known is checked without a statement, and so is one that is known to be none")
    func cached() async throws {
        try await EngineBench.with { bench in
            let cookies = [try await bench.signIn().cookie, String(repeating: "A", count: 43)]
            for cookie in cookies { _ = await Self.code(bench, cookie) }
            let before = bench.store.statementCount
            for cookie in cookies + cookies { _ = await Self.code(bench, cookie) }
            #expect(bench.store.statementCount == before)
        }
    }

    @Test("A session ends twelve hours after it was last used, not before")
    func sliding() async throws {
        try await EngineBench.with { bench in
            let cookie = try await bench.signIn().cookie
            for _ in 0..<3 {
                bench.clock.advance(microseconds: 12 * 3600 * 1_000_000 - 1)
                let session = try await bench.access.principal(forCookie: cookie, at: bench.clock.now).session
                #expect(session.usedAt == bench.clock.now && session.expiresAt == bench.clock.now.adding(seconds: 12 * 3600))
            }
            bench.clock.advance(seconds: 12 * 3600)
            for _ in 0..<2 { #expect(await Self.code(bench, cookie) == .unauthorized) }
            #expect(try await bench.sessions().isEmpty)
        }
    }

    @Test("Being used is written at most once a minute, however often and by however many at once")
    func extensionsAreRare() async throws {
        try await EngineBench.with { bench in
            let cookie = try await bench.signIn().cookie
            _ = await Self.code(bench, cookie)
            let before = bench.store.statementCount
            for _ in 0..<59 {
                bench.clock.advance(seconds: 1)
                #expect(await Self.code(bench, cookie) == nil)
            }
            #expect(bench.store.statementCount == before)
            bench.clock.advance(seconds: 1)
            let now = bench.clock.now
            let extended = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<32 {
                    group.addTask { (try? await bench.access.principal(forCookie: cookie, at: now))?.session.usedAt == now }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(extended >= 1)
            #expect(bench.store.statementCount == before + 3, "BEGIN, UPDATE, COMMIT")
            #expect(try await bench.sessions().map(\.usedAt) == [now])
        }
    }

    @Test("What another process has made last longer lasts longer here")
    func extendedElsewhere() async throws {
        try await EngineBench.with { bench in
            let other = try await bench.another()
            let cookie = try await bench.signIn().cookie
            #expect(await Self.code(bench, cookie) == nil)
            bench.clock.advance(seconds: 11 * 3600)
            #expect(await Self.code(bench, cookie, other.access) == nil)
            bench.clock.advance(seconds: 11 * 3600)
            #expect(await Self.code(bench, cookie) == nil)
            bench.clock.advance(seconds: 12 * 3600)
            #expect(await Self.code(bench, cookie, other.access) == .unauthorized)
        }
    }

    @Test("A session is gone at once when its key is revoked, and when the key expires")
    func keyEnds() async throws {
        try await EngineBench.with { bench in
            let revoked = try await bench.key(.viewer)
            let expiring = try await bench.key(.editor, expiresAt: bench.clock.now.adding(seconds: 90))
            let cookies = try await [bench.signIn(revoked.secret).cookie, bench.signIn(expiring.secret).cookie, bench.signIn().cookie]
            for cookie in cookies { #expect(await Self.code(bench, cookie) == nil) }
            _ = try await bench.access.revokeKey(revoked.key.id, by: bench.caller)
            bench.clock.advance(microseconds: 89_999_999)
            #expect(await Self.code(bench, cookies[0]) == .unauthorized)
            #expect(await Self.code(bench, cookies[1]) == nil)
            bench.clock.advance(microseconds: 1)
            #expect(await Self.code(bench, cookies[1]) == .unauthorized)
            #expect(await Self.code(bench, cookies[2]) == nil)
            #expect(try await bench.sessions().count == 1)
        }
    }

    @Test("A revoked session opens nothing any more; a stranger can't revoke it")
    func revoked() async throws {
        try await EngineBench.with { bench in
            let (signIn, other) = try await (bench.signIn(), bench.signIn())
            #expect(await Self.code(bench, signIn.cookie) == nil)
            let stranger = try await bench.stranger()
            #expect(await refusal { try await bench.access.revokeSession(signIn.session.id, by: stranger) }?.code == .notFound)
            #expect(await Self.code(bench, signIn.cookie) == nil)
            try await bench.access.revokeSession(signIn.session.id, by: bench.caller)
            #expect(await Self.code(bench, signIn.cookie) == .unauthorized)
            #expect(await refusal { try await bench.access.revokeSession(signIn.session.id, by: bench.caller) }?.code == .notFound)
            #expect(await Self.code(bench, other.cookie) == nil)
            #expect(try await bench.audit(2) == ["session.revoke sk_test \(signIn.session.id)", "session.create \(bench.actor) \(other.session.id)"])
        }
    }

    @Test("Signing out ends the session, and does nothing when there is none")
    func signOut() async throws {
        try await EngineBench.with { bench in
            let signIn = try await bench.signIn()
            #expect(await Self.code(bench, signIn.cookie) == nil)
            for cookie in [signIn.cookie, signIn.cookie, "", "nonsense"] { try await bench.access.signOut(cookie, at: bench.clock.now) }
            #expect(await Self.code(bench, signIn.cookie) == .unauthorized)
            let actor = "session:\(signIn.session.key.prefix)"
            #expect(
                try await bench.audit(2) == [
                    "session.revoke \(actor) \(signIn.session.id)", "session.create \(bench.actor) \(signIn.session.id)",
                ])
        }
    }

    @Test("What another process has ended, by itself or by its key, counts when it is heard of")
    func elsewhere() async throws {
        try await EngineBench.with { bench in
            let other = try await bench.another()
            let follower = ChangeFollower(
                feed: other.store, flows: other.flows, access: other.access, time: bench.clock.source,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, forgetConversations: { _ in })
            let (key, secret) = try await bench.key(.viewer)
            let signIns = try await [bench.signIn(), bench.signIn(secret)]
            var position = try await follower.follow(from: nil)
            for signIn in signIns { #expect(await Self.code(bench, signIn.cookie, other.access) == nil) }
            try await bench.access.revokeSession(signIns[0].session.id, by: bench.caller)
            #expect(await Self.code(bench, signIns[0].cookie, other.access) == nil, "It has not heard yet.")
            position = try await follower.follow(from: position)
            #expect(await Self.code(bench, signIns[0].cookie, other.access) == .unauthorized)
            _ = try await bench.access.revokeKey(key.id, by: bench.caller)
            _ = try await follower.follow(from: position)
            #expect(await Self.code(bench, signIns[1].cookie, other.access) == .unauthorized)
        }
    }

    @Test("Without word of changes for over five seconds no session counts")
    func stale() async throws {
        try await EngineBench.with { bench in
            let cookie = try await bench.signIn().cookie
            bench.access.heard(at: bench.clock.now)
            bench.clock.advance(seconds: 5)
            #expect(await Self.code(bench, cookie) == nil)
            bench.clock.advance(microseconds: 1)
            #expect(await Self.code(bench, cookie) == .databaseUnavailable)
            #expect(await Self.code(bench, "nonsense") == .unauthorized)
        }
    }

    @Test("A session that can't be looked for is not refused as none, and one whose use can't be written is good all the same")
    func unavailable() async throws {
        let (store, clock) = (StubAccessStore(), TestClock())
        let (access, signIn) = try await Self.signIn(store, clock)
        store.breakDown(true)
        func code() async -> EngineError.Code? {
            await refusal { _ = try await access.principal(forCookie: signIn.cookie, at: clock.now) }?.code
        }
        #expect(await code() == .databaseUnavailable)
        store.breakDown(false)
        #expect(await code() == nil)
        for _ in 0..<2 {
            clock.advance(seconds: 60)
            for _ in 0..<3 { #expect(await code() == nil) }
        }
        #expect(store.extensions.withLock { $0 } == 2)
    }

    @Test("A session that was read before it was revoked is not known after it")
    func readBeforeRevocation() async throws {
        let (store, gate, clock) = (StubAccessStore(), Gate(), TestClock())
        let (access, signIn) = try await Self.signIn(store, clock)
        store.hold(at: gate)
        let checking = Task { try await access.principal(forCookie: signIn.cookie, at: clock.now) }
        await gate.arrival()
        try await access.revokeSession(signIn.session.id, by: Caller(signIn.session, at: clock.now))
        await gate.open()
        _ = try? await checking.value
        #expect(await refusal { _ = try await access.principal(forCookie: signIn.cookie, at: clock.now) }?.code == .unauthorized)
    }

    private static func signIn(_ store: StubAccessStore, _ clock: TestClock) async throws -> (AccessService, AccessService.SignIn) {
        let access = AccessService(store: store, platformKey: nil)
        let caller = Caller(business: Business.ID(), actor: "a", now: clock.now)
        let (_, secret) = try await access.createKey(named: "x", role: .owner, expiresAt: nil, by: caller) { _ in nil }
        return (access, try await access.signIn(withKey: secret, userAgent: "", from: "", at: clock.now))
    }

    @Test("A CSRF token is of one cookie alone, the same each time, and nothing of the cookie")
    func csrf() async throws {
        try await EngineBench.with { bench in
            let (mine, other) = try await (bench.signIn().cookie, bench.signIn().cookie)
            let token = bench.access.csrfToken(forCookie: mine)
            #expect(token.wholeMatch(of: /[A-Za-z0-9_-]{43}/) != nil && token != mine && token == bench.access.csrfToken(forCookie: mine))
            #expect(try await bench.another().access.isCSRFToken(token, forCookie: mine))
            #expect(!bench.access.isCSRFToken(token, forCookie: other))
            let forged = ["", mine, token + "A", String(token.dropLast()), token.lowercased(), token + "=", bench.access.csrfToken(forCookie: other)]
            for text in forged { #expect(!bench.access.isCSRFToken(text, forCookie: mine), "\(text)") }
        }
    }
}

extension EngineBench {
    func signIn(_ secret: String? = nil, userAgent: String = "", from address: String = "192.0.2.1") async throws -> AccessService.SignIn {
        try await access.signIn(withKey: secret ?? self.secret, userAgent: userAgent, from: address, at: clock.now)
    }

    func key(_ role: APIKey.Role, expiresAt: Timestamp? = nil) async throws -> (key: APIKey, secret: String) {
        try await access.createKey(named: "\(role)", role: role, expiresAt: expiresAt, by: caller) { _ in nil }
    }

    func sessions() async throws -> [Session] { try await access.sessions(of: business.id, at: clock.now, limit: 100) }

    /// Who signs in with the owner's key, as the audit log names them.
    var actor: String { "api_key:\(secret.prefix(11))" }

    /// The newest entries of the audit log.
    func audit(_ count: Int) async throws -> [String] {
        let log = try await configuration.auditLog(of: business.id, before: nil, limit: count)
        return log.map { "\($0.entry.action) \($0.entry.actor) \($0.entry.subject)" }
    }
}
