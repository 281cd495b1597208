import GRDB
import GRDBSQLite
import Synchronization

/// Brings what was committed from the write-ahead log into the database's file, beside the commits: SQLite itself does it in the commit that
/// makes the log long, for which all that wait have to wait.
///
/// A first pass runs on a connection of its own, while others commit. What they have added is brought in by the writer between two commits, so that the next
/// one may begin the log anew.
final class LogCheckpointer: Sendable {
    /// How long the log gets, in pages.
    struct Limits: Sendable {
        /// From here on it is brought in.
        var start = 2000
        /// From here on commits wait until it was: they come faster than the disk takes them.
        var most = 16_000
    }

    /// How long the log is, as the last commit left it.
    final class Length: Sendable {
        fileprivate let pages = Atomic<Int>(0)

        /// Has the commits of a connection counted, which must not outlive this, and none of them bring the log in.
        func watch(_ database: Database) {
            sqlite3_wal_hook(
                database.sqliteConnection,
                { context, _, _, pages in
                    if let context { Unmanaged<Length>.fromOpaque(context).takeUnretainedValue().pages.store(Int(pages), ordering: .relaxed) }
                    return SQLITE_OK
                }, Unmanaged.passUnretained(self).toOpaque())
        }
    }

    private let limits: Limits
    private let length: Length
    private let isAtWork = Atomic<Bool>(false)
    /// How long the log was when it could not be brought in whole, so that it is not tried again with every commit.
    private let triedAt = Atomic<Int>(0)
    private let connection: DatabaseQueue

    init(path: String, limits: Limits, length: Length) throws {
        self.limits = limits
        self.length = length
        var configuration = Configuration()
        configuration.label = "stagekeeper.checkpoints"
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        connection = try DatabaseQueue(path: path, configuration: configuration)
    }

    /// Is called after a commit, on the writer's connection.
    func committed(_ writer: Database) {
        // Nothing is lost when it fails: all stays in the log, and the next commit tries again.
        if length.pages.load(ordering: .relaxed) >= limits.most { _ = try? writer.checkpoint(.passive) }
    }

    /// Begins to bring the log in, if that is due and nobody is at it.
    /// - Parameter writer: what the commits are made on.
    func begin(_ writer: DatabasePool) {
        let pages = length.pages.load(ordering: .relaxed)
        let tried = triedAt.load(ordering: .relaxed)
        // A shorter log than the one that was tried is another one.
        guard pages >= limits.start, pages < tried || pages >= tried + limits.start else { return }
        guard isAtWork.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing).exchanged else { return }
        Task {
            triedAt.store(await isBroughtIn(writer) ? 0 : length.pages.load(ordering: .relaxed), ordering: .relaxed)
            isAtWork.store(false, ordering: .releasing)
        }
    }

    /// Brings the log in.
    /// - Returns: whether all of it was; readers and other processes may be in the way, or the disk.
    private func isBroughtIn(_ writer: DatabasePool) async -> Bool {
        do {
            _ = try await connection.writeWithoutTransaction { try $0.checkpoint(.passive) }
            let (all, done) = try await writer.writeWithoutTransaction { try $0.checkpoint(.passive) }
            return all == done
        } catch {
            // Nothing is lost: all stays in the log.
            return false
        }
    }

    func close() throws { try connection.close() }
}
