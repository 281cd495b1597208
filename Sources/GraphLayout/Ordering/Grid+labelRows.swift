extension Grid {
    /// The most rows that the labels between two layers are spread over.
    private static let usualMostRows = 3
    /// Rows may always be this wide.
    private static let usualWidth = 720

    /// Spreads rows of labels over several rows, in turn, so that the picture becomes no wider than its boxes make it.
    ///
    /// All rows of a spread have the same order, so nothing crosses there.
    func spreadingLabels() -> Grid {
        var widest = Self.usualWidth
        for row in rows where row.contains(where: { items[$0].isNode }) { widest = max(widest, width(of: row.map { items[$0] })) }
        let mostRows = Effort.rounds(Self.usualMostRows, items: items.count)
        var result = Grid()
        result.items.reserveCapacity(items.count * 2)
        // The first and the last of the items that an item becomes.
        var firsts = Array(repeating: 0, count: items.count)
        var lasts = firsts
        var added: [Segment] = []
        for row in rows {
            let copies = self.copies(of: row, within: widest, mostRows: mostRows)
            for (number, contents) in copies.enumerated() {
                result.rows.append([])
                for (place, content) in contents.enumerated() {
                    let item = result.append(content, toRow: result.rows.count - 1)
                    let original = row[place]
                    if number == 0 {
                        firsts[original] = item
                    } else {
                        added.append(Segment(upper: lasts[original], lower: item, arc: content.arc ?? 0))
                    }
                    lasts[original] = item
                }
            }
        }
        let moved = { (segment: Segment) in Segment(upper: lasts[segment.upper], lower: firsts[segment.lower], arc: segment.arc) }
        result.segments = segments.map(moved) + added
        result.bypasses = bypasses.map(moved)
        return result
    }

    /// The items of a row, or of the rows that its labels are spread over.
    private func copies(of row: [Int], within widest: Int, mostRows: Int) -> [[Item]] {
        let whole = row.map { items[$0] }
        let labels = whole.count { $0.isLabel }
        guard labels > 1, mostRows > 1, width(of: whole) > widest else { return [whole] }
        var best = [whole]
        var bestWidth = width(of: whole)
        for count in 2...min(mostRows, labels) {
            let copies = (0..<count).map { copy in
                var label = -1
                return whole.map { item in
                    guard item.isLabel, let arc = item.arc else { return item }
                    label += 1
                    return label % count == copy ? item : Item.line(arc)
                }
            }
            let width = copies.map { self.width(of: $0) }.max() ?? 0
            if width < bestWidth { (best, bestWidth) = (copies, width) }
            if width <= widest { break }
        }
        return best
    }

    private func width(of row: [Item]) -> Int {
        guard let first = row.first, let last = row.last else { return 0 }
        return zip(row, row.dropFirst()).reduce(first.left + last.right) { $0 + Item.distance($1.0, $1.1) }
    }
}

extension Grid.Item {
    fileprivate var arc: Int? {
        switch content {
        case .node: nil
        case .label(let arc), .line(let arc): arc
        }
    }
}
