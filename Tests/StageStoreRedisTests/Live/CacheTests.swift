import RedisClient
import Sealing
import StageModel
import StageStore
import Testing

@testable import StageStoreRedis

@Suite("The cache in Redis", .enabled(if: LiveRedis.isThere, LiveRedis.skipped), .timeLimit(.minutes(2)))
struct CacheTests {
    @Test("shows nothing before the follower has been at the end of the log")
    func beforeStart() async throws {
        try await LiveRedis.with(.service) { client in
            let installation = try Installation(client)
            let key = try installation.log.conversation()
            #expect(await installation.shown(key) == "unavailable")
            #expect(installation.cache.condition == .behind)
            await installation.catchUp()
            #expect(await installation.shown(key) == "miss")
            #expect(installation.cache.condition == .current)
        }
    }

    @Test("shows what was read once, then what is committed, in all processes at once")
    func readAndCommit() async throws {
        try await LiveRedis.with(.service) { client in
            let one = try await Installation.following(client)
            let two = try await Installation.following(client, log: one.log)
            let key = try one.log.conversation()
            let first = await one.commit(key, data: ["order_id": "LL-1"])
            #expect(await two.shown(key) == "miss")
            #expect(await two.read(key) == first)
            #expect(await one.shown(key) == "version 1")
            let second = await one.commit(key, data: ["order_id": "LL-2"])
            guard case .hit(let state) = await two.cache.state(of: key) else {
                Issue.record("The state is not shown.")
                return
            }
            #expect(state == second)
        }
    }

    @Test("keeps the newest of several commits, in whatever order they arrive")
    func order() async throws {
        try await LiveRedis.with(.service) { client in
            let installation = try await Installation.following(client)
            let key = try installation.log.conversation()
            await installation.commit(key)
            _ = await installation.read(key)
            let states = (2...5).map { _ in installation.log.commit(key) }
            for state in [states[1], states[0]] { await installation.cache.committed([state]) }
            #expect(await installation.shown(key) == "version 3")
            await installation.cache.committed([states[3], states[2], states[3], states[0]])
            #expect(await installation.shown(key) == "version 5")
        }
    }

    @Test("does not fill in what was read before a commit")
    func lateFill() async throws {
        try await LiveRedis.with(.service) { client in
            let installation = try await Installation.following(client)
            let key = try installation.log.conversation()
            let old = await installation.commit(key)
            guard case .miss(let ticket) = await installation.cache.state(of: key) else {
                Issue.record("Something is shown.")
                return
            }
            await installation.commit(key)
            await installation.cache.fill(old, ticket)
            #expect(await installation.shown(key) == "miss")
            #expect(await installation.read(key)?.version == 2)
            #expect(await installation.shown(key) == "version 2")
        }
    }

    @Test("does not fill in what was read before the position moved on")
    func lateFillAfterStep() async throws {
        try await LiveRedis.with(.service) { client in
            let installation = try await Installation.following(client)
            let key = try installation.log.conversation()
            let old = installation.log.commit(key)
            guard case .miss(let ticket) = await installation.cache.state(of: key) else {
                Issue.record("Something is shown.")
                return
            }
            // Committed by a process that was killed before it could tell.
            installation.log.commit(key)
            await installation.catchUp()
            await installation.cache.fill(old, ticket)
            #expect(await installation.shown(key) == "miss")
        }
    }

    @Test("keeps a history as long as it ends at the state's version")
    func histories() async throws {
        try await LiveRedis.with(.service) { client in
            let installation = try await Installation.following(client)
            let key = try installation.log.conversation()
            await installation.commit(key)
            _ = await installation.read(key)
            let history = RecentHistory(version: 1, transitions: [], isComplete: true)
            guard case .miss(let ticket) = await installation.cache.history(of: key) else {
                Issue.record("Something is shown.")
                return
            }
            await installation.cache.fill(history, of: key, ticket)
            guard case .hit(history) = await installation.cache.history(of: key) else {
                Issue.record("The history is not shown.")
                return
            }
            await installation.commit(key)
            guard case .miss = await installation.cache.history(of: key) else {
                Issue.record("An old history is shown.")
                return
            }
        }
    }

