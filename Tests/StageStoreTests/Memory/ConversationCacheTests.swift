import StageModel
import StageStore
import Testing

@testable import StageStoreSQL

@Suite("Conversations in memory")
struct ConversationCacheTests {
    private let plan = Blueprint()
    private let key: ConversationKey

    init() throws { key = ConversationKey(business: plan.business.id, conversation: try #require(ConversationID("c"))) }

    /// The state of the conversation at a version, and the change that led to it.
    private func change(_ version: Int64) -> ConversationChange {
        let transition = Transition(
            id: Transition.ID(), version: version, sequence: 0, from: plan.greeting, to: plan.greeting, cause: .api, actor: "a", flowRevision: 1,
            trace: [:],
            at: Blueprint.start, secondsInStage: nil)
        return ConversationChange(state: ConversationState(key: key, version: version, at: Blueprint.start), transitions: [transition])
    }

    @Test("What was read before a commit or a removal is not kept after it")
    func fills() {
        for happens in ["nothing", "commit", "drop", "removal"] {
            let cache = ConversationCache(capacity: 10)
            let generation = cache.generation(of: key)
            switch happens {
            case "commit": cache.commit(change(2))
            case "drop": cache.drop(key)
            case "removal": cache.removeAll(of: key.business)
            default: break
            }
            cache.fill(change(1).state, since: generation)
            cache.fill(RecentHistory(version: 1, transitions: change(1).transitions, isComplete: true), of: key, since: generation)
            let isKept = happens == "nothing"
            #expect(cache.state(of: key)?.version == (isKept ? 1 : happens == "commit" ? 2 : nil), "\(happens)")
            #expect((cache.history(of: key) != nil) == isKept, "\(happens)")
        }
    }

    @Test("A history in memory grows with each commit, keeps the newest hundred, and knows when it is not complete")
    func history() throws {
        let cache = ConversationCache(capacity: 10)
        cache.commit(change(1))
        cache.fill(
            RecentHistory(version: 1, transitions: change(1).transitions, isComplete: true), of: key, since: cache.generation(of: key))
        for version in 2...100 { cache.commit(change(Int64(version))) }
        let full = try #require(cache.history(of: key))
        #expect(full.transitions.map(\.version) == (1...100).reversed().map { Int64($0) } && full.isComplete && full.version == 100)
        cache.commit(change(101))
        let cut = try #require(cache.history(of: key))
        #expect(cut.transitions.count == 100 && cut.transitions.first?.version == 101 && !cut.isComplete)
    }

    @Test("A history that does not end where a commit begins is dropped")
    func gap() {
        let cache = ConversationCache(capacity: 10)
        cache.fill(
            RecentHistory(version: 1, transitions: change(1).transitions, isComplete: true), of: key, since: cache.generation(of: key))
        cache.commit(change(3))
        #expect(cache.history(of: key) == nil)
    }

    @Test("Removing a business leaves others in memory")
    func removal() throws {
        let cache = ConversationCache(capacity: 10)
        let other = ConversationKey(business: Business.ID(), conversation: key.conversation)
        cache.commit(change(1))
        cache.fill(ConversationState(key: other, version: 7, at: Blueprint.start), since: cache.generation(of: other))
        cache.removeAll(of: key.business)
        #expect(cache.state(of: key) == nil && cache.state(of: other)?.version == 7)
    }
}
