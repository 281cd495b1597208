import Foundation
public import StageStore

extension SQLStageStore {
    public var load: StoreLoad { StoreLoad(waitingCommits: queue.waitingCount, files: database.files) }
}

extension SQLDatabase {
    /// The files that it is kept in; nil: another server keeps them.
    var files: StoreFiles? {
        guard let database = self as? SQLiteDatabase else { return nil }
        return StoreFiles(sqlite: database.path)
    }
}

extension StoreFiles {
    /// What the file system tells of a SQLite database in WAL mode.
    /// - Parameter path: of the file itself.
    init(sqlite path: String) {
        func size(_ path: String) -> Int64 {
            // Without a log there is nothing in it.
            (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? NSNumber)?.int64Value ?? 0
        }
        let folder = URL(filePath: path).deletingLastPathComponent().path
        let free = (try? FileManager.default.attributesOfFileSystem(forPath: folder)[.systemFreeSize] as? NSNumber)?.int64Value
        self.init(database: size(path), writeAheadLog: size(path + "-wal"), free: free ?? 0)
    }
}
