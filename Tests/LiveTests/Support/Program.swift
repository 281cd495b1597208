import Foundation

/// Programs of the system and scripts of the tests, run to their end.
enum Program {
    /// - Parameter words: the program's name, which is looked up as a shell does, and its arguments.
    /// - Returns: the standard output.
    /// - Throws: `StartFailure` with the standard error, when the program fails.
    @discardableResult
    static func run(_ words: [String], _ environment: [String: String] = [:]) async throws -> String {
        try await withDatabase { place in
            let child = try start(words, environment, in: place)
            let ending = await child.end()
            guard ending == .exit(0) else { throw StartFailure("\(words.joined(separator: " ")): \(ending) \(child.errors)") }
            return child.output
        }
    }

    /// Starts a program that runs beside the test.
    /// - Parameter place: where its standard error is kept.
    static func start(_ words: [String], _ environment: [String: String] = [:], in place: Database) throws -> Child {
        try Child(
            "/usr/bin/env", words, environment: ProcessInfo.processInfo.environment.merging(environment) { $1 },
            errorPath: place.folder.appending(path: "errors-\(UUID().uuidString)").path)
    }

    /// Runs a script of Tests/servers.
    /// - Returns: the `NAME=value` lines that it prints.
    @discardableResult
    static func servers(_ script: String, _ arguments: [String]) async throws -> [String: String] {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../servers/\(script)").standardizedFileURL.path
        let pairs = try await run(["bash", path] + arguments).split(separator: "\n").compactMap { line in
            line.firstIndex(of: "=").map { (String(line[..<$0]), String(line[line.index(after: $0)...])) }
        }
        return Dictionary(pairs, uniquingKeysWith: { $1 })
    }
}

/// Asks until the answer is yes, at most for so long.
/// - Returns: how long it took; nil: it did not come to it.
func eventually(within limit: Duration, _ condition: () async -> Bool) async -> Duration? {
    let start = ContinuousClock.now
    while !Task.isCancelled {
        if await condition() { return ContinuousClock.now - start }
        guard ContinuousClock.now - start < limit else { break }
        // To ask without a pause would take the processor from those who are asked.
        try? await Task.sleep(for: .milliseconds(20))
    }
    return nil
}
