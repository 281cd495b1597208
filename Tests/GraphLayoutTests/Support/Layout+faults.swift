import GraphLayout

extension Layout {
    /// What is wrong with a picture, as sentences; nothing, if it can be shown.
    var faults: [String] {
        overlaps() + routes.flatMap { faults(of: $0) } + runsOverEachOther() + labelsInTheWay() + outside()
    }

    private var labels: [(owner: Int, frame: Frame)] {
        routes.enumerated().compactMap { number, route in route.label.map { (number, $0.frame) } }
    }

    /// No two boxes or labels have a point in common.
    private func overlaps() -> [String] {
        let things =
            boxes.map { ("the box \($0.node.id)", $0.frame) } + labels.map { ("the label of \(routes[$0.owner].edge.id)", $0.frame) }
        let sorted = things.sorted { $0.1.x < $1.1.x }
        var faults: [String] = []
        for (number, (name, frame)) in sorted.enumerated() {
            for (other, otherFrame) in sorted[(number + 1)...] {
                guard otherFrame.x < frame.right else { break }
                if frame.overlaps(otherFrame) { faults.append("\(name) overlaps \(other)") }
            }
        }
        return faults
    }

    /// An edge goes level and upright, from border to border, through no box.
    private func faults(of route: Route) -> [String] {
        let id = route.edge.id
        var faults: [String] = []
        guard let first = route.points.first, let last = route.points.last, route.points.count > 1 else { return ["\(id) has no line"] }
        for (start, end) in zip(route.points, route.points.dropFirst()) {
            if start.x != end.x, start.y != end.y { faults.append("\(id) is slanted") }
            if start == end { faults.append("\(id) stands still at \(start)") }
            let part = Frame(spanning: start, end)
            for box in boxes where box.frame.contains(insideOf: part) { faults.append("\(id) passes through the box \(box.node.id)") }
        }
        for (place, node) in [(first, route.edge.from), (last, route.edge.to)] {
            guard let box = boxes.first(where: { $0.node.id == node }) else {
                faults.append("\(id) has no box \(node)")
                continue
            }
            if !box.frame.hasOnBorder(place) { faults.append("\(id) does not end at \(node)") }
        }
        if let label = route.label?.frame, route.edge.from != route.edge.to {
            let middle = Point(x: label.x + label.width / 2, y: label.y + label.height / 2)
            let parts = zip(route.points, route.points.dropFirst())
            if !parts.contains(where: { Frame(spanning: $0, $1).touches(middle) }) {
                faults.append("\(id) does not pass through its label")
            }
        }
        return faults
    }

    /// No edge passes through the label of another.
    private func labelsInTheWay() -> [String] {
        var faults: [String] = []
        let byPlace = labels.sorted { $0.frame.x < $1.frame.x }
        let widest = byPlace.map(\.frame.width).max() ?? 0
        for (number, route) in routes.enumerated() {
            for (start, end) in zip(route.points, route.points.dropFirst()) {
                let part = Frame(spanning: start, end)
                let first = byPlace.firstIndex { $0.frame.x >= part.x - widest } ?? byPlace.count
                for label in byPlace[first...] {
                    guard label.frame.x <= part.right else { break }
                    guard label.owner != number, label.frame.contains(insideOf: part) else { continue }
                    faults.append("\(route.edge.id) passes through the label of \(routes[label.owner].edge.id)")
                }
            }
        }
        return faults
    }

    /// No two edges have more than a crossing in common.
    private func runsOverEachOther() -> [String] {
        var faults: [String] = []
        for isLevel in [true, false] {
            var parts: [Int: [(from: Int, to: Int, owner: Int)]] = [:]
            for (number, route) in routes.enumerated() {
                for (start, end) in zip(route.points, route.points.dropFirst()) where (start.y == end.y) == isLevel {
                    let (one, other) = isLevel ? (start.x, end.x) : (start.y, end.y)
                    parts[isLevel ? start.y : start.x, default: []].append((min(one, other), max(one, other), number))
                }
            }
            for line in parts.values {
                var last: (to: Int, owner: Int)?
                for part in line.sorted(by: { ($0.from, $0.to, $0.owner) < ($1.from, $1.to, $1.owner) }) {
                    if let last, last.to >= part.from, last.owner != part.owner {
                        faults.append("\(routes[part.owner].edge.id) runs over \(routes[last.owner].edge.id)")
                    }
                    if last.map({ $0.to < part.to }) ?? true { last = (part.to, part.owner) }
                }
            }
        }
        return faults
    }

    private func outside() -> [String] {
        let all = Frame(x: 0, y: 0, width: width, height: height)
        let frames = boxes.map(\.frame) + labels.map(\.frame) + boxes.compactMap { $0.badge?.frame }
        let places = frames.flatMap { [Point(x: $0.x, y: $0.y), Point(x: $0.right, y: $0.bottom)] } + routes.flatMap(\.points)
        return places.filter { !all.touches($0) }.map { "\($0) is outside of the picture" }
    }
}

extension Layout.Frame {
    init(spanning one: Layout.Point, _ other: Layout.Point) {
        self.init(x: min(one.x, other.x), y: min(one.y, other.y), width: abs(one.x - other.x), height: abs(one.y - other.y))
    }

    func overlaps(_ other: Layout.Frame) -> Bool { x < other.right && other.x < right && y < other.bottom && other.y < bottom }

    /// Whether a part of a line, which may be without width, is inside of the border somewhere.
    func contains(insideOf part: Layout.Frame) -> Bool { x < part.right && part.x < right && y < part.bottom && part.y < bottom }

    func touches(_ place: Layout.Point) -> Bool { (x...right).contains(place.x) && (y...bottom).contains(place.y) }

    func hasOnBorder(_ place: Layout.Point) -> Bool {
        touches(place) && (place.x == x || place.x == right || place.y == y || place.y == bottom)
    }
}
