import StageModel
import StageStore
import Testing

extension StageStoreConformance {
    @Suite("Sessions and sign-in links")
    struct Sessions {
        @Test("A session is found by its hash alone, with its key, also by others who open the store", arguments: stores)
        func found(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let key = try await bench.createKey("sk_a", role: .viewer)
                let session = try await bench.begin("a", key, at: 5, userAgent: "Möbius 👍🏽")
                #expect(try await bench.store.session(hash: Array("a".utf8)) == session)
                #expect(try await bench.reopen().session(hash: Array("a".utf8)) == session)
                for hash in ["b", "A", "", "aa"] { #expect(try await bench.store.session(hash: Array(hash.utf8)) == nil) }
                #expect(session.business == bench.plan.business.id && session.role == .viewer)
                let actions = try await bench.store.auditLog(of: bench.plan.business.id, before: nil, limit: 1).map(\.entry.action)
                #expect(actions == ["session.create"])
            }
        }

        @Test("A hash is one session's, and a session's key is one of its business's", arguments: stores)
        func constraints(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let key = try await bench.createKey("sk_a")
                try await bench.begin("a", key)
                await #expect(throws: StoreError.taken) { try await bench.begin("a", key) }
                await #expect(throws: StoreError.danglingReference) { try await bench.begin("b", bench.plan.apiKey("sk_unknown")) }
                let other = Blueprint(name: "Other")
                try await Bench.create(other, in: bench.store)
                let foreign = APIKey(
                    id: key.id, business: other.business.id, name: "x", prefix: "sk_x", hash: [], role: .owner, createdAt: bench.now(0),
                    expiresAt: nil, revokedAt: nil)
                await #expect(throws: StoreError.danglingReference) { try await bench.begin("c", foreign) }
                await #expect(throws: StoreError.danglingReference) {
                    let link = SignInLink(hash: [1], key: key.id, business: other.business.id, expiresAt: bench.now(9))
                    try await bench.store.createSignInLink(link, audit: bench.plan.audit("x"))
                }
                #expect(try await bench.listed(bench.plan.business.id).count == 1)
                #expect(try await bench.listed(other.business.id).isEmpty)
            }
        }

        @Test("Usable sessions are listed the newest first, page by page", arguments: stores)
        func list(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let key = try await bench.createKey("sk_a")
                var sessions: [Session] = []
                for (name, seconds) in [("a", 10), ("b", 20), ("c", 20), ("d", 20), ("e", 30)] as [(String, Int64)] {
                    sessions.append(try await bench.begin(name, key, at: seconds))
                }
                sessions.sort { ($0.createdAt, $0.id) > ($1.createdAt, $1.id) }
                #expect(try await bench.listed() == sessions)
                var paged: [Session] = []
                var before: SessionPosition?
                repeat {
                    let page = try await bench.store.sessions(of: bench.plan.business.id, at: bench.now(40), before: before, limit: 2)
                    paged += page
                    before = page.last.map { SessionPosition(createdAt: $0.createdAt, id: $0.id) }
                } while before != nil && paged.count < 20
                #expect(paged == sessions)
                #expect(try await bench.listed(Business.ID()).isEmpty)
            }
        }

        @Test("A session whose time, or whose key's time, is over is not listed, and says so when it is read", arguments: stores)
        func unusable(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let (lasting, short) = try await (bench.createKey("sk_a"), bench.createKey("sk_b", expiresAt: bench.now(100)))
                let revoked = try await bench.createKey("sk_c")
                let kept = try await bench.begin("a", lasting)
                try await bench.begin("b", short)
                try await bench.begin("c", revoked)
                #expect(try await bench.listed(at: 99).count == 3)
                #expect(try await bench.listed(at: 100).count == 2)
                _ = try await bench.store.revokeKey(
                    revoked.id, of: bench.plan.business.id, at: bench.now(101), audit: bench.plan.audit("x"), answer: nil)
                #expect(try await bench.listed(at: 101) == [kept])
                #expect(try await bench.listed(at: Session.idleSeconds).isEmpty)
                for (hash, isUsable) in [("a", true), ("b", false), ("c", false)] {
                    let session = try #require(try await bench.store.session(hash: Array(hash.utf8)))
                    #expect(session.isUsable(at: bench.now(101)) == isUsable, "\(hash)")
                }
            }
        }

        @Test("Being used makes a session last longer, noted once a minute, and never takes it back", arguments: stores)
        func extending(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let session = try await bench.begin("a", try await bench.createKey("sk_a"))
                let other = try await bench.begin("b", session.key)
                for (seconds, noted) in [(59, 0), (60, 60), (119, 60), (30, 60), (120, 120)] as [(Int64, Int64)] {
                    let used = session.used(at: bench.now(seconds))
                    try await bench.store.extendSession(session.id, usedAt: used.usedAt, expiresAt: used.expiresAt)
                    let found = try #require(try await bench.store.session(hash: Array("a".utf8)))
                    #expect(found == session.used(at: bench.now(noted)), "after \(seconds) s")
                }
                #expect(try await bench.store.session(hash: Array("b".utf8)) == other)
                try await bench.store.extendSession(Session.ID(), usedAt: bench.now(500), expiresAt: bench.now(600))
                #expect(try await bench.listed().count == 2)
            }
        }

        @Test("A session that is revoked is gone, which the feed of changes tells", arguments: stores)
        func revoking(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let business = bench.plan.business.id
                let session = try await bench.begin("a", try await bench.createKey("sk_a"))
                let (_, start) = try await bench.store.changes(after: nil)
                func revoke(_ id: Session.ID, _ business: Business.ID, _ scope: String) async throws -> Bool {
                    try await bench.store.revokeSession(
                        id, of: business, at: bench.now(1), audit: bench.plan.audit("session.revoke"), answer: bench.answer(scope))
                }
                #expect(try await !revoke(session.id, Business.ID(), "foreign"))
                #expect(try await !revoke(Session.ID(), business, "unknown"))
                #expect(try await bench.store.changes(after: start).changes.isEmpty)
                #expect(try await revoke(session.id, business, "done"))
                #expect(try await !revoke(session.id, business, "again"))
                #expect(try await bench.store.changes(after: start).changes == [.keys(business)])
                #expect(try await bench.store.session(hash: Array("a".utf8)) == nil)
                for (scope, isKept) in [("foreign", false), ("unknown", false), ("done", true), ("again", false)] {
                    #expect(try await (bench.kept(scope) != nil) == isKept, "\(scope)")
                }
                let log = try await bench.store.auditLog(of: business, before: nil, limit: 99)
                #expect(log.count { $0.entry.action == "session.revoke" } == 1)
            }
        }

        @Test("A link is taken once, until it expires", arguments: stores)
        func links(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let key = try await bench.createKey("sk_a")
                for name in ["a", "b", "c"] { try await bench.link(name, key, expiresAt: 600) }
                func take(_ name: String, at seconds: Int64) async throws -> APIKey? {
                    try await bench.store.takeSignInLink(hash: Array(name.utf8), at: bench.now(seconds))
                }
                #expect(try await take("nothing", at: 0) == nil)
                #expect(try await take("a", at: 599) == key)
                #expect(try await take("a", at: 599) == nil)
                #expect(try await take("b", at: 600) == nil)
                let revoked = try await bench.store.revokeKey(
                    key.id, of: bench.plan.business.id, at: bench.now(1), audit: bench.plan.audit("x"), answer: nil)
                #expect(try await take("c", at: 2) == revoked && revoked?.revokedAt != nil)
            }
        }

        @Test("Of many who take a link at once, one gets it", arguments: stores)
        func concurrentTakers(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                try await bench.link("a", try await bench.createKey("sk_a"), expiresAt: 600)
                let others = try await bench.reopen()
                let takers = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for number in 0..<16 {
                        let store = number.isMultiple(of: 2) ? bench.store : others
                        group.addTask { try await store.takeSignInLink(hash: Array("a".utf8), at: bench.now(1)) != nil }
                    }
                    return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
                #expect(takers == 1)
            }
        }

        @Test("What has expired is removed, and all of a business with it", arguments: stores)
        func removal(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let key = try await bench.createKey("sk_a")
                try await bench.begin("a", key)
                let later = try await bench.begin("b", key, at: 1)
                for (name, expiry) in [("x", 600), ("y", Session.idleSeconds + 1)] as [(String, Int64)] {
                    try await bench.link(name, key, expiresAt: expiry)
                }
                try await bench.store.removeOutdated(at: bench.now(Session.idleSeconds))
                #expect(try await bench.store.session(hash: Array("a".utf8)) == nil)
                #expect(try await bench.store.session(hash: Array("b".utf8)) == later)
                #expect(try await bench.store.takeSignInLink(hash: Array("x".utf8), at: bench.now(0)) == nil)
                #expect(try await bench.store.deleteBusiness(bench.plan.business.id, at: bench.now(2), answer: nil))
                #expect(try await bench.store.session(hash: Array("b".utf8)) == nil)
                #expect(try await bench.store.takeSignInLink(hash: Array("y".utf8), at: bench.now(0)) == nil)
            }
        }

        @Test("A note in the audit log changes nothing else", arguments: stores)
        func record(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let (_, start) = try await bench.store.changes(after: nil)
                let entry = bench.plan.audit("session.refuse", "a key", at: 3)
                try await bench.store.record(entry)
                #expect(try await bench.store.auditLog(of: bench.plan.business.id, before: nil, limit: 1).map(\.entry) == [entry])
                #expect(try await bench.store.changes(after: start).changes.isEmpty)
            }
        }
    }
}

