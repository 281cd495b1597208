import RedisClient
import Testing

@Suite("A real server", .enabled(if: LiveRedis.isThere, LiveRedis.skipped), .timeLimit(.minutes(2)))
struct LiveServerTests {
    @Test("takes commands with keys and values of any bytes", arguments: ["plain", "old", "tls"])
    func commands(server: String) async throws {
        try await LiveRedis.with(server) { client in
            let key = RedisArgument.bytes(Array(LiveRedis.unique("bytes\u{0}\r\n").utf8) + [0xFF])
            #expect(try await client.get(key) == nil)
            let value = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            try await client.set(key, .bytes(value))
            #expect(try await client.get(key) == value)
            #expect(try await client.send(RedisCommand("PTTL", key: key)).integer == -1)
            try await client.set(key, "short", expiringAfter: .seconds(100))
            let rest = try #require(try await client.send(RedisCommand("PTTL", key: key)).integer)
            #expect(rest > 0 && rest <= 100_000)
            #expect(try await client.delete(key) == 1)
            #expect(try await client.delete(key, "test:none") == 0)
            try await client.ping()
        }
    }

    @Test("answers a large value in one piece", arguments: ["plain", "tls"])
    func largeValues(server: String) async throws {
        try await LiveRedis.with(server) { client in
            let key = RedisArgument.string(LiveRedis.unique("large"))
            let value = [UInt8](repeating: 65, count: 8 << 20)
            try await client.set(key, .bytes(value), expiringAfter: .seconds(60))
            #expect(try await client.get(key) == value)
            try await client.delete(key)
        }
    }

    @Test("answers with every type", arguments: [("plain", true), ("old", false)])
    func types(server: String, isRESP3: Bool) async throws {
        try await LiveRedis.with(server) { client in
            let key = RedisArgument.string(LiveRedis.unique("hash"))
            _ = try await client.send(RedisCommand("HSET", key: key, "a", "1", "b", "2"))
            let hash = try await client.send(RedisCommand("HGETALL", key: key))
            #expect(hash.pairs?.map { $0.key.string } == ["a", "b"])
            if case .map = hash { #expect(isRESP3) } else { #expect(!isRESP3) }
            #expect(try await client.send(RedisCommand("HGET", key: key, "none")).isNull)
            let error = await #expect(throws: RedisError.self) { try await client.get(key) }
            #expect(error?.code == .server && error?.serverError?.prefix == "WRONGTYPE")
            // The connection is as good as before.
            #expect(try await client.delete(key) == 1)
        }
    }

    @Test("refuses a wrong password, and none, in words without it", arguments: ["plain", "old", "tls"])
    func authentication(server: String) async throws {
        for password in [RedisPassword("geheim"), nil] {
            try await LiveRedis.with(server) {
                $0.password = password
                if password == nil { $0.user = nil }
            } _: { client in
                let error = await #expect(throws: RedisError.self) { try await client.ping() }
                // A server of old lets anybody connect, and refuses only what comes then.
                if server == "old", password == nil {
                    #expect(error?.serverError?.prefix == "NOAUTH")
                } else {
                    #expect(error?.code == .authenticationFailed || error?.code == .notConnected)
                    #expect(client.status == .unavailable(RedisError(.authenticationFailed, "")) || "\(client.status)".contains("authentication"))
                }
                #expect(error?.debugDescription.contains("geheim") == false)
            }
        }
    }

    @Test("keeps databases apart, and has not so many")
    func databases() async throws {
        let key = RedisArgument.string(LiveRedis.unique("database"))
        try await LiveRedis.with("plain") {
            $0.database = 3
        } _: { third in
            try await third.set(key, "three", expiringAfter: .seconds(60))
            try await LiveRedis.with("plain") { first in
                let found = try await first.get(key)
                #expect(found == nil)
            }
            #expect(try await third.get(key) == Array("three".utf8))
        }
        try await LiveRedis.with("plain") {
            $0.database = 9999
        } _: { client in
            let error = await #expect(throws: RedisError.self) { try await client.ping() }
            #expect(error?.code == .invalidConfiguration)
        }
    }

    @Test("lets a user do only what its access control list allows")
    func accessControl() async throws {
        try await LiveRedis.with("plain") {
            $0.user = "limited"
        } _: { client in
            try await client.set("sk:allowed", "1", expiringAfter: .seconds(60))
            for command in [RedisCommand("SET", key: "other", "1"), RedisCommand("FLUSHALL")] {
                let error = await #expect(throws: RedisError.self) { try await client.send(command) }
                #expect(error?.serverError?.prefix == "NOPERM")
            }
            let allowed = client.subscribe("sk:news")
            #expect(try await allowed.next() == .subscribed)
            let error = await #expect(throws: RedisError.self) { try await client.subscribe("other").next() }
            #expect(error?.serverError?.prefix == "NOPERM")
        }
    }

    @Test("answers 64 tasks at once, each in its own order", arguments: ["plain", "tls"])
    func manyTasks(server: String) async throws {
        try await LiveRedis.with(server) { client in
            try await withThrowingTaskGroup { group in
                for task in 0..<64 {
                    group.addTask {
                        let key = RedisArgument.string(LiveRedis.unique("order\(task)"))
                        for number in 1...200 {
                            let reply = try await client.send(RedisCommand("INCR", key: key))
                            if reply.integer != Int64(number) { Issue.record("task \(task) got \(reply) for \(number)") }
                        }
                        try await client.delete(key)
                    }
                }
                try await group.waitForAll()
            }
            #expect(client.pendingCommandCount == 0)
        }
    }

    @Test("answers pipelines in order, errors among them")
    func pipelines() async throws {
        try await LiveRedis.with("plain") { client in
            let key = RedisArgument.string(LiveRedis.unique("pipeline"))
            let results = try await client.pipeline(
                (0..<5000).map { _ in RedisCommand("INCR", key: key) } + [RedisCommand("HGET", key: key, "x"), RedisCommand("DEL", key: key)])
            #expect(results.prefix(5000).enumerated().allSatisfy { (try? $1.get().integer) == Int64($0 + 1) })
            #expect(throws: RedisError.self) { try results[5000].get() }
            #expect(try results[5001].get() == .integer(1))
            #expect(try await client.pipeline([]).isEmpty)
        }
    }
}
