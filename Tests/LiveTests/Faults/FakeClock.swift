import Foundation
import Testing

/// A clock of the day that a process sees instead of the machine's, by a library that stands before the C library's.
struct FakeClock: Sendable {
    private let file: URL
    private let library: URL

    /// A clock that is right, so far.
    init(in place: Database) async throws {
        file = place.folder.appending(path: "clock")
        library = place.folder.appending(path: "clock.so")
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../servers/clock.c").standardizedFileURL.path
        try await Program.run(["clang", "-shared", "-fPIC", "-O1", "-o", library.path, source])
        try Data(count: MemoryLayout<Int64>.size).write(to: file)
    }

    /// Sets the clock to so many seconds after the machine's.
    func jump(to offset: Int64) throws {
        // In place: the library has the file in its memory.
        let handle = try FileHandle(forWritingTo: file)
        defer { try? handle.close() }
        try handle.write(contentsOf: withUnsafeBytes(of: offset) { Data($0) })
    }

    /// What makes a process go by it.
    var environment: [String: String] { ["LD_PRELOAD": library.path, "TEST_CLOCK_OFFSET_FILE": file.path] }
}
