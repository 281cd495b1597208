/// Finds the name that was probably meant.
enum NearestName {
    /// The candidate with the fewest edits from a name, if those are few enough for a slip of the fingers.
    static func find(_ name: String, among candidates: some Sequence<String>) -> String? {
        let most = max(1, min(3, name.count / 3))
        var best: (name: String, distance: Int)?
        for candidate in candidates where candidate != name {
            let distance = distance(Array(name.lowercased()), Array(candidate.lowercased()), most: most)
            guard let distance, best.map({ distance < $0.distance || (distance == $0.distance && candidate < $0.name) }) ?? true else { continue }
            best = (candidate, distance)
        }
        return best?.name
    }

    /// The number of characters to put in, take out, replace or swap with the next; nil when it is more than `most`.
    private static func distance(_ left: [Character], _ right: [Character], most: Int) -> Int? {
        guard abs(left.count - right.count) <= most else { return nil }
        var before: [Int] = []
        var last = Array(0...right.count)
        for (row, character) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                var cost = min(last[column] + (character == other ? 0 : 1), last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, character == right[column - 1], left[row - 1] == other { cost = min(cost, before[column - 1] + 1) }
                current.append(cost)
            }
            (before, last) = (last, current)
        }
        return last[right.count] <= most ? last[right.count] : nil
    }
}
