import RedisClient
import StageStore

/// Decides how the partitions in Redis are brought up to the end of the log. Pure.
///
/// Several processes may do so at once: everything that is done is right whatever the others do.
struct FollowerStateMachine: Sendable {
    /// A value that a commit may have outdated.
    struct Entry: Hashable, Sendable {
        /// The commit's.
        let position: Int64
        let key: RedisArgument
        /// The least version that may be kept.
        let least: Int64
    }

    /// A part of the log, by the partitions that it is about.
    struct Page: Sendable {
        var entries: [Int: [Entry]] = [:]
        /// Up to where nothing more is to be found.
        let position: Int64
        let extent: EventExtent
    }

    enum Action: Hashable, Sendable {
        /// Nobody knows what the partition has missed: what is kept there is dropped.
        case renew(partition: Int, seen: [UInt8], position: Int64)
        case follow(partition: Int, from: Int64, to: Int64, entries: [Entry])
    }

    private enum Partition {
        case lost(seen: [UInt8])
        case followed(Reach)
    }

    private struct Reach {
        /// As Redis has it.
        var stamp: Stamp
        /// What Redis's position must not be before, for the following to be true.
        var anchor: Int64
        /// Up to here, all that the log says of this partition is done.
        var known: Int64

        init(_ stamp: Stamp) {
            self.stamp = stamp
            anchor = stamp.number
            known = stamp.number
        }
    }

    /// Quiet partitions are moved on every so many steps: with each, all processes would write all positions twice a second.
    static let sweepInterval = 10

    private var partitions = [Partition](repeating: .lost(seen: []), count: RedisKeys.partitionCount)
    private var step = 0

    /// What the positions' keys hold.
    mutating func observed(_ values: [[UInt8]?]) {
        for (index, value) in values.enumerated() {
            guard let value, value.count == Stamp.width, let stamp = Stamp(value) else {
                partitions[index] = .lost(seen: value ?? [])
                continue
            }
            guard case .followed(var reach) = partitions[index], reach.anchor <= stamp.number, stamp.number <= reach.known else {
                // New, set back to a snapshot, or moved on by others.
                partitions[index] = .followed(Reach(stamp))
                continue
            }
            reach.stamp = stamp
            partitions[index] = .followed(reach)
        }
    }

    /// After which position the log is to be read on; nil: only where it ends.
    var cursor: Int64? { reaches.map(\.known).min() }

    /// The positions that Redis has.
    var positions: [Int64?] {
        partitions.map { partition in
            switch partition {
            case .lost: nil
            case .followed(let reach): reach.stamp.number
            }
        }
    }

    /// What is to be done about a part of the log that was read after the cursor.
    /// - Parameter isUrgent: some partition's position does not count yet, so all are moved on.
    mutating func actions(on page: Page, isUrgent: Bool) -> [Action] {
        let isSweep = isUrgent || step % Self.sweepInterval == 0
        step += 1
        var actions: [Action] = []
        for index in partitions.indices {
            switch partitions[index] {
            case .lost(let seen): actions.append(.renew(partition: index, seen: seen, position: page.extent.last))
            case .followed(var reach):
                // What is missing was removed from the log, or the database was set back to a time before.
                guard reach.known >= page.extent.origin, max(reach.known, reach.stamp.number) <= page.extent.last else {
                    actions.append(.renew(partition: index, seen: Array(reach.stamp.text.utf8), position: page.extent.last))
                    continue
                }
                let entries = (page.entries[index] ?? []).filter { $0.position > reach.known }
                if !entries.isEmpty || isSweep, page.position > reach.stamp.number {
                    actions.append(.follow(partition: index, from: reach.anchor, to: max(reach.known, page.position), entries: entries))
                } else if entries.isEmpty {
                    reach.known = max(reach.known, page.position)
                    partitions[index] = .followed(reach)
                }
            }
        }
        return actions
    }

    /// A new generation was begun, by this process or another.
    mutating func renewed(_ partition: Int, _ value: [UInt8]) {
        partitions[partition] = Stamp(value).map { .followed(Reach($0)) } ?? .lost(seen: value)
    }

    /// A partition has moved on. When it has not, the next look at Redis tells why.
    mutating func followed(_ partition: Int, to position: Int64) {
        guard case .followed(var reach) = partitions[partition] else { return }
        reach.stamp = Stamp(generation: reach.stamp.generation, number: max(reach.stamp.number, position))
        (reach.anchor, reach.known) = (position, max(reach.known, position))
        partitions[partition] = .followed(reach)
    }

    private var reaches: [Reach] {
        partitions.compactMap { partition in
            switch partition {
            case .lost: nil
            case .followed(let reach): reach
            }
        }
    }
}
