/// The items that are to stand on one axis: those of an edge between boxes, so that it is upright.
///
/// Where two edges cross, one of them must not be a block there. Where upright edges would push each other to the right until the picture
/// is too wide, blocks are split.
struct Blocks {
    /// An item and the next one in its row.
    private struct Neighbours {
        let left: Int
        let right: Int
        let row: Int
        let distance: Int
    }

    /// The number of each item's block.
    private(set) var blockOf: [Int]
    private(set) var count: Int
    /// All pairs of neighbours in the rows.
    private let neighbours: [Neighbours]

    /// - Parameter width: what the picture should not exceed, if that can be.
    init(_ grid: Grid, width: Int) {
        var neighbours: [Neighbours] = []
        for (number, row) in grid.rows.enumerated() {
            for (left, right) in zip(row, row.dropFirst()) {
                let distance = Grid.Item.distance(grid.items[left], grid.items[right])
                neighbours.append(Neighbours(left: left, right: right, row: number, distance: distance))
            }
        }
        self.neighbours = neighbours
        (blockOf, count) = Self.joined(grid)
        split(grid, width: width)
    }

    /// Joins the ends of all segments between items that are no boxes, unless they cross one of a longer edge.
    private static func joined(_ grid: Grid) -> (blockOf: [Int], count: Int) {
        let ranks = grid.ranks
        let rowOf = grid.rowNumbers
        var lengths: [Int: Int] = [:]
        for segment in grid.segments { lengths[segment.arc, default: 0] += 1 }
        let inner = grid.segments.indices.filter {
            !grid.items[grid.segments[$0].upper].isNode && !grid.items[grid.segments[$0].lower].isNode
        }
        let order = inner.map { (number: $0, length: lengths[grid.segments[$0].arc] ?? 0) }.sorted {
            (-$0.length, $0.number) < (-$1.length, $1.number)
        }
        // For each row the segments that were taken, by rank; of those no two cross, so the lower ends ascend as well.
        var taken = grid.rows.map { _ in [(upper: Int, lower: Int)]() }
        var above = Array(repeating: -1, count: grid.items.count)
        for (number, _) in order {
            let segment = grid.segments[number]
            let ends = (upper: ranks[segment.upper], lower: ranks[segment.lower])
            let row = rowOf[segment.upper]
            let place = taken[row].partitioningIndex { $0.upper >= ends.upper }
            if place > 0, taken[row][place - 1].lower > ends.lower { continue }
            if place < taken[row].count, taken[row][place].lower < ends.lower { continue }
            taken[row].insert(ends, at: place)
            above[segment.lower] = segment.upper
        }
        var blockOf = Array(repeating: 0, count: grid.items.count)
        var count = 0
        for item in grid.rows.joined() {
            if above[item] >= 0 {
                blockOf[item] = blockOf[above[item]]
            } else {
                blockOf[item] = count
                count += 1
            }
        }
        return (blockOf, count)
    }
}

extension Blocks {
    /// The distances that blocks must keep, one for each pair that has neighbours.
    var separations: [SpringSolver.Separation] {
        let all = neighbours.map { SpringSolver.Separation(left: blockOf[$0.left], right: blockOf[$0.right], distance: $0.distance) }
        var result: [SpringSolver.Separation] = []
        for pair in all.sorted(by: { ($0.left, $0.right, -$0.distance) < ($1.left, $1.right, -$1.distance) }) {
            if let last = result.last, last.left == pair.left, last.right == pair.right { continue }
            result.append(pair)
        }
        return result
    }
}

// MARK: - Splitting

extension Blocks {
    /// The most searches for blocks to split; each splits some.
    private static let searches = 100
    /// Blocks that are so near to the best one to split, in pixels, are split with it.
    private static let band = 100

    private mutating func split(_ grid: Grid, width: Int) {
        let rowOf = grid.rowNumbers
        for _ in 0..<Effort.rounds(Self.searches, items: grid.items.count) {
            let splits = splits(beyond: width)
            guard splits.contains(where: { $0 != nil }) else { return }
            var lower: [Int?] = splits.map { _ in nil }
            for item in grid.rows.joined() {
                let block = blockOf[item]
                guard let row = splits[block], rowOf[item] > row else { continue }
                if lower[block] == nil {
                    lower[block] = count
                    count += 1
                }
                blockOf[item] = lower[block] ?? block
            }
        }
    }

    /// The row after which to split each block, if it should be, to make those rows of blocks shorter that push each other beyond a width.
    ///
    /// It helps to split a block that is pushed in one row and pushes in another; most, if it is in the middle.
    private func splits(beyond width: Int) -> [Int?] {
        let leaving = Adjacency(count: count, neighbours.indices.lazy.map { (node: blockOf[neighbours[$0].left], neighbour: $0) })
        let targets = Adjacency(count: count, neighbours.lazy.map { (node: blockOf[$0.left], neighbour: blockOf[$0.right]) })
        let order = targets.topologicalOrder(count: count)
        // The room that each block needs on its left and on its right, and the row that demands it.
        var left = Array(repeating: (room: 0, row: -1), count: count)
        var right = left
        for block in order {
            for place in leaving.places(of: block) {
                let pair = neighbours[leaving.neighbour(at: place)]
                let room = left[block].room + pair.distance
                if room > left[blockOf[pair.right]].room { left[blockOf[pair.right]] = (room, pair.row) }
            }
        }
        for block in order.reversed() {
            for place in leaving.places(of: block) {
                let pair = neighbours[leaving.neighbour(at: place)]
                let room = right[blockOf[pair.right]].room + pair.distance
                if room > right[block].room { right[block] = (room, pair.row) }
            }
        }
        let candidates = (0..<count).filter { block in
            left[block].room + right[block].room > width && left[block].row >= 0 && right[block].row >= 0
                && left[block].row != right[block].row
        }
        guard let least = candidates.lazy.map({ abs(left[$0].room - right[$0].room) }).min() else { return [] }
        var splits: [Int?] = Array(repeating: nil, count: count)
        for block in candidates where abs(left[block].room - right[block].room) <= least + Self.band {
            splits[block] = (left[block].row + right[block].row) / 2
        }
        return splits
    }
}
