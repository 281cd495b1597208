import RedisClient
import StageModel
import StageStore
import Testing

@testable import StageStoreRedis

@Suite("The follower", .enabled(if: LiveRedis.isThere, LiveRedis.skipped), .timeLimit(.minutes(2)))
struct FollowerTests {
    @Test("heals what a process did not tell that was killed after its commit")
    func untold() async throws {
        try await LiveRedis.with(.service) { client in
            let installation = try await Installation.following(client)
            let key = try installation.log.conversation()
            await installation.commit(key)
            _ = await installation.read(key)
            installation.log.commit(key, data: ["a": 2])
            #expect(await installation.shown(key) == "version 1")
            await installation.catchUp()
            #expect(await installation.shown(key) == "miss")
            #expect(await installation.read(key)?.version == 2)
            #expect(await installation.shown(key) == "version 2")
        }
    }

    @Test("leaves alone what is as new as the log says, or newer")
    func told() async throws {
        try await LiveRedis.with(.service) { client in
            let installation = try await Installation.following(client)
            let key = try installation.log.conversation()
            await installation.commit(key)
            _ = await installation.read(key)
            await installation.commit(key)
            await installation.catchUp()
            #expect(await installation.shown(key) == "version 2")
        }
    }

    @Test("keeps out a commit that is told after a newer one was followed")
    func lateCommit() async throws {
        try await LiveRedis.with(.service) { client in
            let installation = try await Installation.following(client)
            let key = try installation.log.conversation()
            await installation.commit(key)
            _ = await installation.read(key)
            let late = installation.log.commit(key)
            installation.log.commit(key)
            await installation.catchUp()
            // Even when nothing is there any more that tells of the newer one.
            for isForgotten in [false, true] {
                if isForgotten {
                    let name = installation.keys.conversation(key, business: installation.keys.name(of: key.business)).state
                    try await LiveRedis.with(.operation) { _ = try await $0.delete(name) }
                }
                await installation.cache.committed([late])
                #expect(await installation.shown(key) == "miss")
                #expect(await installation.read(key)?.version == 3)
            }
        }
    }

    @Test("erases what a process did not erase that was killed after its commit")
    func erasure() async throws {
        try await LiveRedis.with(.service) { client in
            let installation = try await Installation.following(client)
            let key = try installation.log.conversation()
            await installation.commit(key, data: ["a": 1])
            _ = await installation.read(key)
            guard case .miss(let ticket) = await installation.cache.history(of: key) else {
                Issue.record("Something is shown.")
                return
            }
            await installation.cache.fill(RecentHistory(version: 1, transitions: [], isComplete: true), of: key, ticket)
            _ = installation.log.erase(key)
            await installation.catchUp()
            #expect(await installation.shown(key) == "miss")
            let names = installation.keys.conversation(key, business: installation.keys.name(of: key.business))
            for name in [names.state, names.history] { #expect(try await client.get(name)?.count == Stamp.width) }
        }
    }

    @Test("reads a log of many pages, and shows nothing old meanwhile")
    func pages() async throws {
        try await LiveRedis.with(.service) { client in
            let installation = try await Installation.following(client)
            let keys = try (0..<20).map { try installation.log.conversation("c\($0)") }
            for key in keys {
                await installation.commit(key)
                _ = await installation.read(key)
            }
            await installation.catchUp()
            for key in keys { installation.log.commit(key) }
            installation.log.limitPages(to: 3)
            let second = try Installation(client, log: installation.log)
            while try await second.step() {
                for key in keys { #expect(await second.shown(key) != "version 1") }
            }
            for key in keys { #expect(await second.shown(key) == "miss") }
        }
    }

    @Test("works beside others, whatever order they come in")
    func several() async throws {
        try await LiveRedis.with(.service) { client in
            let one = try await Installation.following(client)
            let two = try await Installation.following(client, log: one.log)
            let key = try one.log.conversation()
            await one.commit(key)
            _ = await two.read(key)
            for follower in [one, two, two, one] {
                one.log.commit(key)
                await follower.catchUp()
                for reader in [one, two] { #expect(await reader.read(key) == one.log.state(of: key)) }
            }
        }
    }

    @Test("drops everything when the log does not reach back so far")
    func gap() async throws {
        try await LiveRedis.with(.service) { client in
            let installation = try await Installation.following(client)
            let keys = try (0..<50).map { try installation.log.conversation("c\($0)") }
            for key in keys {
                await installation.commit(key)
                _ = await installation.read(key)
            }
            await installation.catchUp()
            for key in keys { installation.log.commit(key) }
            installation.log.removeOldCommits()
            await installation.catchUp()
            for key in keys { #expect(await installation.shown(key) == "miss") }
            for key in keys { #expect(await installation.read(key)?.version == 2) }
        }
    }

    @Test("drops what is newer than a database that was set back")
    func databaseSetBack() async throws {
        try await LiveRedis.with(.service) { client in
            let installation = try await Installation.following(client)
            let key = try installation.log.conversation()
            let old = await installation.commit(key)
            _ = await installation.read(key)
            let position = installation.log.last
            for _ in 0..<5 { await installation.commit(key) }
            await installation.catchUp()
            #expect(await installation.shown(key) == "version 6")
            installation.log.setBack(to: old, last: position)
            await installation.catchUp()
            #expect(await installation.read(key)?.version == 1)
            #expect(await installation.shown(key) == "version 1")
        }
    }

    @Test("tells once that the log can't be read, and goes on when it can")
    func unreadableLog() async throws {
        try await LiveRedis.with(.service) { client in
            let installation = try await Installation.following(client)
            installation.log.fail(.unavailable(reason: "test"))
            await installation.catchUp()
            await installation.catchUp()
            #expect(installation.cache.condition == .behind)
            installation.log.fail(nil)
            await installation.catchUp()
            #expect(installation.cache.condition == .current)
            #expect(
                installation.lines.all == [
                    "error: The log of commits can't be read; Redis is not brought up to date.", "notice: The log of commits can be read again.",
                ])
        }
    }
}
