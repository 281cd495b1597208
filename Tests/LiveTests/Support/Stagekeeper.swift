import Foundation
import StageModel
import Testing

/// The program under test, as it was built beside the tests.
enum Stagekeeper {
    static let platformKey = "platform-key-of-the-live-tests"

    /// What a command that has ended said.
    struct Result: Sendable {
        let ending: Child.Ending
        let output: String
        let errors: String

        /// The standard output as JSON.
        func json() throws -> JSONValue {
            do { return try JSONValue(parsing: output) } catch {
                throw StartFailure("No JSON (\(error)): \(output)\n\(errors)")
            }
        }
    }

    /// Runs a command to its end. A server that comes to be ready is killed: it should not have.
    static func run(_ arguments: [String], on database: Database, _ environment: [String: String] = [:]) async throws -> Result {
        let child = try start(arguments, on: database, environment)
        for await line in child.lines where line.contains(" is ready at ") { child.send(SIGKILL) }
        let ending = await child.end()
        return Result(ending: ending, output: child.output, errors: child.errors)
    }

    static func start(_ arguments: [String], on database: Database, _ environment: [String: String]) throws -> Child {
        let inherited = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("STAGEKEEPER_") }
        let own = [
            "STAGEKEEPER_DATABASE_URL": "sqlite:\(database.path)", "STAGEKEEPER_PORT": "0", "STAGEKEEPER_PLATFORM_KEY": platformKey,
            "STAGEKEEPER_LOG_LEVEL": "warning",
        ]
        return try Child(
            try path(), arguments, environment: inherited.merging(own) { $1 }.merging(environment) { $1 },
            errorPath: database.folder.appending(path: "errors-\(UUID().uuidString)").path)
    }

    private static func path() throws -> String {
        if let given = ProcessInfo.processInfo.environment["STAGEKEEPER_BIN"] { return given }
        let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        let beside = tests.deletingLastPathComponent().appending(path: "stagekeeper").path
        guard FileManager.default.isExecutableFile(atPath: beside) else {
            throw StartFailure("There is no program '\(beside)'; build it, or name it by STAGEKEEPER_BIN.")
        }
        return beside
    }
}

/// A database file in a folder of its own.
struct Database: Sendable {
    let folder: URL
    var name = "stagekeeper.sqlite"

    var path: String { folder.appending(path: name).path }
    var keysPath: String { path + ".keys" }

    /// Another file in the same folder.
    func sibling(_ name: String) -> Database { Database(folder: folder, name: name) }
}

/// Gives a test an empty folder, which is removed afterwards.
func withDatabase<Value>(_ body: (Database) async throws -> Value) async throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appending(path: "stagekeeper-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(Database(folder: folder))
}
