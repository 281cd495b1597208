import Foundation
import Testing

extension LiveTests {
    @Suite("Wrong use")
    struct WrongUseTests {
        struct Use: Sendable, CustomTestStringConvertible {
            let arguments: [String]
            var environment: [String: String] = [:]
            /// What the message has to name.
            let names: [String]

            var testDescription: String { (environment.map { "\($0.key)=\($0.value)" } + arguments).joined(separator: " ") }
        }

        private static let business = "123e4567-e89b-42d3-a456-426614174000"
        private static let uses = [
            Use(
                arguments: ["serve"], environment: ["STAGEKEEPER_DATABASE_URL": "mysql://localhost/x"],
                names: ["STAGEKEEPER_DATABASE_URL", "sqlite:", "postgres://"]),
            Use(
                arguments: ["serve"], environment: ["STAGEKEEPER_DATABASE_URL": "postgres://localhost:x/x?nothing=1"],
                names: ["STAGEKEEPER_DATABASE_URL", "query parameter"]),
            Use(
                arguments: ["serve"], environment: ["STAGEKEEPER_REDIS_URL": "redis://localhost"], names: ["STAGEKEEPER_REDIS_URL", "PostgreSQL"]),
            Use(arguments: ["serve", "--database-url", "sqlite:"], names: ["STAGEKEEPER_DATABASE_URL", "sqlite:"]),
            Use(arguments: ["serve", "--port", "99999"], names: ["PORT", "65535", "99999"]),
            Use(arguments: ["serve", "--port", "-1"], names: ["port"]),
            Use(arguments: ["serve", "--port", "http"], names: ["--port", "http"]),
            Use(arguments: ["serve"], environment: ["STAGEKEEPER_PORT": "http"], names: ["STAGEKEEPER_PORT", "http"]),
            Use(arguments: ["migrate", "--log-level", "loud"], names: ["LOG_LEVEL", "loud", "warning"]),
            Use(arguments: ["serve"], environment: ["STAGEKEEPER_LOG_LEVEL": "5"], names: ["STAGEKEEPER_LOG_LEVEL", "5"]),
            Use(arguments: ["serve"], environment: ["STAGEKEEPER_PLATFORM_KEY": "short"], names: ["STAGEKEEPER_PLATFORM_KEY", "24"]),
            Use(arguments: ["key", "create", business, "--name", "x", "--role", "boss"], names: ["boss", "owner, editor, viewer, runtime"]),
            Use(arguments: ["key", "create", business, "--name", "x", "--expires-at", "tomorrow"], names: ["--expires-at", "RFC 3339"]),
            Use(arguments: ["key", "create", business], names: ["--name"]),
            Use(arguments: ["key", "create", "me", "--name", "x"], names: ["me", "business"]),
            Use(arguments: ["key", "revoke", business, "that-one"], names: ["that-one", "UUID"]),
            Use(arguments: ["business", "create", "  "], names: ["name"]),
            Use(arguments: ["business", "create", String(repeating: "x", count: 201)], names: ["name", "200"]),
            Use(arguments: ["check"], names: ["file"]), Use(arguments: ["check", "flow.json", "--strict"], names: ["--strict"]),
            Use(arguments: ["frobnicate"], names: ["frobnicate", "--help"]),
            Use(arguments: ["serve", "--config", "/nowhere/settings.json"], names: ["/nowhere/settings.json"]),
        ]

        @Test("Wrong use ends with status 2 and a message that names what is wrong, and creates no file", arguments: uses)
        func refusesWrongUse(use: Use) async throws {
            try await withDatabase { database in
                let refused = try await Stagekeeper.run(use.arguments, on: database, use.environment)
                #expect(refused.ending == .exit(2))
                for name in use.names { #expect(refused.errors.contains(name), "\(refused.errors)") }
                #expect(!refused.errors.contains("Fatal error"))
                #expect(!FileManager.default.fileExists(atPath: database.path))
            }
        }

        @Test(
            "What a command can't do ends with status 1 and a message that names it",
            arguments: [
                (["key", "list", business], business), (["key", "create", business, "--name", "x"], business), (["export", business], business),
                (["business", "delete", business, "--yes"], business), (["import", business, "/nowhere/flow.json"], "/nowhere/flow.json"),
                (["check", "/nowhere/flow.json"], "/nowhere/flow.json"),
            ])
        func saysNo(arguments: [String], name: String) async throws {
            try await withDatabase { database in
                let refused = try await Stagekeeper.run(arguments, on: database)
                #expect(refused.ending == .exit(1))
                #expect(refused.errors.contains(name), "\(refused.errors)")
            }
        }

        @Test("A port that is taken ends the start with status 1 and a message that names it")
        func refusesTakenPort() async throws {
            try await withDatabase { database in
                try await withServer(on: database) { server in
                    let port = try #require(server.port)
                    let refused = try await Stagekeeper.run(["serve", "--port", "\(port)"], on: database.sibling("other.sqlite"))
                    #expect(refused.ending == .exit(1))
                    #expect(refused.errors.contains("\(port)"), "\(refused.errors)")
                }
            }
        }
    }
}
