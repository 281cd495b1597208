import Foundation

/// The program under test, as it was built beside the tests.
enum Program {
    /// What a run said, and how it ended.
    struct Result: Sendable {
        let status: Int32
        let output: String
        let errors: String
    }

    /// Runs a command to its end, in a folder.
    /// - Parameter input: what it reads from standard input.
    static func run(_ arguments: [String], in folder: Folder, input: String = "") async throws -> Result {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appending(path: "stagekeeper")
        if let given = ProcessInfo.processInfo.environment["STAGEKEEPER_BIN"] { process.executableURL = URL(fileURLWithPath: given) }
        process.arguments = arguments
        process.currentDirectoryURL = folder.url
        process.environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("STAGEKEEPER_") }
        // Files, for a pipe holds little and may be inherited by others.
        let run = UUID().uuidString
        let (inputPath, outputPath, errorsPath) = ("\(run).in", "\(run).out", "\(run).err")
        try folder.write(input, to: inputPath)
        for path in [outputPath, errorsPath] { try folder.write("", to: path) }
        process.standardInput = try FileHandle(forReadingFrom: folder.file(inputPath))
        process.standardOutput = try FileHandle(forWritingTo: folder.file(outputPath))
        process.standardError = try FileHandle(forWritingTo: folder.file(errorsPath))
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in continuation.resume() }
            do { try process.run() } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
        return Result(status: process.terminationStatus, output: try folder.read(outputPath), errors: try folder.read(errorsPath))
    }
}

/// A folder of a test's own.
struct Folder: Sendable {
    let url: URL

    func file(_ path: String) -> URL { url.appending(path: path) }

    func write(_ text: String, to path: String) throws { try Data(text.utf8).write(to: file(path)) }

    func read(_ path: String) throws -> String { String(decoding: try Data(contentsOf: file(path)), as: UTF8.self) }
}

/// Gives a test an empty folder, which is removed afterwards.
func withFolder<Value>(_ body: (Folder) async throws -> Value) async throws -> Value {
    let folder = Folder(url: FileManager.default.temporaryDirectory.appending(path: "stagekeeper-\(UUID().uuidString)"))
    try FileManager.default.createDirectory(at: folder.url, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder.url) }
    return try await body(folder)
}
