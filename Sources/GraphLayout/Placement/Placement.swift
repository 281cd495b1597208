/// Gives every item its horizontal place.
///
/// First rows are relaxed like springs: each item goes to the mean of its neighbours above or below, as near as its row lets it. Then the
/// items of an edge are fixed to each other, as far as the picture does not become too wide by that, and what is left is relaxed again. At
/// last edges are made upright wherever the room between their neighbours allows.
struct Placement {
    private static let relaxations = 10
    private static let settlements = 12
    private static let tightenings = 4
    /// A picture may always be this wide.
    private static let usualWidth = 1600
    /// About the height of a row with its channel.
    private static let usualRow = 120

    let grid: Grid
    let ports: Ports
    let above: Adjacency
    let below: Adjacency
    /// The place of the axis of each item.
    var axes: [Int]

    init(_ grid: Grid, ports: Ports) {
        self.grid = grid
        self.ports = ports
        axes = Array(repeating: 0, count: grid.items.count)
        above = Adjacency(count: grid.items.count, grid.segments.lazy.map { (node: $0.lower, neighbour: $0.upper) })
        below = Adjacency(count: grid.items.count, grid.segments.lazy.map { (node: $0.upper, neighbour: $0.lower) })
        let widest = pack()
        for _ in 0..<Effort.rounds(Self.relaxations, items: grid.items.count) {
            for row in grid.rows.dropFirst() { relax(row, towards: [above]) }
            for row in grid.rows.dropLast().reversed() { relax(row, towards: [below]) }
        }
        for row in grid.rows { relax(row, towards: [above, below]) }
        settle(Blocks(grid, width: max(Self.usualWidth, widest + widest / 4, grid.rows.count * Self.usualRow)))
        tighten(rounds: Effort.rounds(Self.tightenings, items: grid.items.count))
    }

    /// Packs the items of each row, its middle at 0, and tells the width of the widest row.
    private mutating func pack() -> Int {
        var widest = 0
        for row in grid.rows {
            for (left, right) in zip(row, row.dropFirst()) {
                axes[right] = axes[left] + Grid.Item.distance(grid.items[left], grid.items[right])
            }
            guard let last = row.last else { continue }
            let width = axes[last]
            for item in row { axes[item] -= width / 2 }
            widest = max(widest, width)
        }
        return widest
    }

    /// Moves the items of a row to the places with the least squares of distances from the means of their neighbours.
    private mutating func relax(_ row: [Int], towards sides: [Adjacency]) {
        var pools: [(sum: Double, weight: Double, count: Int)] = []
        var offsets: [Int] = []
        for item in row {
            let offset =
                offsets.isEmpty ? 0 : offsets[offsets.count - 1] + Grid.Item.distance(grid.items[row[offsets.count - 1]], grid.items[item])
            offsets.append(offset)
            var pool = (sum: 0.0, weight: 0.0, count: 1)
            for side in sides {
                for place in side.places(of: item) {
                    let neighbour = side.neighbour(at: place)
                    // Lines without boxes at their ends resist more: a bend there has no reason.
                    let weight = grid.items[item].isNode || grid.items[neighbour].isNode ? 1.0 : 4.0
                    pool.sum += weight * Double(axes[neighbour] - offset)
                    pool.weight += weight
                }
            }
            if pool.weight == 0 { pool = (Double(axes[item] - offset) * 0.1, 0.1, 1) }
            while let last = pools.last, last.sum * pool.weight >= pool.sum * last.weight {
                pool = (pool.sum + last.sum, pool.weight + last.weight, pool.count + last.count)
                pools.removeLast()
            }
            pools.append(pool)
        }
        var next = 0
        for pool in pools {
            let place = Int((pool.sum / pool.weight).rounded())
            for number in next..<next + pool.count { axes[row[number]] = place + offsets[number] }
            next += pool.count
        }
    }

    /// Moves blocks towards the boxes at their ends, and boxes to the middle of their edges.
    private mutating func settle(_ blocks: Blocks) {
        let solver = SpringSolver(count: blocks.count, blocks.separations)
        var sums = Array(repeating: (sum: 0, count: 0), count: blocks.count)
        for (item, block) in blocks.blockOf.enumerated() { sums[block] = (sums[block].sum + axes[item], sums[block].count + 1) }
        var wanted = sums.map { (place: Double($0.sum) / Double($0.count), weight: 1.0) }
        for _ in 0..<Effort.rounds(Self.settlements, items: grid.items.count) {
            let places = solver.places(wanted: wanted)
            for (item, block) in blocks.blockOf.enumerated() { axes[item] = places[block] }
            wanted = self.wanted(blocks)
        }
        let places = solver.places(wanted: wanted)
        for (item, block) in blocks.blockOf.enumerated() { axes[item] = places[block] }
    }

    /// Where every block wants to be: at the mean of the places where it meets others.
    private func wanted(_ blocks: Blocks) -> [(place: Double, weight: Double)] {
        var sums = Array(repeating: (sum: 0.0, weight: 0.0), count: blocks.count)
        func pull(_ block: Int, to place: Int, _ weight: Double) {
            sums[block].sum += weight * Double(place)
            sums[block].weight += weight
        }
        for (number, segment) in grid.segments.enumerated() {
            let (upper, lower) = (blocks.blockOf[segment.upper], blocks.blockOf[segment.lower])
            guard upper != lower else { continue }
            // A line is content with any place at the side of its box; a box wants to be in the middle of its lines.
            let isOfNodes = (upper: grid.items[segment.upper].isNode, lower: grid.items[segment.lower].isNode)
            let weight = isOfNodes.upper || isOfNodes.lower ? 1.0 : 2.0
            pull(
                upper, to: isOfNodes.upper ? axes[segment.lower] : axes[segment.upper].clamped(to: ports.rangeAtBottom(number, axes)),
                weight)
            pull(lower, to: isOfNodes.lower ? axes[segment.upper] : axes[segment.lower].clamped(to: ports.rangeAtTop(number, axes)), weight)
        }
        return sums.enumerated().map { $1.weight == 0 ? (0, 0.1) : ($1.sum / $1.weight, $1.weight) }
    }
}
