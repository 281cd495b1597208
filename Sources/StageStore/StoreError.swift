/// Why a store did not do what it was asked. Whatever is thrown, nothing of it was kept, unless `outcomeUnknown`.
public enum StoreError: Error, Equatable, Sendable {
    /// The database can't be reached, read or written: full disk, read-only or damaged file, lost connection.
    /// - reason: for the log, not for clients.
    case unavailable(reason: String)
    /// The connection to the database was lost in a commit, and it can't be found out whether that was done.
    case outcomeUnknown(reason: String)
    /// The conversation has moved on since it was read; `current` is its version now.
    case versionConflict(current: Int64)
    /// The business's flow has changed since the commit was prepared.
    case flowChanged
    /// There is no such business (any more).
    case unknownBusiness
    /// The same idempotency key has been committed in the meantime.
    case alreadyAnswered
    /// A message of the commit has been handled in the meantime.
    case alreadyHandled
    /// The place in line that the commit was decided under is lost.
    case placeLost
    /// A name that must be unique in the whole database, such as a client-given id, is taken.
    case taken
    /// The stage, the agent or something else that the commit refers to is gone.
    case danglingReference
    /// What is stored can't be read back: damaged, or sealed with a key that is not given.
    case unreadable(reason: String)
}
