import RedisClient
import StageStore
import Testing

@testable import StageStoreRedis

@Suite("The follower's decisions")
struct FollowerStateMachineTests {
    /// Plays Redis and the log. Partition 7 is looked at; the others move on as they should.
    private final class Rehearsal {
        var machine = FollowerStateMachine()
        var redis = [Int64?](repeating: nil, count: RedisKeys.partitionCount)
        private static let watched = 7

        /// Lets the machine look at Redis.
        func look() {
            machine.observed(redis.map { $0.map { Array(Stamp(generation: 1, number: $0).text.utf8) } })
        }

        /// Lets the machine act on a page, whose entries are all the watched partition's.
        /// - Returns: what it does about that.
        func page(
            _ entries: [Int64] = [], to position: Int64, first: Int64 = 1, last: Int64? = nil, urgent: Bool = false, failing: Bool = false
        ) -> String {
            let page = FollowerStateMachine.Page(
                entries: [Self.watched: entries.map { FollowerStateMachine.Entry(position: $0, key: .string("k\($0)"), least: 1) }],
                position: position, extent: EventExtent(first: first, last: last ?? position))
            var told = "nothing"
            for action in machine.actions(on: page, isUrgent: urgent) {
                switch action {
                case .renew(let partition, let seen, let position):
                    let seen = String(decoding: seen, as: UTF8.self).suffix(4)
                    if partition == Self.watched { told = "renew at \(position) unless other than '\(seen)'" }
                    if partition == Self.watched, failing { continue }
                    redis[partition] = position
                    machine.renewed(partition, Array(Stamp(generation: 2, number: position).text.utf8))
                case .follow(let partition, let start, let end, let entries):
                    if partition == Self.watched { told = "follow from \(start) to \(end): \(entries.map(\.position))" }
                    if partition == Self.watched, failing { continue }
                    redis[partition] = max(redis[partition] ?? 0, end)
                    machine.followed(partition, to: end)
                }
            }
            return told
        }

        func step(
            _ entries: [Int64] = [], to position: Int64, first: Int64 = 1, last: Int64? = nil, urgent: Bool = false, failing: Bool = false
        ) -> String {
            look()
            return page(entries, to: position, first: first, last: last, urgent: urgent, failing: failing)
        }

        /// One that has been at a position with all partitions.
        static func following(at position: Int64) -> Rehearsal {
            let rehearsal = Rehearsal()
            rehearsal.redis = rehearsal.redis.map { _ in position }
            _ = rehearsal.step(to: position)
            return rehearsal
        }

        func position() -> Int64? { machine.positions[Self.watched] }
        func set(_ position: Int64?) { redis[Self.watched] = position }
    }

    @Test("begin with new generations in an empty Redis, at the log's end")
    func empty() {
        let rehearsal = Rehearsal()
        rehearsal.look()
        #expect(rehearsal.machine.cursor == nil)
        #expect(rehearsal.page(to: 100) == "renew at 100 unless other than ''")
        #expect(rehearsal.machine.cursor == 100)
        #expect(rehearsal.step([101, 103], to: 105) == "follow from 100 to 105: [101, 103]")
        #expect(rehearsal.machine.cursor == 105)
    }

    @Test("begin where another process has been, and move everything on at first")
    func joining() {
        let rehearsal = Rehearsal()
        rehearsal.redis = rehearsal.redis.map { _ in 40 }
        rehearsal.set(35)
        rehearsal.look()
        #expect(rehearsal.machine.cursor == 35)
        #expect(rehearsal.page(to: 50) == "follow from 35 to 50: []")
        #expect(rehearsal.redis == Array(repeating: 50, count: RedisKeys.partitionCount))
    }

    @Test("leave quiet partitions where they are, but for every tenth step")
    func sweeps() {
        let rehearsal = Rehearsal.following(at: 10)
        var told: [String] = []
        for position in 11...30 as ClosedRange<Int64> { told.append(rehearsal.step(to: position)) }
        #expect(told.filter { $0 != "nothing" } == ["follow from 10 to 20: []", "follow from 20 to 30: []"])
        #expect(rehearsal.machine.cursor == 30)
    }

    @Test("move a quiet partition on when its position does not count yet")
    func urgent() {
        let rehearsal = Rehearsal.following(at: 10)
        #expect(rehearsal.step(to: 12) == "nothing")
        #expect(rehearsal.step(to: 12, urgent: true) == "follow from 10 to 12: []")
        #expect(rehearsal.step(to: 12, urgent: true) == "nothing")
    }

