import HummingbirdTesting
import StageEngine
import StageModel
import StageStore
import StageStoreSQL
import Testing

@Suite("The end of a stream of events", .timeLimit(.minutes(10)))
struct EventEndTests {
    /// Ways in which somebody loses what let them in.
    enum Loss: CaseIterable {
        case revokedKey, expiredKey, deletedBusiness, revokedSession, keyOfSession, unusedSession, forgottenWord
    }

    @Test("It ends with the next sign of life when who follows would not be let in any more", arguments: Loss.allCases)
    func loss(_ loss: Loss) async throws {
        try await TestServer.run(.live) { server in
            let key = try await server.post("/api-keys", #"{"name":"short","role":"viewer","expires_at":"2026-03-01T13:00:00Z"}"#)
            let (secret, id) = (try #require(key["/api_key"]?.string), try #require(key["/key_id"]?.string))
            let browser = try await Browser(server, as: "viewer")
            let client: EventClient
            switch loss {
            case .revokedKey, .expiredKey, .deletedBusiness, .forgottenWord:
                client = try await .following(server, as: .secret(secret))
            case .revokedSession, .keyOfSession, .unusedSession:
                client = try await .following(server, as: .nobody, ["Cookie": "\(Browser.name)=\(browser.cookie)"])
            }
            server.parts.events.beat()
            #expect(await client.next()?.comment == "ping")
            switch loss {
            case .revokedKey: try await server.delete("/api-keys/\(id)")
            case .expiredKey: server.clock.advance(seconds: 3600)
            case .deletedBusiness: try await server.delete("/businesses/<shop>", as: .platform)
            case .revokedSession: try await server.delete("/sessions/\(browser.session.id)")
            case .keyOfSession: try await server.delete("/api-keys/\(browser.session.key.id)")
            case .unusedSession: server.clock.advance(seconds: Session.idleSeconds)
            case .forgottenWord:
                server.parts.access.heard(at: server.clock.now)
                server.clock.advance(seconds: 6)
            }
            server.parts.events.beat()
            #expect(await client.rest().map(\.comment) == ["not admitted any more"])
            #expect(client.isFinished)
        }
    }

    @Test("A session does not last longer for a page that only stays open")
    func session() async throws {
        try await TestServer.run(.live) { server in
            let browser = try await Browser(server, as: "viewer")
            let client = try await EventClient.following(server, as: .nobody, ["Cookie": "\(Browser.name)=\(browser.cookie)"])
            for _ in 0..<11 {
                server.clock.advance(seconds: 3600)
                server.parts.events.beat()
                #expect(await client.next()?.comment == "ping")
            }
            server.clock.advance(seconds: 3600)
            server.parts.events.beat()
            #expect(await client.rest().map(\.comment) == ["not admitted any more"])
        }
    }

    @Test("It ends cleanly when the server is about to stop, and one that is asked for afterwards ends at once")
    func shutdown() async throws {
        try await TestServer.run(.live) { server in
            let client = try await EventClient.following(server)
            server.parts.events.close()
            #expect(await client.rest().map(\.comment) == ["the server is about to stop"])
            #expect(client.isFinished)
            let late = try await EventClient(server, "/events")
            #expect(await late.rest().map(\.comment) == ["the server is about to stop"])
            #expect(late.isFinished)
        }
    }

    @Test("A client that goes away is noticed at once")
    func gone() async throws {
        try await TestServer.run(.live) { server in
            let client = try await EventClient.following(server)
            #expect(server.parts.events.subscriberCount == 1)
            client.leave()
            while server.parts.events.subscriberCount > 0 { await Task.yield() }
        }
    }

    @Test("A client that reads nothing is cut after five seconds of more than it may be behind, and hinders nobody")
    func slow() async throws {
        try await TestServer.run(.live) { server in
            let slow = try await EventClient(server, "/events?last_event_id=0", isReading: false)
            while server.parts.events.subscriberCount < 1 { await Task.yield() }
            let quick = try await EventClient.following(server)
            // More than the system takes in for a client that does not read, and more than may wait then.
            let (start, count, size) = (try await server.store.eventExtent().last, 1000, 16_384)
            try await server.commit(count, by: String(repeating: "x", count: size))
            var found = 0
            while found < count {
                try await server.parts.events.step()
                found += try await quick.events(min(count - found, 256)).count
            }
            #expect(server.parts.events.subscriberCount == 2)
            server.clock.advance(seconds: 5)
            try await server.commit(300)
            while try await server.parts.events.step() {}
            while server.parts.events.subscriberCount > 1 { await Task.yield() }
            #expect(try await quick.events(300).count == 300)
            await slow.startReading()
            let last = await slow.rest().last { $0.id != nil }?.id ?? 0
            #expect(slow.status == 200 && !slow.isFinished && last < start + Int64(count))
            let resumed = try await EventClient(server, "/events", ["Last-Event-ID": "\(last)"])
            #expect(try await resumed.events(1).first?.id == last + 1)
        }
    }
}

extension TestServer {
    /// Moves conversations, many at once.
    func commit(_ count: Int, by actor: String = "tests") async throws {
        let caller = Caller(business: try #require(names["shop"].flatMap { Business.ID($0) }), actor: actor, now: clock.now)
        let stage = try #require(names["welcome"].flatMap { Stage.ID($0) })
        try await withThrowingTaskGroup(of: Void.self) { group in
            for client in 0..<100 {
                let conversation = try #require(ConversationID("m-\(client)"))
                group.addTask { [stages = parts.stages] in
                    for _ in stride(from: client, to: count, by: 100) {
                        _ = try await stages.setCurrentStage(stage, of: conversation, by: caller)
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
