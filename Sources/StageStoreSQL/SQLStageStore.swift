import Sealing
import StageModel
import StageStore
import Synchronization

/// Everything of Stagekeeper's in one SQL database.
public final class SQLStageStore: Sendable {
    /// Where conversations are found without asking the database.
    enum Copies {
        /// In this process, which alone changes them.
        case memory(ConversationCache)
        case shared(any StateCache)
        case none
    }

    let database: any SQLDatabase
    let table: ConversationTable
    let copies: Copies
    let statistics = BoundedCache<Stage.ID, StageStatistics>(capacity: 20_000)
    /// The numbers of all stages of a business, and the generation of the statistics that they are of.
    let totals = BoundedCache<Business.ID, (generation: UInt64, totals: [Stage.ID: StageStatistics])>(capacity: 200)
    /// Counts the changes of the statistics.
    let statisticsGeneration = Atomic<UInt64>(0)
    /// Up to where events were folded into the statistics, as far as this process knows.
    let foldedPosition = Atomic<Int64>(0)
    /// What is sensitive by the newest configuration that this process knows.
    let sensitive = BoundedCache<Business.ID, KnownSensitive>(capacity: 16_384)
    /// Versions that this process has seen in the database lately: a cache that all share may have an older one for a moment, which is not shown.
    let seenVersions = BoundedCache<ConversationKey, Int64>(capacity: 20_000)
    /// Is told of every commit that wrote an event.
    let commitListener = Mutex(CommitListener())
    let queue: CommitQueue<SQLStageStore>
    let metrics: SQLMetrics

    init(database: any SQLDatabase, table: ConversationTable, copies: Copies, metrics: SQLMetrics) {
        self.metrics = metrics
        self.database = database
        self.table = table
        self.copies = copies
        queue = CommitQueue(database: database)
    }

    var sealer: Sealer { table.sealer }

    var memory: ConversationCache? {
        switch copies {
        case .memory(let cache): cache
        case .shared, .none: nil
        }
    }
}

/// What is called after commits. A type of its own: a closure that is a generic type's value itself is wrapped once more each time that is read
/// or written in place, so that calling it would take longer with every commit, and more of the stack.
struct CommitListener: Sendable {
    var call: (@Sendable () -> Void)?
}

/// What is sensitive in a business, by its configuration at a revision.
struct KnownSensitive {
    let revision: Int64
    let names: SensitiveNames

    init(_ flow: Flow) {
        revision = flow.revision
        names = flow.sensitive
    }
}

/// Runs a body and turns what it throws into a store's error.
func storing<Value>(_ body: () async throws -> Value) async throws(StoreError) -> Value {
    do { return try await body() } catch { throw StoreError(error) }
}

extension StoreError {
    /// Any error of a driver, of sealing, or of a store itself.
    init(_ error: any Error) {
        switch error {
        case let error as StoreError: self = error
        case SQLError.duplicate: self = .taken
        case SQLError.reference: self = .danglingReference
        case SQLError.unavailable(let reason), SQLError.lost(let reason), SQLError.invalid(let reason): self = .unavailable(reason: reason)
        case SQLError.outcomeUnknown(let reason): self = .outcomeUnknown(reason: reason)
        case SQLError.unreadable(let reason): self = .unreadable(reason: reason)
        case Sealer.Failure.notAuthentic: self = .unreadable(reason: "a sealed value does not open")
        case Sealer.Failure.unknownKey(let id): self = .unreadable(reason: "a value is sealed with the encryption key '\(id)', which is not given")
        case is CancellationError: self = .unavailable(reason: "cancelled")
        default: self = .unavailable(reason: String(describing: error))
        }
    }
}
