import Testing

@testable import StageStoreRedis

@Suite("The table of partitions")
struct PartitionTableTests {
    /// A table of which one partition is looked at; the others are where the log ends.
    private final class Rehearsal {
        var table = PartitionTable()
        let partition = 7

        /// One step of the follower, after which the partition's position is as given.
        func step(_ position: Int64?, end: Int64, during: (inout PartitionTable) -> Void = { _ in }) {
            table.beginStep()
            during(&table)
            var positions = [Int64?](repeating: end, count: RedisKeys.partitionCount)
            positions[partition] = position
            table.endStep(positions: positions, end: end)
        }

        func admits(_ position: Int64, in other: Int? = nil) -> Bool { table.admits(position, in: other ?? partition) }
        var standing: PartitionTable.Standing { table.standing(of: partition) }
    }

    @Test("admits nothing until the log's end is known, then what reaches it")
    func start() {
        let rehearsal = Rehearsal()
        #expect(!rehearsal.admits(Int64.max))
        #expect(rehearsal.standing == .lost)
        rehearsal.step(90, end: 100)
        #expect(!rehearsal.admits(99))
        #expect(rehearsal.standing == .behind)
        rehearsal.step(100, end: 100)
        #expect(rehearsal.admits(100))
        #expect(rehearsal.standing == .current)
        #expect(rehearsal.table.isCurrent)
    }

    @Test("does not admit what was set back to a snapshot, until it has caught up")
    func restored() {
        let rehearsal = Rehearsal()
        rehearsal.step(100, end: 100)
        #expect(rehearsal.admits(120))
        #expect(!rehearsal.admits(119))
        rehearsal.step(60, end: 125)
        #expect(rehearsal.standing == .behind && !rehearsal.table.isCurrent)
        #expect(!rehearsal.admits(60))
        rehearsal.step(125, end: 125)
        #expect(rehearsal.admits(125))
    }

    @Test("remembers what the follower has seen, too")
    func followed() {
        let rehearsal = Rehearsal()
        rehearsal.step(100, end: 100)
        rehearsal.step(110, end: 110)
        #expect(!rehearsal.admits(105))
    }

    @Test("takes a position that is gone for lost, and its return for what it is")
    func lost() {
        let rehearsal = Rehearsal()
        rehearsal.step(100, end: 100)
        rehearsal.step(nil, end: 105)
        #expect(rehearsal.standing == .lost)
        #expect(rehearsal.table.count(.lost) == 1 && rehearsal.table.count(.current) == 255)
        rehearsal.step(105, end: 105)
        #expect(rehearsal.admits(105))
    }

    @Test("admits nothing of what is doubted, until the log's end was read afterwards and reached")
    func doubt() {
        let rehearsal = Rehearsal()
        rehearsal.step(100, end: 100)
        rehearsal.table.doubt(7)
        #expect(!rehearsal.admits(100) && !rehearsal.admits(200))
        #expect(rehearsal.admits(100, in: 8))
        rehearsal.step(104, end: 105)
        #expect(!rehearsal.admits(104))
        #expect(rehearsal.admits(105))
    }

    @Test("keeps a doubt that comes up during a step until the next")
    func doubtDuringStep() {
        let rehearsal = Rehearsal()
        rehearsal.step(100, end: 100)
        rehearsal.step(101, end: 101) { $0.doubt(7) }
        #expect(!rehearsal.admits(101))
        #expect(rehearsal.standing == .behind)
        rehearsal.step(101, end: 101)
        #expect(rehearsal.admits(101))
    }

    @Test("doubts everything when asked to")
    func doubtAll() {
        let rehearsal = Rehearsal()
        rehearsal.step(100, end: 100)
        rehearsal.table.doubtAll()
        #expect((0..<RedisKeys.partitionCount).allSatisfy { !rehearsal.admits(100, in: $0) })
        #expect(rehearsal.table.count(.behind) == RedisKeys.partitionCount)
    }

    @Test("follows a database that was set back")
    func databaseSetBack() {
        let rehearsal = Rehearsal()
        rehearsal.step(100, end: 100)
        rehearsal.step(40, end: 40)
        #expect(rehearsal.admits(40))
    }
}
