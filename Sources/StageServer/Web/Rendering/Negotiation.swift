/// A value of a list in a header, with its weight: `text/html;q=0.9`.
struct WeightedValue: Equatable {
    let value: Substring
    /// From 0 (not acceptable) to 1.
    let weight: Double

    /// The values of a header (RFC 9110, 12.4.2). One whose weight can't be read counts as unwanted.
    static func list(_ header: String) -> [WeightedValue] {
        header.lowercased().split(separator: ",").compactMap { item in
            let parts = item.split(separator: ";").map { $0.trimming(while: \.isWhitespace) }
            guard let value = parts.first, !value.isEmpty else { return nil }
            guard let quality = parts.dropFirst().first(where: { $0.hasPrefix("q=") }) else { return WeightedValue(value: value, weight: 1) }
            let weight = Double(quality.dropFirst(2)) ?? 0
            return WeightedValue(value: value, weight: (0...1).contains(weight) ? weight : 0)
        }
    }
}

/// Whether a reader wants a page or JSON, where a path has both.
enum Negotiation {
    /// A page is sent to those alone who prefer `text/html` to JSON; without a header, or with `*/*`, the answer is JSON.
    static func prefersPage(_ accept: String?) -> Bool {
        // What programs send: they are in more of a hurry than people.
        guard let accept, accept != "application/json", accept != "*/*" else { return false }
        let ranges = WeightedValue.list(accept)
        return weight(of: "text/html", in: ranges) > weight(of: "application/json", in: ranges)
    }

    /// The weight of a media type: that of the most specific range that it is in.
    private static func weight(of type: String, in ranges: [WeightedValue]) -> Double {
        let family = type.prefix { $0 != "/" } + "/*"
        for range in [Substring(type), Substring(family), "*/*"] {
            if let found = ranges.first(where: { $0.value == range }) { return found.weight }
        }
        return 0
    }
}
