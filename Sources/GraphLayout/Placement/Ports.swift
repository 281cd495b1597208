/// Where edges leave boxes and arrive at them: at the lower and the upper side, in the order in which they go on.
struct Ports {
    /// Where a segment leaves the upper row and where it arrives at the lower.
    struct Ends {
        var top: Int
        var bottom: Int
    }

    private let grid: Grid
    /// Those of the grid, then its bypasses.
    private let segments: [Grid.Segment]
    private let boxWidths: [Int]
    /// The segments at the upper and at the lower side of each item, from left to right.
    private let above: Adjacency
    private let below: Adjacency
    /// The number of every segment among those at the lower side of its upper item, and at the upper side of its lower item.
    private var numbersBelow: [Int]
    private var numbersAbove: [Int]

    init(_ grid: Grid, boxWidths: [Int]) {
        self.grid = grid
        self.boxWidths = boxWidths
        let segments = grid.segments + grid.bypasses
        self.segments = segments
        let ranks = grid.ranks
        // Bypasses are behind all others at the sides of their boxes, as what they lead to is on the right.
        let isBehind = { (segment: Int) in segment < grid.segments.count ? 0 : 1 }
        let byUpper = segments.indices.sorted { one, other in
            let (left, right) = (segments[one], segments[other])
            return (isBehind(one), ranks[left.upper], left.arc) < (isBehind(other), ranks[right.upper], right.arc)
        }
        let byLower = segments.indices.sorted { one, other in
            let (left, right) = (segments[one], segments[other])
            return (isBehind(one), ranks[left.lower], left.arc) < (isBehind(other), ranks[right.lower], right.arc)
        }
        above = Adjacency(count: grid.items.count, byUpper.lazy.map { (node: segments[$0].lower, neighbour: $0) })
        below = Adjacency(count: grid.items.count, byLower.lazy.map { (node: segments[$0].upper, neighbour: $0) })
        numbersBelow = Array(repeating: 0, count: segments.count)
        numbersAbove = numbersBelow
        for item in grid.items.indices {
            for (number, place) in below.places(of: item).enumerated() { numbersBelow[below.neighbour(at: place)] = number }
            for (number, place) in above.places(of: item).enumerated() { numbersAbove[above.neighbour(at: place)] = number }
        }
    }

    /// The width that a number of ports needs.
    static func width(of count: Int) -> Int { count == 0 ? 0 : 2 * Spacing.cornerToPort + (count - 1) * Spacing.betweenPorts }

    /// The segments at the upper side of an item, from left to right.
    func above(_ item: Int) -> [Int] { above.places(of: item).map { above.neighbour(at: $0) } }

    /// The segments at the lower side of an item, from left to right.
    func below(_ item: Int) -> [Int] { below.places(of: item).map { below.neighbour(at: $0) } }

    /// The places where a segment can leave its upper item, with room for the others there. One place, if that is no box.
    func rangeAtTop(_ segment: Int, _ axes: [Int]) -> ClosedRange<Int> {
        let item = segments[segment].upper
        return range(item, axes[item], number: numbersBelow[segment], of: below.degree(of: item))
    }

    /// The places where a segment can arrive at its lower item.
    func rangeAtBottom(_ segment: Int, _ axes: [Int]) -> ClosedRange<Int> {
        let item = segments[segment].lower
        return range(item, axes[item], number: numbersAbove[segment], of: above.degree(of: item))
    }

    private func range(_ item: Int, _ axis: Int, number: Int, of count: Int) -> ClosedRange<Int> {
        guard case .node(let node) = grid.items[item].content else { return axis...axis }
        let left = axis - grid.items[item].left + Spacing.cornerToPort
        let room = boxWidths[node] - Self.width(of: count)
        return left + number * Spacing.betweenPorts...left + number * Spacing.betweenPorts + max(0, room)
    }

    /// The ends of all segments and then of all bypasses: the axis of a label or line; at a box, as near to the other end as the others
    /// there allow.
    func ends(_ axes: [Int]) -> [Ends] {
        var ends = segments.map { Ends(top: axes[$0.upper], bottom: axes[$0.lower]) }
        for item in grid.items.indices where grid.items[item].isNode {
            let wanted = below(item).map { segment in
                let (own, other) = (rangeAtTop(segment, axes), rangeAtBottom(segment, axes))
                guard segment < grid.segments.count else { return own.upperBound }
                // Between two boxes: the middle of what they have in common.
                return (other.lowerBound.clamped(to: own) + other.upperBound.clamped(to: own)) / 2
            }
            for (segment, end) in zip(below(item), Self.spread(wanted)) { ends[segment].top = end }
        }
        for item in grid.items.indices where grid.items[item].isNode {
            let wanted = above(item).map { segment in
                let own = rangeAtBottom(segment, axes)
                return segment < grid.segments.count ? ends[segment].top.clamped(to: own) : own.upperBound
            }
            for (segment, end) in zip(above(item), Self.spread(wanted)) { ends[segment].bottom = end }
        }
        return ends
    }

    /// The places nearest to those wanted, by the method of least squares, that keep their distances.
    private static func spread(_ wanted: [Int]) -> [Int] {
        // Without the distances, the places must only not descend: neighbours that do are pooled and get their mean.
        var pools: [(sum: Int, count: Int)] = []
        for (number, place) in wanted.enumerated() {
            var pool = (sum: place - number * Spacing.betweenPorts, count: 1)
            while let last = pools.last, last.sum * pool.count >= pool.sum * last.count {
                pool = (pool.sum + last.sum, pool.count + last.count)
                pools.removeLast()
            }
            pools.append(pool)
        }
        let means = pools.flatMap { Array(repeating: Int((Double($0.sum) / Double($0.count)).rounded()), count: $0.count) }
        return means.enumerated().map { $1 + $0 * Spacing.betweenPorts }
    }
}

extension Int {
    /// The nearest number of a range.
    func clamped(to range: ClosedRange<Int>) -> Int { Swift.max(range.lowerBound, Swift.min(range.upperBound, self)) }
}