    @Test("apply what comes after a quiet time from where Redis was left")
    func afterQuiet() {
        let rehearsal = Rehearsal.following(at: 10)
        #expect(rehearsal.step(to: 14) == "nothing")
        #expect(rehearsal.step([15], to: 16) == "follow from 10 to 16: [15]")
        #expect(rehearsal.position() == 16)
    }

    @Test("replay the log from where a snapshot ends")
    func restored() {
        let rehearsal = Rehearsal.following(at: 10)
        #expect(rehearsal.step([18], to: 20) == "follow from 10 to 20: [18]")
        rehearsal.set(12)
        rehearsal.look()
        #expect(rehearsal.machine.cursor == 12)
        #expect(rehearsal.page([18], to: 21) == "follow from 12 to 21: [18]")
    }

    @Test("are not troubled by a snapshot that misses quiet times alone")
    func restoredQuiet() {
        let rehearsal = Rehearsal.following(at: 10)
        #expect(rehearsal.step(to: 15) == "nothing")
        rehearsal.set(10)
        #expect(rehearsal.step([16], to: 16) == "follow from 10 to 16: [16]")
    }

    @Test("begin a new generation after a flush or an eviction, and when what is there is no position")
    func lost() {
        let rehearsal = Rehearsal.following(at: 10)
        rehearsal.set(nil)
        #expect(rehearsal.step([11], to: 12) == "renew at 12 unless other than ''")
        #expect(rehearsal.step([13], to: 13) == "follow from 12 to 13: [13]")
        rehearsal.look()
        rehearsal.machine.observed((0..<RedisKeys.partitionCount).map { _ in Array("rubbish".utf8) })
        #expect(rehearsal.page(to: 14) == "renew at 14 unless other than 'bish'")
    }

    @Test("begin a new generation when the log does not reach back so far")
    func gap() {
        let rehearsal = Rehearsal.following(at: 10)
        #expect(rehearsal.step([30], to: 40, first: 30) == "renew at 40 unless other than '000a'")
        let complete = Rehearsal.following(at: 10)
        #expect(complete.step([30], to: 40, first: 11) == "follow from 10 to 40: [30]")
    }

    @Test("begin a new generation when the database was set back")
    func databaseSetBack() {
        let rehearsal = Rehearsal.following(at: 100)
        #expect(rehearsal.step(to: 100, last: 60) == "renew at 60 unless other than '0064'")
        #expect(rehearsal.step([61], to: 61) == "follow from 60 to 61: [61]")
        // Redis was left behind at a quiet time; what commits have set since may be newer all the same.
        let quiet = Rehearsal.following(at: 50)
        #expect(quiet.step(to: 100) == "nothing")
        #expect(quiet.step(to: 100, last: 60) == "renew at 60 unless other than '0032'")
    }

    @Test("take the generation that another process has begun first")
    func lateRenewal() {
        let rehearsal = Rehearsal.following(at: 10)
        rehearsal.set(nil)
        rehearsal.look()
        #expect(rehearsal.page(to: 12, failing: true) == "renew at 12 unless other than ''")
        rehearsal.machine.renewed(7, Array(Stamp(generation: 9, number: 11).text.utf8))
        #expect(rehearsal.machine.cursor == 11)
        #expect(rehearsal.position() == 11)
    }

    @Test("skip what another follower has done")
    func twoFollowers() {
        let rehearsal = Rehearsal.following(at: 10)
        rehearsal.set(15)
        rehearsal.look()
        #expect(rehearsal.page([12, 14, 16], to: 20) == "follow from 15 to 20: [16]")
        rehearsal.set(30)
        rehearsal.look()
        #expect(rehearsal.page([25], to: 28, last: 40) == "nothing")
        #expect(rehearsal.position() == 30)
    }

    @Test("do again what Redis refused or may not have done")
    func refused() {
        let rehearsal = Rehearsal.following(at: 10)
        #expect(rehearsal.step([11], to: 12, failing: true) == "follow from 10 to 12: [11]")
        #expect(rehearsal.machine.cursor == 10)
        #expect(rehearsal.step([11], to: 13) == "follow from 10 to 13: [11]")
        #expect(rehearsal.machine.cursor == 13)
    }

    @Test("read a long log page by page")
    func pages() {
        let rehearsal = Rehearsal.following(at: 10)
        #expect(rehearsal.step([11], to: 12, last: 14) == "follow from 10 to 12: [11]")
        #expect(rehearsal.machine.cursor == 12)
        #expect(rehearsal.step([14], to: 14) == "follow from 12 to 14: [14]")
    }
}
