import Foundation
import Testing

/// The rights that docs/operations.md gives are those under which all fault tests run. Here: what they leave out.
extension LiveTests.FaultTests {
    @Test(
        "The role that serves can do nothing to PostgreSQL but read and write rows",
        arguments: [
            "CREATE TABLE more (a int)", "CREATE TEMP TABLE more (a int)", "CREATE SCHEMA more", "DROP TABLE events",
            "TRUNCATE conversations CASCADE",
            "ALTER TABLE conversations ADD more int", "CREATE INDEX ON conversations (version)", "ALTER TABLE events DISABLE TRIGGER ALL",
            "SELECT setval(pg_get_serial_sequence('events', 'position'), 1)", "CREATE ROLE more", "SET ROLE stagekeeper",
            "COPY events TO PROGRAM 'true'", "SELECT pg_read_file('postgresql.conf')", "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        ])
    func postgresRefuses(statement: String) async throws {
        let postgres = try #require(FaultServers.current).postgres
        let error = await #expect(throws: StartFailure.self) { try await postgres.ask(statement, by: postgres.appURL + postgres.verified) }
        #expect(["permission denied", "must be owner", "must be superuser"].contains { error?.description.contains($0) ?? false }, "\(error as Any)")
    }

    @Test(
        "The user that serves can do nothing to Redis but what it needs",
        arguments: [
            ["KEYS", "*"], ["SCAN", "0"], ["FLUSHALL"], ["CONFIG", "GET", "*"], ["DEL", "sk:a"], ["GET", "other"], ["SET", "other", "1"],
            ["PUBLISH", "sk:a", "1"], ["SUBSCRIBE", "sk:a"], ["ACL", "LIST"], ["SAVE"], ["MONITOR"], ["CLIENT", "LIST"], ["SCRIPT", "FLUSH"],
            ["EVAL", "return redis.call('GET', 'other')", "0"], ["EVAL", "return redis.call('DEL', KEYS[1])", "1", "sk:a"],
        ])
    func redisRefuses(command: [String]) async throws {
        let redis = try #require(FaultServers.current).redis
        let answer = try await redis.ask(command, by: try redis.appURL())
        #expect(["NOPERM", "can't run this command", "can't access"].contains { answer.contains($0) }, "\(answer)")
    }
}
