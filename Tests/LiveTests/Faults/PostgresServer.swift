import Foundation
import Testing

/// A PostgreSQL of the fault tests' own, which they stop, kill and pause.
struct PostgresServer: Sendable {
    let folder: String
    let ownerURL: String
    let appURL: String
    let adminURL: String

    static func start() async throws -> PostgresServer {
        let told = try await Program.servers("postgres", ["start"])
        func value(_ name: String) throws -> String { try #require(told["STAGEKEEPER_TEST_POSTGRES_\(name)"]) }
        return PostgresServer(
            folder: try value("FOLDER"), ownerURL: try value("URL"), appURL: try value("APP_URL"), adminURL: try value("ADMIN_URL"))
    }

    /// Makes another database, with the rights of docs/operations.md.
    func create(database name: String) async throws {
        try await ask("CREATE DATABASE \(name) OWNER stagekeeper")
        for statement in [
            "REVOKE ALL ON DATABASE \(name) FROM PUBLIC", "GRANT CONNECT ON DATABASE \(name) TO stagekeeper_app",
            "REVOKE ALL ON SCHEMA public FROM PUBLIC", "GRANT USAGE ON SCHEMA public TO stagekeeper_app",
            "ALTER DEFAULT PRIVILEGES FOR ROLE stagekeeper GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO stagekeeper_app",
            "ALTER DEFAULT PRIVILEGES FOR ROLE stagekeeper GRANT USAGE ON SEQUENCES TO stagekeeper_app",
        ] {
            try await ask(statement, by: Self.url(adminURL, of: name))
        }
    }

    func ownerURL(of name: String) -> String { Self.url(ownerURL, of: name) + verified }
    func appURL(of name: String) -> String { Self.url(appURL, of: name) + verified }

    private static func url(_ url: String, of name: String) -> String { String(url.prefix(through: url.lastIndex(of: "/") ?? url.startIndex)) + name }

    /// What makes a client see to it that it speaks to this server, over TLS.
    var verified: String { "?sslmode=verify-full&sslrootcert=\(folder)/ca.pem" }

    /// The port that the URLs name.
    var port: Int? { URL(string: appURL)?.port }

    func halt(_ mode: String) async throws { try await Program.servers("postgres", ["halt", folder, mode]) }
    func resume() async throws { try await Program.servers("postgres", ["resume", folder]) }
    func pause() async throws { try await Program.servers("postgres", ["pause", folder]) }
    func proceed() async throws { try await Program.servers("postgres", ["continue", folder]) }
    func stop() async throws { try await Program.servers("postgres", ["stop", folder]) }

    /// Asks, as the administrator unless another URL is given.
    @discardableResult
    func ask(_ sql: String, by url: String? = nil) async throws -> String {
        try await Program.run(["psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--dbname=\(url ?? adminURL)", "--command=\(sql)"])
    }

    /// Holds up everybody who uses a table, until the process that is returned ends.
    func lock(_ table: String, seconds: Double, in place: Database) async throws -> Child {
        let child = try Program.start(
            [
                "psql", "--no-psqlrc", "--quiet", "--tuples-only", "--dbname=\(adminURL)", "--command=BEGIN", "--command=LOCK TABLE \(table)",
                "--command=\\echo locked", "--command=SELECT pg_sleep(\(seconds))",
            ], in: place)
        for await line in child.lines where line == "locked" { return child }
        throw StartFailure("The table \(table) could not be locked: \(child.errors)")
    }
}
