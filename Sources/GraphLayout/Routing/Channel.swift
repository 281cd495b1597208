/// The room between two rows: gives every level line there a track, so that no two lines run over each other.
struct Channel {
    /// A segment that passes: from a place at the upper row to one at the lower.
    struct Passage {
        let top: Int
        let bottom: Int
    }

    /// How a segment gets from its one place to the other.
    enum Course {
        case straight
        /// Level on a track.
        case bend(Int)
        /// Level on a track to a free place, down there, then level on another track.
        case detour(Int, at: Int, Int)
    }

    private(set) var courses: [Course]
    private(set) var trackCount = 0

    /// The order in which tracks are taken, from above.
    ///
    /// Of two lines that lead to the right, the one that begins further right must be the upper one for the fewest crossings, and the other
    /// way round.
    private struct Turn: Comparable {
        let isLeftward: Bool
        let place: Int
        let passage: Int

        static func < (left: Turn, right: Turn) -> Bool {
            (left.isLeftward ? 1 : 0, left.isLeftward ? left.place : -left.place, left.passage)
                < (right.isLeftward ? 1 : 0, right.isLeftward ? right.place : -right.place, right.passage)
        }
    }

    init(_ passages: [Passage]) {
        courses = Array(repeating: .straight, count: passages.count)
        var turns = passages.indices.filter { passages[$0].top != passages[$0].bottom }.map { number in
            Turn(isLeftward: passages[number].bottom < passages[number].top, place: passages[number].top, passage: number)
        }
        guard !turns.isEmpty else { return }
        turns.sort()
        var order = TrackOrder(turns.map { passages[$0.passage] }, among: passages)
        var tracks = Tracks(places: order.places)
        while let step = order.next() {
            let passage = turns[step.turn].passage
            switch step.part {
            case .whole:
                courses[passage] = .bend(tracks.take(passages[passage].top, passages[passage].bottom))
            case .head(let place):
                courses[passage] = .detour(tracks.take(passages[passage].top, place), at: place, 0)
            case .tail(let place):
                let track = tracks.take(place, passages[passage].bottom)
                if case .detour(let first, let place, _) = courses[passage] { courses[passage] = .detour(first, at: place, track) }
            }
        }
        trackCount = tracks.count
    }
}
