/// The texts of a box as they fit into it, and the size that they need.
struct BoxText {
    private let title: [String]
    private let lines: [String]
    private let badge: String?
    private let badgeWidth: Int
    private let metrics: TextMetrics
    let size: Grid.Size

    init(_ node: Diagram.Node, metrics: TextMetrics) {
        self.metrics = metrics
        badge = node.badge.flatMap { text in
            let text = metrics.badgeFont.cut(text, to: Spacing.widestText / 3)
            return text.isEmpty ? nil : text
        }
        badgeWidth = badge.map { max(metrics.badgeFont.width(of: $0) + 2 * Spacing.badgePadding, metrics.badgeHeight) } ?? 0
        let beside = badgeWidth == 0 ? 0 : badgeWidth + Spacing.badgeGap
        title = metrics.titleFont.wrap(node.title, to: Spacing.widestText - beside)
        lines = node.lines.map { metrics.smallFont.cut($0, to: Spacing.widestText) }.filter { !$0.isEmpty }
        let titleWidth = (title.map { metrics.titleFont.width(of: $0) }.max() ?? 0) + beside
        let lineWidth = (lines.map { metrics.smallFont.width(of: $0) }.max() ?? 0) + (title.isEmpty ? beside : 0)
        let width = max(Spacing.smallestBox, max(titleWidth, lineWidth) + 2 * Spacing.boxPadding)
        let text = title.count * metrics.titleFont.lineHeight + lines.count * metrics.smallFont.lineHeight
        let gap = lines.isEmpty || title.isEmpty ? 0 : Spacing.belowTitle
        size = Grid.Size(width: width, height: max(Spacing.smallestBoxHeight, text + gap + 2 * Spacing.boxPadding))
    }

    func box(_ node: Diagram.Node, at frame: Layout.Frame) -> Layout.Box {
        let label = badge.map { text in
            let place = Layout.Frame(
                x: frame.right - Spacing.boxPadding + 2 - badgeWidth, y: frame.y + Spacing.boxPadding - 2, width: badgeWidth,
                height: metrics.badgeHeight)
            return Layout.Label(lines: [text], frame: place)
        }
        return Layout.Box(node: node, frame: frame, title: title, lines: lines, badge: label)
    }
}

extension TextMetrics {
    var badgeHeight: Int { badgeFont.lineHeight + 2 }

    /// The label of an edge as it fits; nil if there is nothing to see.
    func label(of edge: Diagram.Edge) -> (lines: [String], size: Grid.Size)? {
        let label = edge.label ?? ""
        let line = smallFont.cut(label, to: Spacing.widestLabelLine)
        let lines = smallFont.wrap(label, to: line.hasSuffix("…") ? Spacing.widestLabel : Spacing.widestLabelLine)
        guard let width = lines.map({ smallFont.width(of: $0) }).max() else { return nil }
        return (lines, Grid.Size(width: width + 2 * Spacing.labelPadding, height: lines.count * smallFont.lineHeight + 3))
    }
}
