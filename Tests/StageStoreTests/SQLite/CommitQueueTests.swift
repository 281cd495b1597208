import StageStore
import Synchronization
import Testing

@testable import StageStoreSQL

@Suite("Grouped commits")
struct CommitQueueTests {
    /// Writes the names that it is given; what a name is to come to stands in a table.
    private struct Names: GroupWriter {
        var errors: [String: any Error & Sendable] = [:]
        var duringFirst: @Sendable () -> Void = {}

        func write(_ group: [String], isAlone: Bool, _ connection: any SQLConnection) throws -> [String] {
            if group.contains("first") { duringFirst() }
            return try group.map { name in
                try connection.run(isAlone ? "\(name) alone" : name, [])
                if let error = errors[name] { throw error }
                return "\(name) written"
            }
        }

        func committed(_ answers: [String], tell: @escaping @Sendable () -> Void) { tell() }
    }

    /// Submits requests in their order, each when the one before it waits, with the database held up; then lets it go on.
    private static func outcomes(of names: [String], _ database: FakeDatabase, _ writer: Names = Names()) async -> [String] {
        let queue = CommitQueue<Names>(database: database)
        await database.hold()
        var tasks: [Task<String, Never>] = []
        for (index, name) in names.enumerated() {
            tasks.append(
                Task {
                    do throws(StoreError) { return try await queue.submit(name, to: writer) } catch { return "\(name) failed: \(error)" }
                })
            // The first is on its way to the writer, the others wait.
            if index == 0 { await database.arrival() } else { while queue.waitingCount < index { await Task.yield() } }
        }
        await database.release()
        var outcomes: [String] = []
        for task in tasks { outcomes.append(await task.value) }
        return outcomes
    }

    @Test("All that waits while the writer is busy shares one transaction, in the order of arrival")
    func group() async {
        let database = FakeDatabase()
        #expect(await Self.outcomes(of: ["first", "a", "b", "c"], database) == ["first written", "a written", "b written", "c written"])
        #expect(database.transactions == [["first"], ["a", "b", "c"]])
    }

    @Test("A member whose statements err is undone alone, and its neighbours are tried one by one")
    func erringMember() async {
        let database = FakeDatabase()
        let writer = Names(errors: ["b": SQLError.reference("stage"), "c": StoreError.alreadyAnswered])
        #expect(
            await Self.outcomes(of: ["first", "a", "b", "c", "d"], database, writer) == [
                "first written", "a written", "b failed: danglingReference", "c failed: alreadyAnswered", "d written",
            ])
        #expect(database.transactions == [["first"], ["a alone"], ["d alone"]])
    }

    @Test("What keeps the database from writing at all is told to all at once", arguments: [SQLError.unavailable("gone"), .outcomeUnknown("lost")])
    func unavailable(error: SQLError) async {
        let database = FakeDatabase()
        let outcomes = await Self.outcomes(of: ["first", "a", "b"], database, Names(errors: ["a": error]))
        #expect(outcomes == ["first written", "a failed: \(StoreError(error))", "b failed: \(StoreError(error))"])
        #expect(database.transactions == [["first"]])
    }

    @Test("A commit that fails is told to those of its group, and the next group is written")
    func failingCommit() async {
        let database = FakeDatabase()
        database.failCommits(1)
        let failed = StoreError.unavailable(reason: "the disk is full")
        #expect(await Self.outcomes(of: ["first", "a", "b"], database) == ["first failed: \(failed)", "a written", "b written"])
        #expect(database.transactions == [["a", "b"]])
    }

    @Test("A group has at most 256 members; the others come next")
    func limit() async {
        let database = FakeDatabase()
        let names = ["first"] + (1...300).map { "\($0)" }
        #expect(await Self.outcomes(of: names, database) == names.map { "\($0) written" })
        #expect(database.transactions.map(\.count) == [1, 256, 44])
    }

    @Test("More than can wait is refused, and the others are not")
    func overload() async {
        let database = FakeDatabase()
        let queue = CommitQueue<Names>(database: database)
        await database.hold()
        let first = Task { try await queue.submit("first", to: Names()) }
        await database.arrival()
        let others = (0..<CommitQueue<Names>.capacity).map { _ in Task { try await queue.submit("x", to: Names()) } }
        while queue.waitingCount < CommitQueue<Names>.capacity { await Task.yield() }
        await #expect(throws: StoreError.unavailable(reason: "10000 commits are waiting")) { try await queue.submit("y", to: Names()) }
        await database.release()
        _ = await first.result
        for other in others { #expect((try? await other.value) == "x written") }
        #expect(database.transactions.joined().allSatisfy { $0 != "y" })
    }
}
