/// The heights of all rows and of the channels between them.
struct RowPlan {
    /// The height at which the middle of each item is.
    private(set) var middles: [Int]
    /// The courses of all segments, by number.
    private var courses: [Channel.Course]
    /// Of each segment: where its row's channel begins, the first track, and where the channel ends.
    private var channels: [(top: Int, track: Int, bottom: Int)]

    init(_ grid: Grid, ends: [Ports.Ends]) {
        middles = Array(repeating: 0, count: grid.items.count)
        courses = Array(repeating: .straight, count: grid.segments.count)
        channels = Array(repeating: (0, 0, 0), count: grid.segments.count)
        var rowOf = Array(repeating: 0, count: grid.items.count)
        for (number, row) in grid.rows.enumerated() { for item in row { rowOf[item] = number } }
        let leaving = Adjacency(count: grid.rows.count, grid.segments.indices.lazy.map { (node: rowOf[grid.segments[$0].upper], neighbour: $0) })
        var y = 0
        for (number, row) in grid.rows.enumerated() {
            let height = row.reduce(0) { max($0, grid.items[$1].height) }
            for item in row { middles[item] = y + height / 2 }
            y += height
            guard number + 1 < grid.rows.count else { break }
            let segments = leaving.places(of: number).map { leaving.neighbour(at: $0) }
            let channel = Channel(segments.map { Channel.Passage(top: ends[$0].top, bottom: ends[$0].bottom) })
            let holdsBoxes = (above: grid.holdsBoxes(number), below: grid.holdsBoxes(number + 1))
            let before = holdsBoxes.above ? Spacing.besideBoxRow : Spacing.besideLabelRow
            let after = holdsBoxes.below ? Spacing.besideBoxRow : Spacing.besideLabelRow
            var room = before + after + max(0, channel.trackCount - 1) * Spacing.betweenTracks
            if channel.trackCount == 0 { room = max(before, after) }
            if holdsBoxes.above, holdsBoxes.below { room = max(room, Spacing.betweenBoxRows) }
            let track = y + before + (room - before - after - max(0, channel.trackCount - 1) * Spacing.betweenTracks) / 2
            for (segment, course) in zip(segments, channel.courses) {
                courses[segment] = course
                channels[segment] = (y, track, y + room)
            }
            y += room
        }
    }

    /// The corners of every arc, from its upper node to its lower.
    func corners(of grid: Grid, ends: [Ports.Ends], arcCount: Int, frames: [Layout.Frame]) -> [[Layout.Point]] {
        var corners = Array(repeating: [Layout.Point](), count: arcCount)
        // Channels begin further down the lower they are: so the segments of each arc get their order.
        for segment in grid.segments.indices.sorted(by: { (channels[$0].top, $0) < (channels[$1].top, $1) }) {
            let (upper, lower, arc) = (grid.segments[segment].upper, grid.segments[segment].lower, grid.segments[segment].arc)
            let end = ends[segment]
            var points: [Layout.Point] = []
            if case .node(let node) = grid.items[upper].content { points.append(Layout.Point(x: end.top, y: frames[node].bottom)) }
            func level(_ track: Int, from start: Int, to stop: Int) {
                let y = channels[segment].track + track * Spacing.betweenTracks
                points += [Layout.Point(x: start, y: y), Layout.Point(x: stop, y: y)]
            }
            switch courses[segment] {
            case .straight: break
            case .bend(let track): level(track, from: end.top, to: end.bottom)
            case .detour(let first, let place, let second):
                level(first, from: end.top, to: place)
                level(second, from: place, to: end.bottom)
            }
            if case .node(let node) = grid.items[lower].content { points.append(Layout.Point(x: end.bottom, y: frames[node].y)) }
            corners[arc] += points
        }
        return corners
    }
}

extension Grid {
    fileprivate func holdsBoxes(_ row: Int) -> Bool { rows[row].contains { items[$0].isNode } }
}
