/// Edges from a box to itself: small hooks at its right side, one below the other, each with its label beside it.
enum LoopPlan {
    /// The room that loops take beside their box.
    static func width(of loops: [Part.Loop]) -> Int {
        loops.map { Spacing.loopWidth + ($0.labelWidth.map { $0 + Spacing.labelPadding } ?? 0) }.max() ?? 0
    }

    /// The height that a box must have for its loops.
    static func height(of loops: [Part.Loop]) -> Int { loops.isEmpty ? 0 : loops.count * Spacing.betweenLoops + Spacing.boxPadding }

    static func lines(of loops: [Part.Loop], at box: Layout.Frame, labelHeight: Int) -> [Part.Line] {
        let first = box.y + box.height / 2 - (loops.count - 1) * Spacing.betweenLoops / 2
        return loops.enumerated().map { number, loop in
            let middle = first + number * Spacing.betweenLoops
            let upper = middle - Spacing.loopHeight / 2
            let far = box.right + Spacing.loopWidth
            let points = [
                Layout.Point(x: box.right, y: upper), Layout.Point(x: far, y: upper),
                Layout.Point(x: far, y: upper + Spacing.loopHeight), Layout.Point(x: box.right, y: upper + Spacing.loopHeight),
            ]
            let label = loop.labelWidth.map { Layout.Frame(x: far + 1, y: middle - labelHeight / 2, width: $0, height: labelHeight) }
            return Part.Line(points: points, label: label, isReturn: false)
        }
    }
}
