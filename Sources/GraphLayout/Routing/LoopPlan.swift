/// Edges from a box to itself: small hooks at its right side, one below the other, each with its label beside it.
enum LoopPlan {
    /// The room that loops take beside their box.
    ///
    /// - Parameter labels: of each loop the size of its label, if it has one.
    static func width(of labels: [Grid.Size?]) -> Int {
        labels.map { Spacing.loopWidth + ($0.map { $0.width + Spacing.loopToLabel } ?? 0) }.max() ?? 0
    }

    /// The height that a box must have for its loops.
    static func height(of labels: [Grid.Size?]) -> Int { labels.isEmpty ? 0 : labels.reduce(Spacing.boxPadding) { $0 + height(of: $1) } }

    private static func height(of label: Grid.Size?) -> Int { max(Spacing.loopHeight, label?.height ?? 0) + Spacing.betweenLoops }

    static func lines(of labels: [Grid.Size?], at box: Layout.Frame) -> [Part.Line] {
        var top = box.y + (box.height - labels.reduce(0) { $0 + height(of: $1) }) / 2
        return labels.map { label in
            let middle = top + height(of: label) / 2
            top += height(of: label)
            let upper = middle - Spacing.loopHeight / 2
            let far = box.right + Spacing.loopWidth
            let points = [
                Layout.Point(x: box.right, y: upper), Layout.Point(x: far, y: upper),
                Layout.Point(x: far, y: upper + Spacing.loopHeight), Layout.Point(x: box.right, y: upper + Spacing.loopHeight),
            ]
            let frame = label.map {
                Layout.Frame(x: far + Spacing.loopToLabel, y: middle - $0.height / 2, width: $0.width, height: $0.height)
            }
            return Part.Line(points: points, label: frame, isReturn: false)
        }
    }
}
