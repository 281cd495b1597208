import Testing

@testable import GraphLayout

@Suite("Lines between two rows")
struct RoutingTests {
    /// The level parts of all passages, as they are drawn, and their upright parts with the heights that they reach.
    private struct Drawing {
        var level: [(track: Int, from: Int, to: Int)] = []
        var upright: [(place: Int, from: Int, to: Int, owner: Int)] = []

        init(_ passages: [Channel.Passage]) {
            let channel = Channel(passages)
            for (owner, (passage, course)) in zip(passages, channel.courses).enumerated() {
                switch course {
                case .straight: upright.append((passage.top, -1, channel.trackCount, owner))
                case .bend(let track):
                    level.append((track, min(passage.top, passage.bottom), max(passage.top, passage.bottom)))
                    upright += [(passage.top, -1, track, owner), (passage.bottom, track, channel.trackCount, owner)]
                case .detour(let first, let place, let second):
                    level += [
                        (first, min(passage.top, place), max(passage.top, place)),
                        (second, min(place, passage.bottom), max(place, passage.bottom)),
                    ]
                    upright += [
                        (passage.top, -1, first, owner), (place, first, second, owner), (passage.bottom, second, channel.trackCount, owner),
                    ]
                }
            }
        }

        /// Whether two parts are so near that they would be taken for one.
        var hasRuns: Bool {
            let levels = level.enumerated().contains { number, part in
                level[..<number].contains { $0.track == part.track && $0.from <= part.to && part.from <= $0.to }
            }
            let uprights = upright.enumerated().contains { number, part in
                upright[..<number].contains { other in
                    other.owner != part.owner && abs(other.place - part.place) < Spacing.nearLines
                        && min(other.to, part.to) > max(other.from, part.from)
                }
            }
            return levels || uprights
        }
    }

    private static func passages(_ pairs: [(Int, Int)]) -> [Channel.Passage] { pairs.map { Channel.Passage(top: $0.0, bottom: $0.1) } }

    @Test(
        "Lines that change places do not run over each other",
        arguments: [
            [(0, 100), (100, 0)], [(0, 50), (50, 100), (100, 0)], [(0, 100), (100, 200), (200, 0), (300, 300)], [(0, 3), (20, 15)],
            [(0, 40), (20, 60), (40, 0), (60, 20)],
        ])
    func exchanges(pairs: [(Int, Int)]) {
        #expect(!Drawing(Self.passages(pairs)).hasRuns)
    }

    @Test("Lines of chance do not run over each other", arguments: 0..<40)
    func random(seed: Int) {
        var generator = SeededGenerator(seed: seed)
        let places = (0..<30).map { $0 * 12 }
        for _ in 0..<20 {
            let shift = Int.random(in: 0..<12, using: &generator)
            let pairs = Array(zip(places.shuffled(using: &generator), places.shuffled(using: &generator).map { $0 + shift }))
            #expect(!Drawing(Self.passages(pairs)).hasRuns)
        }
    }

    @Test(
        "Straight lines need no room, side by side ones share it",
        arguments: [([(0, 0), (20, 20)], 0), ([(0, 40), (60, 100)], 1), ([(0, 40), (20, 60)], 2)])
    func tracks(pairs: [(Int, Int)], count: Int) {
        #expect(Channel(Self.passages(pairs)).trackCount == count)
    }

    @Test("Springs keep all distances, and rest where nothing pushes", arguments: 0..<40)
    func springs(seed: Int) {
        var generator = SeededGenerator(seed: seed)
        let count = 40
        var separations: [SpringSolver.Separation] = []
        for left in 0..<count {
            for right in left + 1..<count where Int.random(in: 0..<12, using: &generator) == 0 {
                separations.append(SpringSolver.Separation(left: left, right: right, distance: Int.random(in: 1...60, using: &generator)))
            }
        }
        let wanted = (0..<count).map { _ in
            (place: Double(Int.random(in: 0...400, using: &generator)), weight: Double(Int.random(in: 1...4, using: &generator)))
        }
        let places = SpringSolver(count: count, separations).places(wanted: wanted)
        #expect(separations.allSatisfy { places[$0.right] - places[$0.left] >= $0.distance })
        let freely = SpringSolver(count: count, []).places(wanted: wanted)
        #expect(freely == wanted.map { Int($0.place) })
        // Two that push each other meet where their weights balance.
        let pair = SpringSolver(count: 2, [SpringSolver.Separation(left: 0, right: 1, distance: 100)])
        #expect(pair.places(wanted: [(place: 50, weight: 3), (place: 50, weight: 1)]) == [25, 125])
    }

    @Test("The least of a heap comes out first", arguments: 0..<10)
    func heap(seed: Int) {
        var generator = SeededGenerator(seed: seed)
        let numbers = (0..<100).map { _ in Int.random(in: 0..<50, using: &generator) }
        var heap = Heap<Int>()
        for number in numbers { heap.insert(number) }
        var sorted: [Int] = []
        while let least = heap.removeLeast() { sorted.append(least) }
        #expect(sorted == numbers.sorted())
    }
}
