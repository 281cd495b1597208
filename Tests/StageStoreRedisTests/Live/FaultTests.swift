import Foundation
import RedisClient
import StageModel
import StageStore
import Testing

@testable import StageStoreRedis

/// Each with a server of its own.
@Suite("Redis in trouble", .enabled(if: LiveRedis.isThere, LiveRedis.skipped), .timeLimit(.minutes(3)))
struct FaultTests {
    private static func impatient(_ configuration: inout RedisConfiguration) {
        configuration.connectTimeout = .seconds(1)
        configuration.commandTimeout = .milliseconds(250)
    }

    @Test("that is set back to an older snapshot shows nothing old, and catches up")
    func snapshot() async throws {
        try await OwnRedis.with { redis in
            try await redis.with { client in
                let installation = try await Installation.following(client)
                let keys = try (0..<20).map { try installation.log.conversation("c\($0)") }
                for key in keys {
                    await installation.commit(key)
                    _ = await installation.read(key)
                }
                await installation.catchUp()
                try await redis.operate(RedisCommand("SAVE"))
                for key in keys { await installation.commit(key) }
                await installation.catchUp()
                for key in keys { #expect(await installation.shown(key) == "version 2") }
                try await redis.kill()
                try await redis.resume()
                await eventually { client.status == .connected }
                for key in keys { #expect(await installation.shown(key) != "version 1") }
                // Another process that begins now knows nothing of what was.
                let second = try Installation(client, log: installation.log)
                for key in keys { #expect(await second.shown(key) == "unavailable") }
                for process in [second, installation] {
                    await process.catchUp()
                    for key in keys { #expect(await process.read(key)?.version == 2) }
                    for key in keys { #expect(await process.shown(key) == "version 2") }
                }
            }
        }
    }

    @Test("that loses everything shows nothing, and is filled again")
    func flush() async throws {
        try await OwnRedis.with { redis in
            try await redis.with { client in
                let installation = try await Installation.following(client)
                let key = try installation.log.conversation()
                await installation.commit(key)
                let old = await installation.read(key)
                try await redis.operate(RedisCommand("FLUSHALL"))
                #expect(await installation.shown(key) == "unavailable")
                // Nobody knows what is missed.
                await installation.commit(key)
                await installation.cache.committed([try #require(old)])
                #expect(await installation.shown(key) == "unavailable")
                await installation.catchUp()
                #expect(await installation.shown(key) == "miss")
                #expect(await installation.read(key)?.version == 2)
                #expect(await installation.shown(key) == "version 2")
            }
        }
    }

    @Test("that evicts a partition's position drops what is kept there")
    func eviction() async throws {
        try await OwnRedis.with { redis in
            try await redis.with { client in
                let installation = try await Installation.following(client)
                let key = try installation.log.conversation()
                await installation.commit(key)
                _ = await installation.read(key)
                try await redis.operate(RedisCommand("DEL", key: installation.keys.positions[installation.keys.partition(of: key)]))
                installation.log.commit(key)
                #expect(await installation.shown(key) == "unavailable")
                await installation.catchUp()
                #expect(await installation.shown(key) == "miss")
            }
        }
    }

    @Test("that is killed and comes back makes nobody wait, and is told of once")
    func killed() async throws {
        try await OwnRedis.with { redis in
            try await redis.with(Self.impatient) { client in
                let installation = try await Installation.following(client)
                let key = try installation.log.conversation()
                await installation.commit(key)
                _ = await installation.read(key)
                #expect(installation.cache.condition == .current)
                try await redis.kill()
                await eventually { client.status != .connected }
                #expect(installation.cache.condition == .away)
                await installation.commit(key)
                #expect(await installation.shown(key) == "unavailable")
                await installation.cache.erased(key, atVersion: 0)
                for _ in 0..<3 { await installation.catchUp() }
                #expect(installation.lines.all == ["warning: Redis is away; states are read from the database until it is back."])
                try await redis.resume()
                await eventually {
                    await installation.catchUp()
                    return installation.cache.condition == .current
                }
                #expect(await installation.read(key)?.version == 2)
                #expect(await installation.shown(key) == "version 2")
                #expect(installation.lines.all.dropFirst() == ["notice: Redis is back."])
            }
        }
    }

    @Test("that answers nothing lets commits go on, and shows nothing old afterwards")
    func paused() async throws {
        try await OwnRedis.with { redis in
            // The connection is kept: nothing but the cache itself ends the waiting.
            try await redis.with { client in
                let installation = try await Installation.following(client, patience: .milliseconds(100))
                let key = try installation.log.conversation()
                await installation.commit(key)
                _ = await installation.read(key)
                try await redis.paused { await installation.commit(key) }
                #expect(await installation.shown(key) == "unavailable")
                #expect(installation.lines.all == ["warning: Redis did not take a commit in time; the log of commits will tell it."])
                await installation.catchUp()
                #expect(await installation.read(key)?.version == 2)
            }
        }
    }

    @Test("that was away shows other processes nothing that is older than their last look at the log")
    func missed() async throws {
        try await OwnRedis.with { redis in
            try await redis.with(Self.impatient) { client in
                let installation = try await Installation.following(client)
                let key = try installation.log.conversation()
                await installation.commit(key)
                _ = await installation.read(key)
                await installation.catchUp()
                try await redis.operate(RedisCommand("SAVE"))
                try await redis.kill()
                await eventually { client.status != .connected }
                await installation.catchUp()
                // Somebody else's, who could not tell Redis.
                installation.log.commit(key)
                try await redis.resume()
                await eventually { client.status == .connected }
                #expect(await installation.shown(key) == "unavailable")
                await installation.catchUp()
                #expect(await installation.read(key)?.version == 2)
            }
        }
    }

    @Test("is followed by the service until it is told to stop")
    func service() async throws {
        try await OwnRedis.with { redis in
            try await redis.with(Self.impatient) { client in
                let installation = try Installation(client)
                let key = try installation.log.conversation()
                let service = Task { [follower = installation.follower] in await follower.run() }
                await eventually { installation.cache.condition == .current }
                await installation.commit(key)
                _ = await installation.read(key)
                installation.log.commit(key)
                await eventually { await installation.shown(key) != "version 1" }
                try await redis.operate(RedisCommand("FLUSHALL"))
                await eventually {
                    _ = await installation.read(key)
                    return await installation.shown(key) == "version 2"
                }
                service.cancel()
                await service.value
            }
        }
    }

    @Test("holds nothing that tells who a conversation is with, or what was said")
    func dump() async throws {
        try await OwnRedis.with { redis in
            try await redis.with { client in
                let installation = try await Installation.following(client)
                let keys = try (0..<10).map { try installation.log.conversation("whatsapp:+49-170-555010\($0)") }
                for key in keys {
                    await installation.commit(key, data: ["secret_topic": "Linen throw"])
                    _ = await installation.read(key)
                    await installation.commit(key, data: ["secret_topic": "Linen throw, sand"])
                    guard case .miss(let ticket) = await installation.cache.history(of: key) else {
                        Issue.record("Something is shown.")
                        return
                    }
                    let transition = Transition(
                        id: Transition.ID(), version: 2, sequence: 0, from: nil, to: Stage.ID(), cause: .api, actor: "sk_whoever", flowRevision: 1,
                        trace: ["reason": "Linen"], at: Timestamp(microseconds: 0), secondsInStage: nil)
                    await installation.cache.fill(RecentHistory(version: 2, transitions: [transition], isComplete: false), of: key, ticket)
                    #expect(await installation.shown(key) == "version 2")
                }
                await installation.catchUp()
                _ = await installation.cache.erased(keys[0], atVersion: installation.log.erase(keys[0]))
                try await redis.operate(RedisCommand("CONFIG", "SET", "rdbcompression", "no"))
                try await redis.operate(RedisCommand("SAVE"))
                let dump = try redis.snapshot()
                // What must be there: the search finds what is in a dump.
                #expect(dump.range(of: Data("sk:{p".utf8)) != nil)
                #expect(dump.count > 10 * 300)
                let names = keys.flatMap { ["\($0.business)", "\($0.conversation)"] }
                let words = names + ["whatsapp", "secret_topic", "Linen", "sk_whoever", "reason"]
                for word in words { #expect(dump.range(of: Data(word.utf8)) == nil, "The dump holds '\(word)'.") }
            }
        }
    }
}
