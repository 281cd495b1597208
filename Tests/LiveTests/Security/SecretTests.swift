import Foundation
import NIOHTTP1
import StageModel
import Testing

extension LiveTests {
    /// Secrets are planted, everything is done with them, and then they are looked for wherever they have no business to be.
    @Suite(
        "Planted secrets", .enabled(if: FaultServers.missing.isEmpty, "install \(FaultServers.missing)"), WithFaultServers(),
        .timeLimit(.minutes(10)))
    struct SecretTests {
        private static let modelKey = "planted-key-of-the-model-0815"
        /// That a crash is reported with all threads, registers and what they point to; names of functions would take long and tell nothing here.
        private static let report = "enable=yes,threads=all,registers=all,symbolicate=off,interactive=no,color=no"

        @Test("With PostgreSQL and Redis none is in a log, an answer, a page, a metric, the database's files or a crash, whatever goes wrong")
        func production() async throws {
            let servers = try #require(FaultServers.current)
            try await SecretModel.run { model in
                var environment = try servers.environment()
                environment["STAGEKEEPER_LOG_LEVEL"] = "trace"
                environment["SWIFT_BACKTRACE"] = Self.report
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
                        try await servers.redis.ask(["SAVE"])
                        let dump = try Data(contentsOf: URL(fileURLWithPath: "\(servers.redis.folder)/\(RedisServer.name).data/dump.rdb"))
                        #expect(dump.count > 500 && walk.secrets(in: dump).isEmpty, "Redis holds the \(walk.secrets(in: dump)).")
                        try await Self.breakDown(servers, &walk, owner)
                        walk.expectNoneAnswered()
                        await Self.crash(server)
                        log = server.child.output + server.child.errors
                        #expect(walk.secrets(in: log).isEmpty, "The log holds the \(walk.secrets(in: log)).")

                        try await servers.postgres.ask("CHECKPOINT")
                        try walk.expectNone(below: "\(servers.postgres.folder)/data", holds: walk.conversation)
                    }
                    #expect(log.contains("A request failed.") && log.contains("Redis is away") && model.count > 0, "\(log.suffix(3000))")
                }
            }
        }

        @Test("With a SQLite file none is in the log, an answer, a page or any file but that of the keys")
        func embedded() async throws {
            try await SecretModel.run { model in
                let environment = [
                    "STAGEKEEPER_LOG_LEVEL": "trace", "STAGEKEEPER_MODEL": "any", "STAGEKEEPER_MODEL_URL": model.url,
                    "STAGEKEEPER_MODEL_KEY": Self.modelKey, "SWIFT_BACKTRACE": Self.report,
                ]
                try await withDatabase { database in
                    let server = try await Server.start(on: database, environment)
                    try await withClient { client in
                        let keys = try String(contentsOfFile: database.keysPath, encoding: .utf8)
                        let key = try #require(keys.split(separator: ":").last).trimmingCharacters(in: .whitespacesAndNewlines)
                        var walk = SecretWalk(server, client, secrets: ["model key": Self.modelKey, "encryption key": key])
                        _ = try await walk.run()
                        walk.expectNoneAnswered()
                        await Self.crash(server)
                        let log = server.child.output + server.child.errors
                        #expect(walk.secrets(in: log).isEmpty && model.count > 0, "\(log.suffix(3000))")
                        try walk.expectNone(below: database.folder.path, holds: walk.conversation) { $0.hasSuffix(".keys") }
                    }
                }
            }
        }

        /// Lets a server crash. One that gets the signal from outside lives on when it has written its report: it is killed then.
        private static func crash(_ server: Server) async {
            server.child.send(SIGSEGV)
            let told = await eventually(within: .seconds(30)) { server.child.errors.contains("Backtrace took") }
            #expect(told != nil, "There is no report of the crash.")
            await server.kill()
        }

        /// Takes away what the server stands on, one after the other.
        private static func breakDown(_ servers: FaultServers, _ walk: inout SecretWalk, _ owner: API) async throws {
            try await servers.redis.halt("KILL")
            for path in ["/conversations/\(walk.conversation)", "/conversations", "/ready"] { await walk.ask(owner, .GET, path) }
            let isMissed = await eventually(within: .seconds(10)) { [server = walk.server] in server.child.errors.contains("Redis is away") }
            #expect(isMissed != nil)
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
