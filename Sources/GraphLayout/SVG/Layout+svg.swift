extension Layout {
    /// How the picture gets its colours.
    public enum Styles: Sendable, Equatable {
        /// From a style sheet of the page that it stands in, such as ``Layout/styleSheet``.
        case none
        /// From ``Layout/styleSheet``, in the picture itself: for a file of its own. A strict content security policy forbids that within a
        /// page.
        case embedded
    }

    /// Writes the picture as SVG.
    ///
    /// Boxes are `g.node` with `data-id`, within a link if they have one; edges are `g.edge` with `data-id`, `data-from` and `data-to`, and
    /// `return` among their classes if they lead back. Everything is escaped. Without links the picture is one image to assistive
    /// technology; with links it is a group.
    /// - Parameters:
    ///   - title: the picture's name for those who can't see it.
    ///   - identifier: the id of the title; must be unique in its page.
    public func svg(styles: Styles = .embedded, title: String = "Graph", identifier: String = "sk-graph-title") -> String {
        var markup = Markup()
        markup.add("<svg xmlns=\"http://www.w3.org/2000/svg\"")
        markup.add(class: "sk-graph")
        markup.add("viewBox", "0 0 \(width) \(height)")
        markup.add("width", width)
        markup.add("height", height)
        markup.add("fill", "currentColor")
        markup.add("role", boxes.contains { $0.node.link != nil } ? "group" : "img")
        markup.add("aria-labelledby", identifier)
        markup.add(" font-family=\"system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif\"")
        markup.add("font-size", metrics.smallSize)
        markup.add("><title")
        markup.add("id", identifier)
        markup.add(">")
        markup.addEscaped(title)
        markup.add("</title>\n")
        switch styles {
        case .none: break
        case .embedded: markup.add("<style>\n\(Self.styleSheet)</style>\n<rect class=\"canvas\" width=\"100%\" height=\"100%\"/>\n")
        }
        markup.add("<g class=\"edges\">\n")
        for route in routes { write(route, to: &markup) }
        markup.add("</g>\n<g class=\"nodes\">\n")
        for box in boxes { write(box, to: &markup) }
        markup.add("</g>\n</svg>\n")
        return markup.text
    }

    // MARK: - Nodes

    private func write(_ box: Box, to markup: inout Markup) {
        if let link = box.node.link {
            markup.add("<a")
            markup.add("href", link)
            markup.add("aria-label", box.node.title.isEmpty ? box.node.id : box.node.title)
            markup.add(">")
        }
        markup.add("<g")
        markup.add(class: "node", box.node.classes)
        markup.add("data-id", box.node.id)
        markup.add(">")
        let tooltip = ([box.node.title] + box.node.lines + [box.node.tooltip ?? ""]).filter { !$0.isEmpty }
        if !tooltip.isEmpty { markup.add(element: "title", text: tooltip.joined(separator: "\n")) }
        writeRectangle("box", box.frame, radius: Rounding.box, isOutlined: true, to: &markup)
        writeTexts(of: box, to: &markup)
        if let badge = box.badge {
            writeRectangle("badge", badge.frame, radius: badge.frame.height / 2, to: &markup)
            writeCentred("badge-text", badge, to: &markup)
        }
        markup.add(box.node.link == nil ? "</g>\n" : "</g></a>\n")
    }

    private func writeTexts(of box: Box, to markup: inout Markup) {
        let title = metrics.titleFont
        let small = metrics.smallFont
        let gap = box.title.isEmpty || box.lines.isEmpty ? 0 : Spacing.belowTitle
        let textHeight = box.title.count * title.lineHeight + gap + box.lines.count * small.lineHeight
        var y = box.frame.y + (box.frame.height - textHeight) / 2
        for line in box.title {
            markup.add("<text class=\"title\" font-weight=\"600\"")
            markup.add("font-size", title.size)
            writeLine(line, x: box.frame.x + Spacing.boxPadding, y: y + title.baseline, to: &markup)
            y += title.lineHeight
        }
        y += gap
        for line in box.lines {
            markup.add("<text class=\"line\"")
            writeLine(line, x: box.frame.x + Spacing.boxPadding, y: y + small.baseline, to: &markup)
            y += small.lineHeight
        }
    }

    /// Completes a text element that has been begun.
    private func writeLine(_ text: String, x: Int, y: Int, to markup: inout Markup) {
        markup.add("x", x)
        markup.add("y", y)
        markup.add(">")
        markup.addEscaped(text)
        markup.add("</text>")
    }

    /// The attributes are for a picture without a style: lines and texts in the colour of the text around it.
    private func writeRectangle(_ name: String, _ frame: Frame, radius: Int, isOutlined: Bool = false, to markup: inout Markup) {
        markup.add("<rect class=\"\(name)\" fill=\"none\"\(isOutlined ? " stroke=\"currentColor\"" : "")")
        markup.add("x", frame.x)
        markup.add("y", frame.y)
        markup.add("width", frame.width)
        markup.add("height", frame.height)
        markup.add("rx", radius)
        markup.add("/>")
    }

    private func writeCentred(_ name: String, _ label: Label, to markup: inout Markup) {
        let font = metrics.smallFont
        var y = label.frame.y + (label.frame.height - label.lines.count * font.lineHeight) / 2
        for line in label.lines {
            markup.add("<text class=\"\(name)\" text-anchor=\"middle\"")
            writeLine(line, x: label.frame.x + label.frame.width / 2, y: y + font.baseline, to: &markup)
            y += font.lineHeight
        }
    }

    // MARK: - Edges

    private func write(_ route: Route, to markup: inout Markup) {
        let edge = route.edge
        markup.add("<g")
        markup.add(class: "edge", edge.classes + (route.isReturn ? ["return"] : []))
        markup.add("data-id", edge.id)
        markup.add("data-from", edge.from)
        markup.add("data-to", edge.to)
        markup.add(">")
        let tooltip = [edge.label ?? "", edge.tooltip ?? ""].filter { !$0.isEmpty }
        if !tooltip.isEmpty { markup.add(element: "title", text: tooltip.joined(separator: "\n")) }
        let path = RoundedPath(route.points)
        markup.add("<path class=\"way\" fill=\"none\" stroke=\"currentColor\"")
        markup.add("d", path.way)
        markup.add("/><path class=\"head\"")
        markup.add("d", path.head)
        markup.add("/>")
        if let label = route.label {
            writeRectangle("label", label.frame, radius: Rounding.label, to: &markup)
            writeCentred("label-text", label, to: &markup)
        }
        markup.add("</g>\n")
    }
}

extension TextMetrics.Font {
    /// From the top of a line of text to the foot of its letters.
    fileprivate var baseline: Int { (lineHeight + size * 7 / 10) / 2 }
}

/// Radii of corners, in pixels.
enum Rounding {
    static let box = 8
    static let label = 5
    static let edge = 7
}
