/// A piece of an arc in the channel below a row.
struct Passage {
    let arc: Int
    /// The row above.
    let row: Int
    /// Where it comes from above, and where it goes on below.
    let top: Int
    let bottom: Int
    /// The box that it leaves, if it begins at one, and the box where it ends.
    let from: Int?
    let to: Int?
}

extension Passage {
    /// The pieces of all arcs, those of each from above; bypasses get lanes on the right of everything.
    static func all(of grid: Grid, ends: [Ports.Ends], axes: [Int]) -> [Passage] {
        let rowOf = grid.rowNumbers
        func node(_ item: Int) -> Int? {
            if case .node(let node) = grid.items[item].content { node } else { nil }
        }
        var passages = zip(grid.segments, ends).map { segment, end in
            Passage(
                arc: segment.arc, row: rowOf[segment.upper], top: end.top, bottom: end.bottom, from: node(segment.upper),
                to: node(segment.lower))
        }
        let right = zip(grid.items, axes).reduce(Int.min) { max($0, $1.1 + $1.0.right) }
        let rows = grid.bypasses.map { rowOf[$0.upper]..<rowOf[$0.lower] }
        for (number, lane) in lanes(for: rows).enumerated() {
            let (segment, end) = (grid.bypasses[number], ends[grid.segments.count + number])
            let place = right + Spacing.betweenBoxes + lane * Spacing.betweenLines
            passages.append(
                Passage(arc: segment.arc, row: rows[number].lowerBound, top: end.top, bottom: place, from: node(segment.upper), to: nil))
            passages.append(
                Passage(
                    arc: segment.arc, row: rows[number].upperBound - 1, top: place, bottom: end.bottom, from: nil, to: node(segment.lower)))
        }
        return passages.enumerated().sorted { ($0.element.row, $0.offset) < ($1.element.row, $1.offset) }.map(\.element)
    }

    /// The first lane for each range of rows that is free there.
    private static func lanes(for ranges: [Range<Int>]) -> [Int] {
        var lanes = Array(repeating: 0, count: ranges.count)
        var free = Heap<Int>()
        var taken = Heap<Lane>()
        var count = 0
        for number in ranges.indices.sorted(by: { (ranges[$0].lowerBound, $0) < (ranges[$1].lowerBound, $1) }) {
            while let lane = taken.least, lane.end <= ranges[number].lowerBound {
                taken.removeLeast()
                free.insert(lane.number)
            }
            let lane = free.removeLeast() ?? count
            count = max(count, lane + 1)
            lanes[number] = lane
            taken.insert(Lane(end: ranges[number].upperBound, number: lane))
        }
        return lanes
    }

    private struct Lane: Comparable {
        /// The first row below which it is free again.
        let end: Int
        let number: Int

        static func < (left: Lane, right: Lane) -> Bool { (left.end, left.number) < (right.end, right.number) }
    }
}