    @Test("forgets what is erased, and what was read before")
    func erasure() async throws {
        try await LiveRedis.with(.service) { client in
            let installation = try await Installation.following(client)
            let key = try installation.log.conversation()
            let old = await installation.commit(key)
            guard case .miss(let ticket) = await installation.cache.state(of: key) else {
                Issue.record("Something is shown.")
                return
            }
            await installation.cache.fill(old, ticket)
            await installation.cache.fill(RecentHistory(version: 1, transitions: [], isComplete: true), of: key, ticket)
            #expect(await installation.shown(key) == "version 1")
            await installation.cache.erased(key, atVersion: installation.log.erase(key))
            await installation.cache.fill(old, ticket)
            await installation.cache.committed([old])
            #expect(await installation.shown(key) == "miss")
            let names = installation.keys.conversation(key, business: installation.keys.name(of: key.business))
            for name in [names.state, names.history] { #expect(try await client.get(name)?.count == Stamp.width) }
        }
    }

    @Test("shows nothing of a business that was deleted")
    func deletedBusiness() async throws {
        try await LiveRedis.with(.service) { client in
            let installation = try await Installation.following(client)
            let key = try installation.log.conversation()
            await installation.commit(key)
            _ = await installation.read(key)
            #expect(await installation.shown(key) == "version 1")
            installation.log.delete(key.business)
            installation.cache.forget(key.business)
            #expect(await installation.shown(key) == "unavailable")
        }
    }

    @Test("does not keep a state as it reads after its expiry")
    func expired() async throws {
        try await LiveRedis.with(.service) { client in
            let installation = try await Installation.following(client)
            let key = try installation.log.conversation()
            let end = Timestamp(microseconds: 1_700_000_001_000_000)
            let state = installation.log.commit(key, data: ["a": 1], expiresAt: end)
            guard case .miss(let ticket) = await installation.cache.state(of: key) else {
                Issue.record("Something is shown.")
                return
            }
            await installation.cache.fill(state.reading(at: end), ticket)
            #expect(await installation.shown(key) == "miss")
            await installation.cache.fill(state, ticket)
            guard case .hit(state) = await installation.cache.state(of: key) else {
                Issue.record("The state is not shown.")
                return
            }
        }
    }

    @Test("does not show a value that was copied from another conversation or business")
    func copies() async throws {
        try await LiveRedis.with(.service) { client in
            let installation = try await Installation.following(client)
            let source = try installation.log.conversation("a")
            let others = [try installation.log.conversation("b", business: source.business), try installation.log.conversation("a")]
            func name(_ key: ConversationKey) -> RedisKeys.Conversation {
                installation.keys.conversation(key, business: installation.keys.name(of: key.business))
            }
            for key in [source] + others {
                installation.log.commit(key, data: ["whose": .string("\(key.conversation)")])
                _ = await installation.read(key)
            }
            let value = try #require(try await client.get(name(source).state))
            for other in others {
                let position = try #require(try await client.get(installation.keys.positions[name(other).partition]))
                try await client.set(name(other).state, .bytes(Array(position[..<8]) + value[8...]))
                #expect(await installation.shown(other) == "miss")
                // What is read anew takes its place.
                #expect(await installation.read(other)?.data.conversation["whose"] == .string("\(other.conversation)"))
                #expect(await installation.shown(other) == "version 1")
            }
            #expect(installation.lines.all == ["warning: Something in Redis can't be opened; it is read from the database."])
        }
    }

    @Test("does not show what is sealed with an unknown key, and replaces it")
    func unknownKey() async throws {
        try await LiveRedis.with(.service) { client in
            let one = try await Installation.following(client)
            let key = try one.log.conversation()
            one.log.commit(key)
            _ = await one.read(key)
            let two = try Installation(client, log: one.log, encryption: MasterKeys.generate(id: "other"))
            await two.catchUp()
            #expect(await two.shown(key) == "miss")
            _ = await two.read(key)
            #expect(await two.shown(key) == "version 1")
        }
    }

    @Test("compares what the database has with what is kept")
    func comparison() async throws {
        try await LiveRedis.with(.service) { client in
            let installation = try await Installation.following(client)
            let business = Business.ID()
            let keys = try (0..<6).map { try installation.log.conversation("c\($0)", business: business) }
            var states: [ConversationState] = []
            for key in keys {
                installation.log.commit(key)
                let state = installation.log.commit(key, data: ["a": 1])
                states.append(state)
                if key != keys[5] { _ = await installation.read(key) }
            }
            states[1].version = 3
            states[2].version = 1
            states[3].data.conversation = [:]
            let name = installation.keys.conversation(keys[4], business: installation.keys.name(of: business))
            let value = try #require(try await client.get(name.state))
            try await client.set(name.state, .bytes(value.dropLast() + [value[value.count - 1] ^ 1]))
            let results = try await installation.cache.compare(states).map(\.result)
            let reason = "It was changed, copied from elsewhere, or sealed with another key of the same id."
            #expect(results == [.same, .older(version: 2), .newer(version: 2), .different, .unopenable(reason: reason), .missing])
            #expect(try await installation.cache.compare([]).isEmpty)
        }
    }

    @Test("keeps 64 tasks apart that commit and read at once")
    func manyTasks() async throws {
        try await LiveRedis.with(.service) { client in
            let installation = try await Installation.following(client)
            let (log, cache) = (installation.log, installation.cache)
            let keys = try (0..<8).map { try log.conversation("c\($0)") }
            await withTaskGroup { group in
                for task in 0..<64 {
                    group.addTask {
                        let key = keys[task % keys.count]
                        for _ in 0..<20 {
                            let mine = log.commit(key)
                            await cache.committed([mine])
                            switch await cache.state(of: key) {
                            case .hit(let state): if state.version < mine.version { Issue.record("\(state.version) is before \(mine.version)") }
                            case .miss(let ticket): if let state = log.state(of: key) { await cache.fill(state, ticket) }
                            case .unavailable: break
                            }
                        }
                    }
                }
            }
            for key in keys { #expect(await installation.read(key) == log.state(of: key)) }
        }
    }
}
