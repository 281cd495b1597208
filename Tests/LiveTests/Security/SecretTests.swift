import Foundation
import NIOHTTP1
import StageModel
import Testing

extension LiveTests {
    /// Secrets are planted, everything is done with them, and then they are looked for wherever they have no business to be.
    @Suite(
        "Planted secrets", .enabled(if: FaultServers.missing.isEmpty, "install \(FaultServers.missing)"), WithFaultServers(),
        .timeLimit(.minutes(3)))
    struct SecretTests {
        private static let modelKey = "planted-key-of-the-model-0815"

        @Test("With PostgreSQL and Redis none is in a log, an answer, a page, a metric, the database's files or a crash, whatever goes wrong")
        func production() async throws {
            let servers = try #require(FaultServers.current)
            try await SecretModel.run { model in
                var environment = try servers.environment()
                environment["STAGEKEEPER_LOG_LEVEL"] = "trace"
                environment["STAGEKEEPER_MODEL"] = "any"
                environment["STAGEKEEPER_MODEL_URL"] = model.url
                environment["STAGEKEEPER_MODEL_KEY"] = Self.modelKey
                try await withDatabase { place in
                    let server = try await Server.start(on: place, environment)
                    var log = ""
                    try await withClient { client in
                        var walk = SecretWalk(server, client, secrets: ["model key": Self.modelKey].merging(try Self.passwords(servers)) { $1 })
                        let business = try await walk.run()
                        let owner = API(client: client, url: server.url, key: business.key)
                        try await Self.breakDown(servers, &walk, owner)
                        walk.expectNoneAnswered()
                        // As it falls.
                        server.child.send(SIGSEGV)
                        #expect(await server.child.end() != .exit(0))
                        log = server.child.output + server.child.errors
                        #expect(walk.secrets(in: log).isEmpty, "The log holds the \(walk.secrets(in: log)).")

                        try await servers.postgres.ask("CHECKPOINT")
                        try await servers.redis.ask(["SAVE"])
                        try walk.expectNone(below: "\(servers.postgres.folder)/data", holds: walk.conversation)
                        let dump = try Data(contentsOf: URL(fileURLWithPath: "\(servers.redis.folder)/\(RedisServer.name).data/dump.rdb"))
                        #expect(dump.count > 500 && walk.secrets(in: dump).isEmpty, "Redis holds the \(walk.secrets(in: dump)).")
                    }
                    for word in ["A request failed.", "Redis is away", "language model"] { #expect(log.contains(word), "\(log.suffix(3000))") }
                }
            }
        }

        @Test("With a SQLite file none is in the log, an answer, a page or any file but that of the keys")
        func embedded() async throws {
            try await SecretModel.run { model in
                let environment = [
                    "STAGEKEEPER_LOG_LEVEL": "trace", "STAGEKEEPER_MODEL": "any", "STAGEKEEPER_MODEL_URL": model.url,
                    "STAGEKEEPER_MODEL_KEY": Self.modelKey,
                ]
                try await withDatabase { database in
                    let server = try await Server.start(on: database, environment)
                    try await withClient { client in
                        let keys = try String(contentsOfFile: database.keysPath, encoding: .utf8)
                        let key = try #require(keys.split(separator: ":").last).trimmingCharacters(in: .whitespacesAndNewlines)
                        var walk = SecretWalk(server, client, secrets: ["model key": Self.modelKey, "encryption key": key])
                        _ = try await walk.run()
                        walk.expectNoneAnswered()
                        // What the process would have put in order at its end stays as it is.
                        server.child.send(SIGABRT)
                        #expect(await server.child.end() != .exit(0))
                        let log = server.child.output + server.child.errors
                        #expect(walk.secrets(in: log).isEmpty && log.contains("language model"), "\(log.suffix(3000))")
                        try walk.expectNone(below: database.folder.path, holds: walk.conversation) { $0.hasSuffix(".keys") }
                    }
                }
            }
        }

        /// Takes away what the server stands on, one after the other.
        private static func breakDown(_ servers: FaultServers, _ walk: inout SecretWalk, _ owner: API) async throws {
            try await servers.redis.halt("KILL")
            for path in ["/conversations/\(walk.conversation)", "/conversations", "/ready"] { await walk.ask(owner, .GET, path) }
            try await servers.redis.resume()
            try await servers.postgres.halt("immediate")
            let card: JSONValue = ["card": .string(SecretWalk.card)]
            for _ in 0..<2 {
                await walk.ask(owner, .PUT, "/stages/123e4567-e89b-42d3-a456-426614174000/state", ["conversation_id": "c", "data": card])
                await walk.ask(owner, .POST, "/conversations/c/messages", ["message_id": "m", "text": .string(SecretWalk.address)])
                await walk.ask(owner, .GET, "/conversations")
                await walk.ask(owner.with(key: Stagekeeper.platformKey), .POST, "/businesses", ["business_name": "None"])
            }
            try await servers.postgres.resume()
            let isBack = await eventually(within: .seconds(20)) { (try? await owner.call(.GET, "/ready").status) == 200 }
            #expect(isBack != nil)
        }

        private static func passwords(_ servers: FaultServers) throws -> [String: String] {
            Dictionary(try servers.secrets.enumerated().map { ("setting \($0.offset)", $0.element) }, uniquingKeysWith: { $1 })
        }
    }
}
