import Sealing
import StageModel
import StageStore
import Synchronization

/// A leading store in memory. What it commits, nobody is told of: that is the test's business.
final class MemoryLog: CommitLog {
    fileprivate struct Contents {
        var states: [ConversationKey: ConversationState] = [:]
        /// The versions at which conversations were erased.
        var erased: [ConversationKey: Int64] = [:]
        var commits: [CommitPage.Commit] = []
        var salts: [Business.ID: [UInt8]] = [:]
        /// How many of the oldest commits were removed.
        var removed: Int64 = 0
        var last: Int64 = 0
        var fault: StoreError?
        var pageLimit = Int.max
    }

    let pseudonyms = Pseudonyms(secret: randomBytes(32))
    private let contents = Mutex(Contents())
    private let interruption = Mutex<(@Sendable () async -> Void)?>(nil)

    /// A conversation of a new business.
    func conversation(_ id: String = "whatsapp:+49-170-5550101", business: Business.ID = Business.ID()) throws -> ConversationKey {
        contents.withLock { contents in
            if contents.salts[business] == nil { contents.salts[business] = randomBytes(16) }
        }
        guard let id = ConversationID(id) else { throw StoreError.unknownBusiness }
        return ConversationKey(business: business, conversation: id)
    }

    /// Adds a version with some data.
    @discardableResult
    func commit(_ key: ConversationKey, data: [String: JSONValue] = [:], expiresAt: Timestamp? = nil) -> ConversationState {
        contents.withLock { contents in
            let now = Timestamp(microseconds: 1_700_000_000_000_000 + contents.last)
            var state = contents.states[key] ?? ConversationState(key: key, version: contents.erased[key] ?? 0, at: now)
            state.version += 1
            state.data.conversation = data
            state.updatedAt = now
            state.expiresAt = expiresAt
            contents.states[key] = state
            contents.log(key.business, .conversation(key.conversation), state.version)
            return state
        }
    }

    /// - Returns: the version at which it was erased.
    func erase(_ key: ConversationKey) -> Int64 {
        contents.withLock { contents in
            let version = contents.states.removeValue(forKey: key)?.version ?? contents.erased[key] ?? 0
            contents.erased[key] = version
            let pseudonym = pseudonyms.name([key.business.description, key.conversation.description])
            contents.log(key.business, .erased(pseudonym: pseudonym), version)
            return version
        }
    }

    func delete(_ business: Business.ID) { contents.withLock { $0.salts[business] = nil } }

    /// Removes what is older than the newest commit.
    func removeOldCommits() { contents.withLock { $0.removed = $0.last - 1 } }

    /// Takes the log and a conversation back to the time of a state.
    func setBack(to state: ConversationState, last: Int64) {
        contents.withLock { contents in
            contents.states[state.key] = state
            contents.commits.removeAll { $0.position > last }
            contents.last = last
        }
    }

    var last: Int64 { contents.withLock { $0.last } }

    func fail(_ fault: StoreError?) { contents.withLock { $0.fault = fault } }

    func limitPages(to count: Int) { contents.withLock { $0.pageLimit = count } }

    func state(of key: ConversationKey) -> ConversationState? { contents.withLock { $0.states[key] } }

    /// Does something when the follower has read the log the next time, before it acts on it.
    func interrupt(_ body: @escaping @Sendable () async -> Void) { interruption.withLock { $0 = body } }

    private func readAndInterrupt() async throws(StoreError) -> Contents {
        let contents = try read()
        await interruption.withLock { $0.take() }?()
        return contents
    }

    /// The least version that is not outdated.
    func leastVersion(of key: ConversationKey) -> Int64 {
        contents.withLock { $0.states[key]?.version ?? ($0.erased[key] ?? 0) + 1 }
    }

    func eventExtent() async throws(StoreError) -> EventExtent { try await readAndInterrupt().extent }

    func commits(after position: Int64, limit: Int) async throws(StoreError) -> CommitPage {
        let contents = try await readAndInterrupt()
        let all = contents.commits.filter { $0.position > max(position, contents.removed) }
        let page = all.prefix(min(limit, contents.pageLimit))
        let end = page.count < all.count ? page.last?.position ?? position : max(position, contents.last)
        return CommitPage(commits: Array(page), position: end, extent: contents.extent)
    }

    func states(of keys: [ConversationKey]) async throws(StoreError) -> [ConversationState] {
        let contents = try read()
        return keys.compactMap { contents.states[$0] }
    }

    func sealingSalt(of business: Business.ID) async throws(StoreError) -> [UInt8] {
        guard let salt = try read().salts[business] else { throw .unknownBusiness }
        return salt
    }

    private func read() throws(StoreError) -> Contents {
        let contents = contents.withLock { $0 }
        if let fault = contents.fault { throw fault }
        return contents
    }
}

extension MemoryLog.Contents {
    fileprivate var extent: EventExtent { EventExtent(first: removed + 1, last: last) }

    fileprivate mutating func log(_ business: Business.ID, _ subject: CommitPage.Commit.Subject, _ version: Int64) {
        last += 1
        commits.append(CommitPage.Commit(position: last, business: business, subject: subject, version: version))
    }
}
