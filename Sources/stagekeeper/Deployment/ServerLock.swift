import Foundation

/// Keeps a second server off the same database file: a lock that the system drops when the process ends, however it ends.
struct ServerLock: ~Copyable {
    private let descriptor: Int32

    /// - Throws: when another server has the lock, naming its process.
    init(databasePath: String) throws {
        let path = databasePath + ".lock"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw CommandFailure("The lock file '\(path)' can't be opened: \(String(cString: strerror(errno))).") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let holder = (try? String(contentsOfFile: path, encoding: .utf8))?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
            close(descriptor)
            throw CommandFailure(
                "Another Stagekeeper server\(holder.isEmpty ? "" : " (process \(holder))") is running on '\(databasePath)'; stop it first, or use another file."
            )
        }
        let process = "\(getpid())\n"
        ftruncate(descriptor, 0)
        _ = process.withCString { write(descriptor, $0, strlen($0)) }
    }

    deinit { close(descriptor) }
}

extension DatabaseAddress {
    /// Keeps a second server off a SQLite file, whose folder is made if need be; PostgreSQL serves any number.
    func lock() throws -> ServerLock? {
        guard case .sqlite(let path) = self else { return nil }
        try FileManager.default.createDirectory(at: URL(fileURLWithPath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
        return try ServerLock(databasePath: path)
    }
}
