import Sealing
import StageModel
import StageStore
import Synchronization

/// Everything of Stagekeeper's in one SQL database.
///
/// What conversations read and write again and again is kept in memory, in bounded caches that follow each commit.
public final class SQLStageStore: Sendable {
    let database: any SQLDatabase
    let sealer: Sealer
    let pseudonyms: Pseudonyms
    let queue: CommitQueue
    let states: ConversationCache
    let statistics = BoundedCache<Stage.ID, StageStatistics>(capacity: 20_000)
    /// The numbers of all stages of a business, and the generation of the statistics that they are of.
    let totals = BoundedCache<Business.ID, (generation: UInt64, totals: [Stage.ID: StageStatistics])>(capacity: 200)
    /// Counts the changes of the statistics.
    let statisticsGeneration = Atomic<UInt64>(0)
    let salts = BoundedCache<Business.ID, [UInt8]>(capacity: 10_000)
    /// What is sensitive by the newest configuration: a commit that was decided by an older one seals it, too.
    let sensitive = BoundedCache<Business.ID, SensitiveNames>(capacity: 10_000)
    /// Is told of every commit that wrote an event.
    let commitListener = Mutex<(@Sendable () -> Void)?>(nil)

    init(database: any SQLDatabase, sealer: Sealer, pseudonyms: Pseudonyms, cachedConversations: Int) {
        self.database = database
        self.sealer = sealer
        self.pseudonyms = pseudonyms
        states = ConversationCache(capacity: cachedConversations)
        queue = CommitQueue(database: database)
    }

    /// The random salt with which a business's keys are derived.
    func salt(of business: Business.ID, _ connection: any SQLConnection) throws -> [UInt8] {
        if let salt = salts.value(for: business) { return salt }
        let found = try connection.row("SELECT key_salt FROM businesses WHERE business_id = ?1", [SQLValue(business)]) { $0.blob(0) }
        guard let found else { throw StoreError.unknownBusiness }
        salts.set(found, for: business)
        return found
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
        case SQLError.unavailable(let reason), SQLError.invalid(let reason): self = .unavailable(reason: reason)
        case SQLError.unreadable(let reason): self = .unreadable(reason: reason)
        case Sealer.Failure.notAuthentic: self = .unreadable(reason: "a sealed value does not open")
        case Sealer.Failure.unknownKey(let id): self = .unreadable(reason: "a value is sealed with the encryption key '\(id)', which is not given")
        case is CancellationError: self = .unavailable(reason: "cancelled")
        default: self = .unavailable(reason: String(describing: error))
        }
    }
}
