/// Places that are not near any other.
struct FreePlaces {
    private var taken: [Int]

    init(taken: [Int]) { self.taken = taken.sorted() }

    /// The free place nearest to one that is wanted; it is taken then.
    mutating func take(near wanted: Int) -> Int {
        let least = Spacing.nearLines
        // To the left and to the right, over all that is too near.
        var left = wanted
        for place in taken[..<taken.partitioningIndex { $0 >= wanted + least }].reversed() {
            if place <= left - least { break }
            left = min(left, place - least)
        }
        var right = wanted
        for place in taken[taken.partitioningIndex { $0 > wanted - least }...] {
            if place >= right + least { break }
            right = max(right, place + least)
        }
        let place = wanted - left <= right - wanted ? left : right
        taken.insert(place, at: taken.partitioningIndex { $0 >= place })
        return place
    }
}
