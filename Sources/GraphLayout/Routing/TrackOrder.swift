/// The order in which level lines get their tracks, from above.
///
/// Where a line comes down at nearly the place where another one goes on down, the first must be above the second, or both would run over
/// each other. Lines that demand that of each other in a circle are split: one goes part of the way above the others and the rest below, by
/// a free place.
struct TrackOrder {
    enum Part {
        case whole
        /// The part of a split line from its upper end to a free place.
        case head(Int)
        /// The part of a split line from the free place to its lower end.
        case tail(Int)
    }

    /// The next line to get a track.
    struct Step {
        let turn: Int
        let part: Part
    }

    private let passages: [Channel.Passage]
    /// The lines ordered by their lower places.
    private let byBottom: [Int]
    /// How many lines each one waits for.
    private var waiting: [Int]
    private var split: [Int?]
    private var isDone: [Bool]
    private var ready: Heap<Int>
    private var firstOpen = 0
    private var free: FreePlaces

    /// - Parameters:
    ///   - passages: the lines that are not straight, in the order that is wanted.
    ///   - all: with the straight ones; a split must keep clear of them too.
    init(_ passages: [Channel.Passage], among all: [Channel.Passage]) {
        self.passages = passages
        let byBottom = passages.indices.sorted { (passages[$0].bottom, $0) < (passages[$1].bottom, $1) }
        self.byBottom = byBottom
        waiting = Array(repeating: 0, count: passages.count)
        split = Array(repeating: nil, count: passages.count)
        isDone = Array(repeating: false, count: passages.count)
        ready = Heap<Int>()
        free = FreePlaces(taken: all.flatMap { [$0.top, $0.bottom] })
        for passage in passages.indices { for follower in followers(of: passage) { waiting[follower] += 1 } }
        for passage in passages.indices where waiting[passage] == 0 { ready.insert(passage) }
    }

    /// All places that a line may begin, end or be split at, as far as they are known before.
    var places: [Int] { passages.flatMap { [$0.top, $0.bottom] } }

    mutating func next() -> Step? {
        if let passage = ready.removeLeast() {
            isDone[passage] = true
            if let place = split[passage] { return Step(turn: passage, part: .tail(place)) }
            release(passage)
            return Step(turn: passage, part: .whole)
        }
        while firstOpen < passages.count, isDone[firstOpen] || split[firstOpen] != nil { firstOpen += 1 }
        guard firstOpen < passages.count else { return nil }
        let place = free.take(near: (passages[firstOpen].top + passages[firstOpen].bottom) / 2)
        split[firstOpen] = place
        release(firstOpen)
        return Step(turn: firstOpen, part: .head(place))
    }

    private mutating func release(_ passage: Int) {
        for follower in followers(of: passage) {
            waiting[follower] -= 1
            if waiting[follower] == 0 { ready.insert(follower) }
        }
    }

    /// The lines that go on down where a line comes down.
    private func followers(of passage: Int) -> [Int] {
        let place = passages[passage].top
        let first = byBottom.partitioningIndex { passages[$0].bottom > place - Spacing.nearLines }
        return byBottom[first...].prefix { passages[$0].bottom < place + Spacing.nearLines }.filter { $0 != passage }
    }
}
