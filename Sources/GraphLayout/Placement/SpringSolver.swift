/// Moves things on a line as near as possible to where they are wanted (weighted least squares), while they keep their distances.
///
/// After Dwyer, Marriott and Stuckey, fast node overlap removal: from left to right, what would come too near to something on its left is
/// joined with it, and both move as one.
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
    private let order: [Int]

    /// - Parameter separations: without circles.
    init(count: Int, _ separations: [Separation]) {
        self.separations = separations
        entering = Adjacency(count: count, separations.indices.lazy.map { (node: separations[$0].right, neighbour: $0) })
        let leaving = Adjacency(count: count, separations.lazy.map { (node: $0.left, neighbour: $0.right) })
        order = leaving.topologicalOrder(count: count)
    }

    /// - Parameter wanted: for each thing the place and how much it matters, more than 0.
    func places(wanted: [(place: Double, weight: Double)]) -> [Int] {
        var pools = SpringPools(wanted: wanted, separations: separations)
        for thing in order { pools.add(thing, entering: entering) }
        var places = Array(repeating: 0, count: wanted.count)
        for thing in order {
            var place = Int(pools.place(of: thing).rounded())
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

/// Sets of things that move as one, so far.
private struct SpringPools {
    private struct Pool {
        var members: [Int]
        var weight: Double
        /// The weighted sum of the places that are wanted for the pool's origin.
        var sum: Double
        var pushes = Heap<Push>()

        var place: Double { sum / weight }
    }

    /// A separation from something to the left of a pool.
    private struct Push: Comparable {
        /// Where the pool's origin must be, at least. Things on the left move only further left, so it may be less by now.
        let place: Double
        let separation: Int

        /// The strongest push is the least.
        static func < (left: Push, right: Push) -> Bool { (-left.place, left.separation) < (-right.place, right.separation) }
    }

    private let wanted: [(place: Double, weight: Double)]
    private let separations: [SpringSolver.Separation]
    private var pools: [Pool] = []
    private var poolOf: [Int]
    /// From the origin of each thing's pool.
    private var offsets: [Int]

    init(wanted: [(place: Double, weight: Double)], separations: [SpringSolver.Separation]) {
        self.wanted = wanted
        self.separations = separations
        poolOf = Array(repeating: 0, count: wanted.count)
        offsets = poolOf
        pools.reserveCapacity(wanted.count)
    }

    func place(of thing: Int) -> Double { pools[poolOf[thing]].place + Double(offsets[thing]) }

    /// Adds the next thing to the right, and joins what it touches.
    mutating func add(_ thing: Int, entering: Adjacency) {
        var own = pools.count
        poolOf[thing] = own
        pools.append(Pool(members: [thing], weight: wanted[thing].weight, sum: wanted[thing].place * wanted[thing].weight))
        for place in entering.places(of: thing) { insert(entering.neighbour(at: place), into: own) }
        while let push = pools[own].pushes.least {
            let other = poolOf[separations[push.separation].left]
            guard other != own else {
                pools[own].pushes.removeLeast()
                continue
            }
            if self.push(push.separation) < push.place - 1e-9 {
                pools[own].pushes.removeLeast()
                insert(push.separation, into: own)
                continue
            }
            guard push.place > pools[own].place + 1e-6 else { return }
            pools[own].pushes.removeLeast()
            own = join(own, other, by: separations[push.separation])
        }
    }

    private func push(_ number: Int) -> Double {
        let separation = separations[number]
        return place(of: separation.left) + Double(separation.distance - offsets[separation.right])
    }

    private mutating func insert(_ separation: Int, into pool: Int) {
        pools[pool].pushes.insert(Push(place: push(separation), separation: separation))
    }

    /// Joins two pools so that a separation is just kept, and tells which one is left.
    private mutating func join(_ own: Int, _ other: Int, by separation: SpringSolver.Separation) -> Int {
        let shift = offsets[separation.right] - separation.distance - offsets[separation.left]
        let isOtherLarger = pools[other].members.count + pools[other].pushes.count > pools[own].members.count + pools[own].pushes.count
        let (from, into) = isOtherLarger ? (own, other) : (other, own)
        let move = isOtherLarger ? -shift : shift
        let moved = pools[from]
        pools[from].members = []
        pools[from].pushes = Heap()
        for member in moved.members {
            offsets[member] += move
            poolOf[member] = into
        }
        pools[into].sum += moved.sum - Double(move) * moved.weight
        pools[into].weight += moved.weight
        pools[into].members += moved.members
        for push in moved.pushes.all where poolOf[separations[push.separation].left] != into { insert(push.separation, into: into) }
        return into
    }
}
