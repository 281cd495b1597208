import StageModel
import StageStore
import Synchronization
import Testing

@testable import StageStoreSQL

@Suite("Grouped commits")
struct CommitQueueTests {
    /// Collects outcomes in the order in which they are told.
    private final class Outcomes: Sendable {
        private let all = Mutex<[String]>([])

        var texts: [String] { all.withLock { $0 } }

        func finish(_ name: String) -> @Sendable (CommitQueue.Outcome) -> Void { { self.add(name, $0) } }

        private func add(_ name: String, _ outcome: CommitQueue.Outcome) {
            let text: String =
                switch outcome {
                case .committed: "committed"
                case .refused: "refused"
                case .failed(let error): "failed: \(error)"
                }
            all.withLock { $0.append("\(name) \(text)") }
        }
    }

    private static func writes(_ name: String, _ result: Bool = true) -> CommitQueue.Write {
        { connection in
            if result { try connection.run(name, []) }
            return result
        }
    }

    private static func fails(_ name: String, _ error: any Error & Sendable) -> CommitQueue.Write {
        { connection in
            try connection.run(name, [])
            throw error
        }
    }

    @Test("All that waits shares one transaction, in the order of arrival")
    func group() {
        let (database, outcomes) = (FakeDatabase(), Outcomes())
        let queue = CommitQueue(database: database)
        for name in ["a", "b", "c"] { queue.submit(Self.writes(name), finish: outcomes.finish(name)) }
        #expect(outcomes.texts.isEmpty && database.waitingCount == 1, "The writer is asked once.")
        database.runAll()
        #expect(database.transactions == [["a", "b", "c"]])
        #expect(outcomes.texts == ["a committed", "b committed", "c committed"])
        queue.submit(Self.writes("d"), finish: outcomes.finish("d"))
        database.runAll()
        #expect(database.transactions == [["a", "b", "c"], ["d"]])
    }

    @Test("A stale version is refused and its neighbours in the group are not")
    func refusal() {
        let (database, outcomes) = (FakeDatabase(), Outcomes())
        let queue = CommitQueue(database: database)
        for (name, result) in [("a", true), ("stale", false), ("c", true)] { queue.submit(Self.writes(name, result), finish: outcomes.finish(name)) }
        database.runAll()
        #expect(database.transactions == [["a", "c"]])
        #expect(outcomes.texts == ["a committed", "stale refused", "c committed"])
    }

    @Test("A member whose statements err is undone alone, and its neighbours are tried one by one")
    func erringMember() {
        let (database, outcomes) = (FakeDatabase(), Outcomes())
        let queue = CommitQueue(database: database)
        queue.submit(Self.writes("a"), finish: outcomes.finish("a"))
        queue.submit(Self.fails("b", SQLError.reference("stage")), finish: outcomes.finish("b"))
        queue.submit(Self.writes("stale", false), finish: outcomes.finish("stale"))
        queue.submit(Self.fails("c", StoreError.alreadyAnswered), finish: outcomes.finish("c"))
        queue.submit(Self.writes("d"), finish: outcomes.finish("d"))
        database.runAll()
        #expect(database.transactions.filter { !$0.isEmpty } == [["a"], ["d"]])
        #expect(outcomes.texts == ["a committed", "b failed: danglingReference", "stale refused", "c failed: alreadyAnswered", "d committed"])
    }

    @Test("When the commit of a group fails each member is tried alone, and told of its own fate")
    func failingCommit() {
        let (database, outcomes) = (FakeDatabase(), Outcomes())
        let queue = CommitQueue(database: database)
        for name in ["a", "b"] { queue.submit(Self.writes(name), finish: outcomes.finish(name)) }
        database.failCommits(2)
        database.runAll()
        #expect(database.transactions == [["b"]])
        #expect(outcomes.texts == ["a failed: unavailable(reason: \"the disk is full\")", "b committed"])
    }

    @Test("A group has at most 256 members; the others come next, and what comes meanwhile too")
    func limit() {
        let (database, outcomes) = (FakeDatabase(), Outcomes())
        let queue = CommitQueue(database: database)
        for number in 0..<300 {
            queue.submit { connection in
                try connection.run("\(number)", [])
                if number == 0 { queue.submit(Self.writes("late"), finish: outcomes.finish("late")) }
                return true
            } finish: {
                outcomes.finish("\(number)")($0)
            }
        }
        database.runAll()
        #expect(database.transactions.map(\.count) == [256, 45])
        #expect(outcomes.texts.count == 301 && outcomes.texts.last == "late committed")
    }

    @Test("More than can wait is refused, and the others are not")
    func overload() async {
        let (database, outcomes) = (FakeDatabase(), Outcomes())
        let queue = CommitQueue(database: database)
        for _ in 0..<CommitQueue.capacity { queue.submit(Self.writes("x"), finish: outcomes.finish("x")) }
        let refused = await withCheckedContinuation { continuation in
            queue.submit(Self.writes("y")) { continuation.resume(returning: $0) }
        }
        guard case .failed(.unavailable) = refused else {
            Issue.record("\(refused)")
            return
        }
        database.runAll()
        #expect(outcomes.texts.count == CommitQueue.capacity)
        #expect(database.transactions.joined().allSatisfy { $0 == "x" })
    }
}
