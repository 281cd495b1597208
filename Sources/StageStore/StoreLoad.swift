/// How much a store has to do, and how much room it has, at a moment.
public struct StoreLoad: Sendable, Equatable {
    /// Commits that wait for the next group.
    public let waitingCommits: Int
    /// nil: they are another server's.
    public let files: StoreFiles?

    public init(waitingCommits: Int, files: StoreFiles?) {
        self.waitingCommits = waitingCommits
        self.files = files
    }
}

/// The files of an embedded database, in bytes.
public struct StoreFiles: Sendable, Equatable {
    public let database: Int64
    public let writeAheadLog: Int64
    /// What the file system has left for this process.
    public let free: Int64

    public init(database: Int64, writeAheadLog: Int64, free: Int64) {
        self.database = database
        self.writeAheadLog = writeAheadLog
        self.free = free
    }
}