extension Bench {
    fileprivate func createKey(_ prefix: String, role: APIKey.Role = .owner, expiresAt: Timestamp? = nil) async throws -> APIKey {
        let key = plan.apiKey(prefix, role: role, expiresAt: expiresAt)
        try await store.createKey(key, audit: plan.audit("api_key.create"), answer: nil)
        return key
    }

    @discardableResult
    fileprivate func begin(_ hash: String, _ key: APIKey, at seconds: Int64 = 0, userAgent: String = "") async throws -> Session {
        let session = Session(
            id: Session.ID(), key: key, createdAt: now(seconds), expiresAt: now(seconds + Session.idleSeconds), usedAt: now(seconds),
            userAgent: userAgent)
        try await store.createSession(session, hash: Array(hash.utf8), audit: plan.audit("session.create"))
        return session
    }

    fileprivate func listed(_ business: Business.ID? = nil, at seconds: Int64 = 40) async throws -> [Session] {
        try await store.sessions(of: business ?? plan.business.id, at: now(seconds), before: nil, limit: 100)
    }

    fileprivate func link(_ name: String, _ key: APIKey, expiresAt seconds: Int64) async throws {
        let link = SignInLink(hash: Array(name.utf8), key: key.id, business: key.business, expiresAt: now(seconds))
        try await store.createSignInLink(link, audit: plan.audit("sign_in_link.create"))
    }
}
