/// From which positions on this process takes what Redis keeps, partition by partition. Pure.
///
/// A position vouches for what is kept beside it. It counts when it is not before the highest one that was seen, and, after something that may
/// have gone by unseen (the start, a lost connection, a state that could not be set), not before the log's end as it was read since then.
struct PartitionTable: Sendable {
    enum Standing: String, CaseIterable, Sendable {
        case current
        /// Its position does not count yet.
        case behind
        /// It has no position.
        case lost
    }

    private struct Partition {
        /// The least position that counts; nil: none, until the log's end is read in a later step than `doubtedIn`.
        var floor: Int64?
        var doubtedIn = 0
        /// As the follower saw it last.
        var position: Int64?
    }

    private var partitions = [Partition](repeating: Partition(), count: RedisKeys.partitionCount)
    private var step = 0

    /// Whether what was read together with a position may be shown.
    mutating func admits(_ position: Int64, in partition: Int) -> Bool {
        guard let floor = partitions[partition].floor, position >= floor else { return false }
        partitions[partition].floor = position
        return true
    }

    /// Something may be older than it should be: nothing of the partition is shown until the follower has been at the log's end.
    mutating func doubt(_ partition: Int) {
        partitions[partition].floor = nil
        partitions[partition].doubtedIn = step
    }

    mutating func doubtAll() { for partition in partitions.indices { doubt(partition) } }

    /// The follower is about to look at Redis, then at the log.
    mutating func beginStep() { step += 1 }

    /// The follower has done what there was to do.
    /// - Parameters:
    ///   - positions: as they are in Redis now.
    ///   - end: of the log, read after `beginStep()`.
    mutating func endStep(positions: [Int64?], end: Int64) {
        for (index, position) in positions.enumerated() {
            partitions[index].position = position
            // A floor above the end is of a database that was set back since.
            if let floor = partitions[index].floor {
                partitions[index].floor = max(min(floor, end), min(position ?? 0, end))
            } else if partitions[index].doubtedIn < step {
                partitions[index].floor = end
            }
        }
    }

    func standing(of partition: Int) -> Standing {
        guard let position = partitions[partition].position else { return .lost }
        guard let floor = partitions[partition].floor, position >= floor else { return .behind }
        return .current
    }

    /// Whether everything that Redis keeps may be shown.
    var isCurrent: Bool { partitions.indices.allSatisfy { standing(of: $0) == .current } }

    func count(_ standing: Standing) -> Int { partitions.indices.count { self.standing(of: $0) == standing } }
}
