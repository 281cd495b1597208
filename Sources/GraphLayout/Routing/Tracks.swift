/// Level lines one below the other: each takes the highest track below all lines before it that it would touch.
struct Tracks {
    /// The places where lines begin and end, ascending.
    private let places: [Int]
    /// A segment tree over the places: the greatest number of tracks taken at any place below a tree node, and what was taken at all of
    /// them.
    private var greatest: [Int]
    private var common: [Int]
    private let leaves: Int
    /// The number of tracks in use.
    private(set) var count = 0

    init(places: [Int]) {
        self.places = Array(Set(places)).sorted()
        var leaves = 1
        while leaves < self.places.count { leaves *= 2 }
        self.leaves = leaves
        greatest = Array(repeating: 0, count: 2 * leaves)
        common = greatest
    }

    /// The track, from 0, for a line between two places, of which one at least is among the known ones.
    mutating func take(_ one: Int, _ other: Int) -> Int {
        let left = min(one, other)
        let right = max(one, other)
        var low = index(of: left - Spacing.besideLine)
        var high = index(of: right + Spacing.besideLine + 1) - 1
        // An end at an unknown place takes all up to the next known one, so that two such lines meet if they overlap.
        if !isKnown(left) { low = max(0, min(low, index(of: left + 1) - 1)) }
        if !isKnown(right) { high = min(places.count - 1, max(high, index(of: right))) }
        guard low <= high else { return 0 }
        let track = most(in: low...high)
        raise(low...high, to: track + 1)
        count = max(count, track + 1)
        return track
    }

    private func isKnown(_ place: Int) -> Bool {
        let index = index(of: place)
        return index < places.count && places[index] == place
    }

    private func index(of place: Int) -> Int { places.partitioningIndex { $0 >= place } }

    private func most(in range: ClosedRange<Int>) -> Int {
        var result = 0
        var low = range.lowerBound + leaves
        var high = range.upperBound + leaves
        // What was taken for all below an ancestor of the ends holds for them too.
        for end in [low, high] {
            var node = end
            while node > 0 {
                result = max(result, common[node])
                node /= 2
            }
        }
        while low <= high {
            if low % 2 == 1 {
                result = max(result, greatest[low])
                low += 1
            }
            if high % 2 == 0 {
                result = max(result, greatest[high])
                high -= 1
            }
            low /= 2
            high /= 2
        }
        return result
    }

    private mutating func raise(_ range: ClosedRange<Int>, to number: Int) {
        var low = range.lowerBound + leaves
        var high = range.upperBound + leaves
        let ends = [low, high]
        while low <= high {
            if low % 2 == 1 {
                common[low] = max(common[low], number)
                greatest[low] = max(greatest[low], number)
                low += 1
            }
            if high % 2 == 0 {
                common[high] = max(common[high], number)
                greatest[high] = max(greatest[high], number)
                high -= 1
            }
            low /= 2
            high /= 2
        }
        for end in ends {
            var node = end / 2
            while node > 0 {
                greatest[node] = max(greatest[node], greatest[2 * node], greatest[2 * node + 1])
                node /= 2
            }
        }
    }
}
