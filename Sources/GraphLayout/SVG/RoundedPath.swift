/// The line of an edge with round corners, and its arrow head, as path data.
struct RoundedPath {
    private static let headLength = 8
    private static let headHalfWidth = 4

    private(set) var way = ""
    private(set) var head = ""

    /// - Parameter points: corners that are joined by level and upright lines.
    init(_ points: [Layout.Point]) {
        guard points.count > 1, let first = points.first, let tip = points.last else { return }
        let last = points[points.count - 2]
        let (x, y) = (Self.sign(tip.x - last.x), Self.sign(tip.y - last.y))
        // The line ends within the head, or its width would blunt the tip.
        let foot = Layout.Point(x: tip.x - x * Self.headLength, y: tip.y - y * Self.headLength)
        head = "M\(tip.x) \(tip.y)"
        head += "L\(foot.x - y * Self.headHalfWidth) \(foot.y + x * Self.headHalfWidth)"
        head += "L\(foot.x + y * Self.headHalfWidth) \(foot.y - x * Self.headHalfWidth)Z"
        way = "M\(first.x) \(first.y)"
        let corners = points.dropLast() + [Layout.Point(x: tip.x - x * (Self.headLength - 1), y: tip.y - y * (Self.headLength - 1))]
        for number in corners.indices.dropFirst().dropLast() {
            let (before, corner, after) = (corners[number - 1], corners[number], corners[number + 1])
            let radius = min(Rounding.edge, Self.distance(before, corner) / 2, Self.distance(corner, after) / 2)
            let start = Self.step(from: corner, to: before, radius)
            let end = Self.step(from: corner, to: after, radius)
            way += "L\(start.x) \(start.y)"
            if radius > 0 { way += "Q\(corner.x) \(corner.y) \(end.x) \(end.y)" }
        }
        if let end = corners.last { way += "L\(end.x) \(end.y)" }
    }

    private static func sign(_ number: Int) -> Int { number == 0 ? 0 : number < 0 ? -1 : 1 }

    private static func distance(_ one: Layout.Point, _ other: Layout.Point) -> Int { abs(one.x - other.x) + abs(one.y - other.y) }

    private static func step(from one: Layout.Point, to other: Layout.Point, _ length: Int) -> Layout.Point {
        Layout.Point(x: one.x + sign(other.x - one.x) * length, y: one.y + sign(other.y - one.y) * length)
    }
}
