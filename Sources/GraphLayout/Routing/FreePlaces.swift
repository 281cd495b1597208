/// Places that are not near any other.
struct FreePlaces {
    private var taken: [Int]

    init(taken: [Int]) { self.taken = taken.sorted() }

    /// The free place nearest to one that is wanted; it is taken then.
    mutating func take(near wanted: Int) -> Int {
        let least = Spacing.nearLines
        let middle = index(of: wanted)
        // To the left and to the right, over all that is too near.
        var left = wanted
        for place in taken[..<index(of: wanted + least)].reversed() {
            if place <= left - least { break }
            left = min(left, place - least)
        }
        var right = wanted
        for place in taken[index(of: wanted - least + 1)...] {
            if place >= right + least { break }
            right = max(right, place + least)
        }
        let place = wanted - left <= right - wanted ? left : right
        taken.insert(place, at: place == wanted ? middle : index(of: place))
        return place
    }

    /// Of the first taken place that is not less than one.
    private func index(of place: Int) -> Int {
        var low = 0
        var high = taken.count
        while low < high {
            let middle = (low + high) / 2
            if taken[middle] < place { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
