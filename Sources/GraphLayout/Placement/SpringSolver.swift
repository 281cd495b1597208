/// Moves things on a line as near as possible to where they are wanted (weighted least squares), while they keep their distances.
///
/// After Dwyer, Marriott and Stuckey, fast node overlap removal: from left to right, what would come too near to something on its left is joined with
/// it, and both move as one.
struct SpringSolver {
    /// What must be how far to the right of what, at least.
    struct Separation {
        let left: Int
        let right: Int
        let distance: Int
    }

    private let separations: [Separation]
    private let entering: Adjacency
    /// All things, each behind those that must be to its left.
    let order: [Int]

    /// - Parameter separations: without circles.
    init(count: Int, _ separations: [Separation]) {
        self.separations = separations
        entering = Adjacency(count: count, separations.enumerated().map { (node: $1.right, neighbour: $0) })
        let leaving = Adjacency(count: count, separations.map { (node: $0.left, neighbour: $0.right) })
        var waiting = (0..<count).map { [entering] in entering.degree(of: $0) }
        var order = (0..<count).filter { waiting[$0] == 0 }
        var next = 0
        while next < order.count {
            for place in leaving.places(of: order[next]) {
                let right = leaving.neighbour(at: place)
                waiting[right] -= 1
                if waiting[right] == 0 { order.append(right) }
            }
            next += 1
        }
        self.order = order
    }

    /// Things that move as one.
    private struct Pool {
        var members: [Int]
        var weight: Double
        /// The weighted sum of the places that are wanted for the pool's origin.
        var sum: Double

        var place: Double { sum / weight }
    }

    /// - Parameter wanted: for each thing the place and how much it matters, more than 0.
    func places(wanted: [(place: Double, weight: Double)]) -> [Int] {
        var pools: [Pool] = []
        var poolOf = Array(repeating: -1, count: wanted.count)
        var offsets = Array(repeating: 0, count: wanted.count)
        for thing in order {
            var own = pools.count
            pools.append(Pool(members: [thing], weight: wanted[thing].weight, sum: wanted[thing].place * wanted[thing].weight))
            poolOf[thing] = own
            while true {
                var worst: (violation: Double, separation: Separation)?
                let origin = pools[own].place
                for member in pools[own].members {
                    for place in entering.places(of: member) {
                        let separation = separations[entering.neighbour(at: place)]
                        guard poolOf[separation.left] != own else { continue }
                        let left = pools[poolOf[separation.left]].place + Double(offsets[separation.left])
                        let violation = left + Double(separation.distance) - origin - Double(offsets[member])
                        if violation > max(1e-6, worst?.violation ?? 0) { worst = (violation, separation) }
                    }
                }
                guard let separation = worst?.separation else { break }
                // The smaller pool gets the origin of the larger one.
                let other = poolOf[separation.left]
                let shift = offsets[separation.right] - separation.distance - offsets[separation.left]
                let isOtherLarger = pools[other].members.count > pools[own].members.count
                let (from, into) = isOtherLarger ? (own, other) : (other, own)
                let move = isOtherLarger ? -shift : shift
                for member in pools[from].members {
                    offsets[member] += move
                    poolOf[member] = into
                }
                pools[into].sum += pools[from].sum - Double(move) * pools[from].weight
                pools[into].weight += pools[from].weight
                pools[into].members += pools[from].members
                pools[from].members = []
                own = into
            }
        }
        var places = Array(repeating: 0, count: wanted.count)
        for thing in order {
            var place = Int((pools[poolOf[thing]].place + Double(offsets[thing])).rounded())
            // Rounding must not bring anything too near.
            for entry in entering.places(of: thing) {
                let separation = separations[entering.neighbour(at: entry)]
                place = max(place, places[separation.left] + separation.distance)
            }
            places[thing] = place
        }
        return places
    }
}
