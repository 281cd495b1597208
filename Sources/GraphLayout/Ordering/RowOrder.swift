/// Orders the items of every row so that few segments cross.
///
/// Sweeps up and down sort each row by the mean place of its neighbours in the row before; then neighbours that cross less the other way
/// round are exchanged. A fixed number of rounds; the best order that was met is kept.
struct RowOrder {
    /// The most rounds; one is a sweep down, a sweep up and exchanges.
    private static let rounds = 16
    /// Rounds without a better order after which no better one is expected.
    private static let patience = 4

    private(set) var rows: [[Int]]
    private var places: [Int]
    private let above: Adjacency
    private let below: Adjacency

    init(_ grid: Grid) {
        rows = grid.rows
        places = Array(repeating: 0, count: grid.items.count)
        above = Adjacency(count: grid.items.count, grid.segments.lazy.map { (node: $0.lower, neighbour: $0.upper) })
        below = Adjacency(count: grid.items.count, grid.segments.lazy.map { (node: $0.upper, neighbour: $0.lower) })
        orderByVisits(rowOf: grid.rowNumbers)
        improve(rounds: Effort.rounds(Self.rounds, items: grid.items.count))
    }

    /// Orders every row as a walk from the first row's items meets its items, so that what belongs together begins side by side.
    private mutating func orderByVisits(rowOf: [Int]) {
        var isMet = Array(repeating: false, count: rowOf.count)
        var ordered = rows.map { _ in [Int]() }
        for row in rows {
            for start in row where !isMet[start] {
                var waiting = [start]
                while let item = waiting.popLast() {
                    guard !isMet[item] else { continue }
                    isMet[item] = true
                    ordered[rowOf[item]].append(item)
                    for place in below.places(of: item).reversed() where !isMet[below.neighbour(at: place)] {
                        waiting.append(below.neighbour(at: place))
                    }
                }
            }
        }
        rows = ordered
        for row in rows.indices { renumber(row) }
    }

    private mutating func renumber(_ row: Int) {
        for (place, item) in rows[row].enumerated() { places[item] = place }
    }

    private mutating func improve(rounds: Int) {
        var best = rows
        var fewest = crossings()
        var vain = 0
        for _ in 0..<rounds where fewest > 0 && vain < Self.patience {
            for row in rows.indices.dropFirst() { sort(row, by: above) }
            for row in rows.indices.dropLast().reversed() { sort(row, by: below) }
            for row in rows.indices { exchange(in: row) }
            let count = crossings()
            vain = count < fewest ? 0 : vain + 1
            if count < fewest { (best, fewest) = (rows, count) }
        }
        rows = best
    }

    /// Sorts a row by the mean place of the neighbours; an item without any stays where it is.
    private mutating func sort(_ row: Int, by neighbours: Adjacency) {
        var sortable: [(item: Int, mean: Double)] = []
        for item in rows[row] where neighbours.degree(of: item) > 0 {
            var sum = 0
            for place in neighbours.places(of: item) { sum += places[neighbours.neighbour(at: place)] }
            sortable.append((item, Double(sum) / Double(neighbours.degree(of: item))))
        }
        // The sort of the standard library is stable: equals keep their order.
        sortable.sort { $0.mean < $1.mean }
        var next = 0
        for place in rows[row].indices where neighbours.degree(of: rows[row][place]) > 0 {
            rows[row][place] = sortable[next].item
            next += 1
        }
        renumber(row)
    }
}

// MARK: - Crossings

extension RowOrder {
    /// The number of pairs of segments that cross.
    func crossings() -> Int { rows.indices.dropFirst().reduce(0) { $0 + crossings(above: $1) } }

    private func crossings(above row: Int) -> Int {
        // A tree of counts (Fenwick) over the places of the upper row.
        var counts = Array(repeating: 0, count: rows[row - 1].count + 1)
        var seen = 0
        var crossings = 0
        for item in rows[row] {
            let neighbours = sortedPlaces(above, item)
            for place in neighbours {
                var notRight = 0
                var index = place + 1
                while index > 0 {
                    notRight += counts[index]
                    index &= index - 1
                }
                crossings += seen - notRight
            }
            for place in neighbours {
                var index = place + 1
                while index < counts.count {
                    counts[index] += 1
                    index += index & -index
                }
            }
            seen += neighbours.count
        }
        return crossings
    }

    private func sortedPlaces(_ neighbours: Adjacency, _ item: Int) -> [Int] {
        neighbours.places(of: item).map { places[neighbours.neighbour(at: $0)] }.sorted()
    }

    /// Exchanges neighbours in a row as long as that takes crossings away.
    private mutating func exchange(in row: Int) {
        var order = rows[row]
        guard order.count > 1 else { return }
        var up = order.map { sortedPlaces(above, $0) }
        var down = order.map { sortedPlaces(below, $0) }
        var changed = true
        var passes = 0
        while changed, passes < 4 {
            changed = false
            passes += 1
            for left in 0..<order.count - 1 {
                let now = Self.crossings(up[left], up[left + 1]) + Self.crossings(down[left], down[left + 1])
                guard now > 0 else { continue }
                let then = Self.crossings(up[left + 1], up[left]) + Self.crossings(down[left + 1], down[left])
                guard then < now else { continue }
                order.swapAt(left, left + 1)
                up.swapAt(left, left + 1)
                down.swapAt(left, left + 1)
                changed = true
            }
        }
        rows[row] = order
        renumber(row)
    }

    /// How often the segments of an item cross those of the item to its right, by the places of their other ends.
    private static func crossings(_ left: [Int], _ right: [Int]) -> Int {
        var count = 0
        var smaller = 0
        for place in left {
            while smaller < right.count, right[smaller] < place { smaller += 1 }
            count += smaller
        }
        return count
    }
}
