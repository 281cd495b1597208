import StageModel
import StageStore
import Testing

extension StageStoreConformance {
    @Suite("Keys, answers and the feed of changes")
    struct Access {
        @Test("Keys are created, listed the oldest first, found by their prefix, and revoked once", arguments: stores)
        func keys(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let business = bench.plan.business.id
                let owner = try #require(try await bench.store.keys(of: business).first)
                let late = bench.plan.apiKey("sk_late", role: .viewer, at: 20, expiresAt: bench.now(100))
                let early = bench.plan.apiKey("sk_early", role: .runtime, at: 10)
                for key in [late, early] {
                    try await bench.store.createKey(key, audit: bench.plan.audit("api_key.create"), answer: bench.answer(key.prefix))
                }
                #expect(try await bench.store.keys(of: business) == [owner, early, late])
                #expect(try await bench.store.key(prefix: "sk_late") == late)
                #expect(try await bench.store.key(prefix: "sk_l") == nil)
                #expect(try await bench.kept("sk_late") != nil)
                await #expect(throws: StoreError.taken) {
                    try await bench.store.createKey(bench.plan.apiKey("sk_late"), audit: bench.plan.audit("taken"), answer: bench.answer("taken"))
                }
                #expect(try await bench.kept("taken") == nil)

                func revoke(_ id: APIKey.ID, _ business: Business.ID, at seconds: Int64) async throws -> APIKey? {
                    try await bench.store.revokeKey(id, of: business, at: bench.now(seconds), audit: bench.plan.audit("api_key.revoke"), answer: nil)
                }
                #expect(try await revoke(late.id, Business.ID(), at: 30) == nil)
                #expect(try await revoke(APIKey.ID(), business, at: 30) == nil)
                #expect(try await revoke(late.id, business, at: 30)?.revokedAt == bench.now(30))
                #expect(try await revoke(late.id, business, at: 40)?.revokedAt == bench.now(30))
                #expect(try await bench.store.key(prefix: "sk_late")?.revokedAt == bench.now(30))
                let actions = try await bench.store.auditLog(of: business, before: nil, limit: 9).map(\.entry.action)
                #expect(actions == ["api_key.revoke", "api_key.create", "api_key.create", "flow.import", "business.create"])
            }
        }

        @Test("An answer is kept with its commit and given for 24 hours", arguments: stores)
        func answers(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let answer = bench.answer("a", body: "{\"é\":\"👍🏽\"}", conversation: "c", at: 5)
                #expect(try await bench.kept("a", at: 5) == nil)
                try await bench.perform(.move(to: bench.plan.greeting, data: [:], agent: nil), on: "c", answer: answer)
                #expect(try await bench.kept("a", at: 5) == answer)
                #expect(try await bench.reopen().answer(to: answer.scope, at: bench.now(5)) == answer)
                #expect(try await bench.kept("a", at: 5 + 86_399) == answer)
                #expect(try await bench.kept("a", at: 5 + 86_400) == nil)
                #expect(try await bench.kept("b") == nil)
                let committed = bench.answer("b", body: "")
                _ = try await bench.commit([.saveAgent(bench.plan.saved(Agent.ID(), Agent(name: "N", description: "")))], answer: committed)
                #expect(try await bench.kept("b") == committed)
                try await bench.store.removeOutdated(at: bench.now(86_500))
                #expect(try await bench.kept("a", at: 6) == nil)
            }
        }

        @Test("Renaming, revoking, erasing and deleting keep their answers too", arguments: stores)
        func moreAnswers(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let business = bench.plan.business.id
                let owner = try #require(try await bench.store.keys(of: business).first)
                try await bench.go(bench.plan.greeting, "c")
                _ = try await bench.store.erase(bench.key("c"), audit: bench.plan.audit("x"), answer: bench.answer("erased"), at: bench.now(0))
                _ = try await bench.store.renameBusiness(business, to: "New", at: bench.now(0), audit: bench.plan.audit("x")) { renamed in
                    bench.answer("renamed", body: renamed.name)
                }
                _ = try await bench.store.revokeKey(
                    owner.id, of: business, at: bench.now(0), audit: bench.plan.audit("x"), answer: bench.answer("revoked"))
                #expect(try await bench.kept("erased") != nil)
                #expect(try await bench.kept("renamed")?.body == Array("New".utf8))
                #expect(try await bench.kept("revoked") != nil)
                let deleted = IdempotentAnswer(
                    scope: bench.answer("deleted").scope, fingerprint: [1], business: nil, conversation: nil, status: 204, headers: [:], body: [],
                    at: bench.now(0))
                #expect(try await bench.store.deleteBusiness(business, at: bench.now(0), answer: deleted))
                #expect(try await bench.kept("deleted") == deleted)
                #expect(try await bench.kept("renamed") == nil, "It was the business's.")
            }
        }

        @Test("A request that was answered more than 24 hours ago is a new one, cleaned up or not", arguments: stores, [true, false])
        func oldAnswers(factory: StoreFactory, cleaned: Bool) async throws {
            try await factory.bench { bench in
                try await bench.perform(.move(to: bench.plan.greeting, data: [:], agent: nil), on: "c", answer: bench.answer("a", body: "old"))
                let later: Int64 = 90_000
                if cleaned { try await bench.store.removeOutdated(at: bench.now(later)) }
                #expect(try await bench.kept("a", at: later) == nil)
                try await bench.perform(
                    .move(to: bench.plan.done, data: [:], agent: nil), on: "c", at: later, answer: bench.answer("a", body: "new", at: later))
                #expect(try await bench.kept("a", at: later)?.body == Array("new".utf8))
            }
        }

        @Test("The feed tells of changed flows, keys and deleted businesses, in order, from a position on", arguments: stores)
        func feed(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let business = bench.plan.business.id
                let (none, start) = try await bench.store.changes(after: nil)
                #expect(none.isEmpty)
                #expect(try await bench.store.changes(after: start).position == start)
                _ = try await bench.commit([.saveAgent(bench.plan.saved(Agent.ID(), Agent(name: "N", description: "")))])
                let key = bench.plan.apiKey("sk_new")
                try await bench.store.createKey(key, audit: bench.plan.audit("x"), answer: nil)
                let (first, middle) = try await bench.store.changes(after: start)
                #expect(first == [.flow(business), .keys(business)])
                #expect(middle > start)
                _ = try await bench.store.revokeKey(key.id, of: business, at: bench.now(1), audit: bench.plan.audit("x"), answer: nil)
                _ = try await bench.store.renameBusiness(business, to: "New", at: bench.now(1), audit: bench.plan.audit("x"), answer: { _ in nil })
                _ = try await bench.store.deleteBusiness(business, at: bench.now(1), answer: nil)
                let (second, end) = try await bench.reopen().changes(after: middle)
                #expect(second == [.keys(business), .flow(business), .deleted(business)])
                #expect(try await bench.store.changes(after: end).changes.isEmpty)
                #expect(try await bench.store.changes(after: nil).position == end)
            }
        }

        @Test("A position stays one of the feed when its changes have been removed", arguments: stores)
        func outdatedFeed(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let (_, start) = try await bench.store.changes(after: nil)
                try await bench.store.removeOutdated(at: bench.now(7200))
                let (_, end) = try await bench.store.changes(after: nil)
                _ = try await bench.commit([.saveAgent(bench.plan.saved(Agent.ID(), Agent(name: "N", description: "")))], at: 7200)
                #expect(try await bench.store.changes(after: start).changes == [.flow(bench.plan.business.id)])
                #expect(try await bench.store.changes(after: end).changes == [.flow(bench.plan.business.id)])
            }
        }

        @Test("A store that works says so", arguments: stores)
        func check(factory: StoreFactory) async throws {
            try await factory.test { instance in try await instance.store.check() }
        }
    }
}
