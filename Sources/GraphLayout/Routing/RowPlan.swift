/// The heights of all rows and of the channels between them.
struct RowPlan {
    /// Where a passage is: from where to where its channel reaches, and at what height its first track is.
    private struct Place {
        let course: Channel.Course
        let firstTrack: Int
    }

    /// The height at which the middle of each item is.
    private(set) var middles: [Int]
    private let passages: [Passage]
    private var places: [Place] = []

    /// - Parameter passages: ordered by their rows.
    init(_ grid: Grid, _ passages: [Passage]) {
        self.passages = passages
        middles = Array(repeating: 0, count: grid.items.count)
        places.reserveCapacity(passages.count)
        var y = 0
        var next = 0
        for (number, row) in grid.rows.enumerated() {
            let height = row.reduce(0) { max($0, grid.items[$1].height) }
            for item in row { middles[item] = y + height / 2 }
            y += height
            guard number + 1 < grid.rows.count else { break }
            let end = passages[next...].partitioningIndex { $0.row > number }
            let channel = Channel(passages[next..<end].map { Channel.Passage(top: $0.top, bottom: $0.bottom) })
            next = end
            let holdsBoxes = (above: grid.holdsBoxes(number), below: grid.holdsBoxes(number + 1))
            let before = holdsBoxes.above ? Spacing.besideBoxRow : Spacing.besideLabelRow
            let after = holdsBoxes.below ? Spacing.besideBoxRow : Spacing.besideLabelRow
            let tracks = max(0, channel.trackCount - 1) * Spacing.betweenTracks
            var room = channel.trackCount == 0 ? max(before, after) : before + tracks + after
            if holdsBoxes.above, holdsBoxes.below { room = max(room, Spacing.betweenBoxRows) }
            // What is left of the room is shared by both sides.
            let firstTrack = y + before + (room - before - tracks - after) / 2
            places += channel.courses.map { Place(course: $0, firstTrack: firstTrack) }
            y += room
        }
    }

    /// The corners of every arc, from its upper node to its lower.
    func corners(arcCount: Int, frames: [Layout.Frame]) -> [[Layout.Point]] {
        var corners = Array(repeating: [Layout.Point](), count: arcCount)
        for (passage, place) in zip(passages, places) {
            func level(_ track: Int, from start: Int, to stop: Int) {
                let y = place.firstTrack + track * Spacing.betweenTracks
                corners[passage.arc] += [Layout.Point(x: start, y: y), Layout.Point(x: stop, y: y)]
            }
            if let node = passage.from { corners[passage.arc].append(Layout.Point(x: passage.top, y: frames[node].bottom)) }
            switch place.course {
            case .straight: break
            case .bend(let track): level(track, from: passage.top, to: passage.bottom)
            case .detour(let first, let middle, let second):
                level(first, from: passage.top, to: middle)
                level(second, from: middle, to: passage.bottom)
            }
            if let node = passage.to { corners[passage.arc].append(Layout.Point(x: passage.bottom, y: frames[node].y)) }
        }
        return corners
    }
}

extension Grid {
    fileprivate func holdsBoxes(_ row: Int) -> Bool { rows[row].contains { items[$0].isNode } }
}
