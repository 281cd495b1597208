extension Placement {
    /// The items between two boxes that an edge passes.
    private struct Chain {
        /// The segment from the upper box.
        let first: Int
        let items: [Int]
        /// The segment to the lower box.
        let last: Int
    }

    /// Makes edges upright where there is room, and moves boxes to the middle of their edges, as far as their rows let them.
    mutating func tighten(rounds: Int) {
        let room = Room(grid)
        let chains = self.chains()
        for _ in 0..<rounds {
            for chain in chains { tighten(chain, room) }
            for row in grid.rows { for item in row where grid.items[item].isNode { centre(item, room) } }
        }
        for chain in chains { tighten(chain, room) }
        for _ in 0..<2 {
            for row in grid.rows { for item in row where grid.items[item].isNode { adjust(item, room) } }
            for chain in chains { tighten(chain, room) }
        }
    }

    /// The items of every edge that passes rows, long ones first.
    private func chains() -> [Chain] {
        let below = Adjacency(count: grid.items.count, grid.segments.indices.lazy.map { (node: grid.segments[$0].upper, neighbour: $0) })
        var chains: [Chain] = []
        for (first, segment) in grid.segments.enumerated() where grid.items[segment.upper].isNode && !grid.items[segment.lower].isNode {
            var items = [segment.lower]
            while let last = items.last, let place = below.places(of: last).first {
                let next = below.neighbour(at: place)
                if grid.items[grid.segments[next].lower].isNode {
                    chains.append(Chain(first: first, items: items, last: next))
                    break
                }
                items.append(grid.segments[next].lower)
            }
        }
        return chains.enumerated().sorted { (-$0.element.items.count, $0.offset) < (-$1.element.items.count, $1.offset) }.map(\.element)
    }

    private mutating func tighten(_ chain: Chain, _ room: Room) {
        var start = 0
        let upper = ports.rangeAtTop(chain.first, axes)
        let lower = ports.rangeAtBottom(chain.last, axes)
        while start < chain.items.count {
            var common = room.range(of: chain.items[start], axes)
            var sum = axes[chain.items[start]]
            var end = start + 1
            while end < chain.items.count {
                let range = room.range(of: chain.items[end], axes)
                guard range.overlaps(common) else { break }
                common = common.clamped(to: range)
                sum += axes[chain.items[end]]
                end += 1
            }
            var wanted = sum / (end - start)
            if end == chain.items.count { wanted = wanted.clamped(to: lower) }
            if start == 0 {
                let reachesLower = end == chain.items.count && upper.overlaps(lower)
                wanted = wanted.clamped(to: reachesLower ? upper.clamped(to: lower) : upper)
            }
            let place = wanted.clamped(to: common)
            for item in chain.items[start..<end] { axes[item] = place }
            start = end
        }
    }

    /// Moves a box to the median of its neighbours, as near as its row lets it.
    private mutating func centre(_ item: Int, _ room: Room) {
        var places: [Int] = []
        for place in above.places(of: item) { places.append(axes[above.neighbour(at: place)]) }
        for place in below.places(of: item) { places.append(axes[below.neighbour(at: place)]) }
        guard !places.isEmpty else { return }
        places.sort()
        let median = (places[(places.count - 1) / 2] + places[places.count / 2]) / 2
        axes[item] = median.clamped(to: room.range(of: item, axes))
    }

    /// Moves a box to where most lines that pass the rows beside it meet it without a bend, as little as possible.
    private mutating func adjust(_ item: Int, _ room: Room) {
        let own = axes[item]
        let range = room.range(of: item, axes)
        // The moves with which each line meets the box without a bend: from the one to the other.
        var begins: [Int] = []
        var ends: [Int] = []
        func add(_ other: ClosedRange<Int>, _ range: ClosedRange<Int>) {
            begins.append(other.lowerBound - range.upperBound)
            ends.append(other.upperBound - range.lowerBound)
        }
        for segment in ports.above(item) where segment < grid.segments.count {
            add(ports.rangeAtTop(segment, axes), ports.rangeAtBottom(segment, axes))
        }
        for segment in ports.below(item) where segment < grid.segments.count {
            add(ports.rangeAtBottom(segment, axes), ports.rangeAtTop(segment, axes))
        }
        begins.sort()
        ends.sort()
        func count(_ move: Int) -> Int { begins.partitioningIndex { $0 > move } - ends.partitioningIndex { $0 >= move } }
        var best = (count: count(0), move: 0)
        for move in begins + ends where range.contains(own + move) {
            let count = count(move)
            if (-count, abs(move), move) < (-best.count, abs(best.move), best.move) { best = (count, move) }
        }
        axes[item] += best.move
    }
}

/// The room that every item has between its neighbours.
private struct Room {
    private static let endless = 1_000_000_000
    private var left: [(item: Int, distance: Int)?]
    private var right: [(item: Int, distance: Int)?]

    init(_ grid: Grid) {
        left = Array(repeating: nil, count: grid.items.count)
        right = left
        for row in grid.rows {
            for (one, other) in zip(row, row.dropFirst()) {
                let distance = Grid.Item.distance(grid.items[one], grid.items[other])
                left[other] = (one, distance)
                right[one] = (other, distance)
            }
        }
    }

    func range(of item: Int, _ axes: [Int]) -> ClosedRange<Int> {
        let low = left[item].map { axes[$0.item] + $0.distance } ?? -Self.endless
        let high = right[item].map { axes[$0.item] - $0.distance } ?? Self.endless
        return low...max(low, high)
    }
}
