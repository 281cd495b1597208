/// The items that are to stand on one axis: those of an edge between boxes, so that it is upright.
///
/// Where two edges cross, one of them must not be a block there. Where upright edges would push each other to the right until the picture is too wide,
/// blocks are split.
struct Blocks {
    /// An item that another one has to its right.
    struct Neighbours {
        let left: Int
        let right: Int
        let row: Int
        let distance: Int
    }

    /// The number of each item's block.
    private(set) var blockOf: [Int]
    private(set) var count: Int
    /// All pairs of neighbours in the rows.
    let neighbours: [Neighbours]

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
        var rowOf = ranks
        for (number, row) in grid.rows.enumerated() { for item in row { rowOf[item] = number } }
        var lengths: [Int: Int] = [:]
        for segment in grid.segments { lengths[segment.arc, default: 0] += 1 }
        let inner = grid.segments.indices.filter { !grid.items[grid.segments[$0].upper].isNode && !grid.items[grid.segments[$0].lower].isNode }
        let order = inner.map { (number: $0, length: lengths[grid.segments[$0].arc] ?? 0) }.sorted { (-$0.length, $0.number) < (-$1.length, $1.number) }
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

// MARK: - Splitting

extension Blocks {
    /// About how many pairs of neighbours all searches may look at.
    private static let effort = 2_000_000

    private mutating func split(_ grid: Grid, width: Int) {
        var rowOf = Array(repeating: 0, count: grid.items.count)
        for (number, row) in grid.rows.enumerated() { for item in row { rowOf[item] = number } }
        for _ in 0..<max(4, Self.effort / max(1, neighbours.count)) {
            guard let (block, after) = split(beyond: width) else { return }
            for (item, own) in blockOf.enumerated() where own == block && rowOf[item] > after { blockOf[item] = count }
            count += 1
        }
    }

    /// The block to split, and the row after which, to make the longest row of blocks that push each other shorter; nil if it is not too long.
    private func split(beyond width: Int) -> (block: Int, after: Int)? {
        let leaving = Adjacency(count: count, neighbours.enumerated().map { (node: blockOf[$1.left], neighbour: $0) })
        var waiting = Array(repeating: 0, count: count)
        for pair in neighbours { waiting[blockOf[pair.right]] += 1 }
        var places = Array(repeating: 0, count: count)
        var pushedBy = Array(repeating: -1, count: count)
        var order = (0..<count).filter { waiting[$0] == 0 }
        var next = 0
        var last = 0
        while next < order.count {
            let block = order[next]
            next += 1
            if places[block] > places[last] { last = block }
            for place in leaving.places(of: block) {
                let pair = neighbours[leaving.neighbour(at: place)]
                let right = blockOf[pair.right]
                if places[block] + pair.distance > places[right] {
                    places[right] = places[block] + pair.distance
                    pushedBy[right] = leaving.neighbour(at: place)
                }
                waiting[right] -= 1
                if waiting[right] == 0 { order.append(right) }
            }
        }
        guard places[last] > width else { return nil }
        // Along the way back: blocks that are pushed in one row and push in another. The one in the middle shortens the way most.
        var best: (block: Int, after: Int)?
        var nearest = Int.max
        var block = last
        var pushes: Int?
        while pushedBy[block] >= 0 {
            let pair = neighbours[pushedBy[block]]
            if let row = pushes, row != pair.row, abs(2 * places[block] - places[last]) < nearest {
                nearest = abs(2 * places[block] - places[last])
                best = (block, (row + pair.row) / 2)
            }
            pushes = pair.row
            block = blockOf[pair.left]
        }
        return best
    }
}

extension Array {
    /// The first index whose element fulfils a condition that all later ones fulfil as well.
    func partitioningIndex(where isBehind: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
