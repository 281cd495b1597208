/// Numbers as Markdown.
struct Table {
    private let heads: [String]
    private var rows: [[String]] = []

    init(_ heads: String...) { self.heads = heads }

    mutating func add(_ cells: String...) { rows.append(cells) }

    var markdown: String {
        let rule = heads.indices.map { $0 == 0 ? "---" : "---:" }
        return ([heads, rule] + rows).map { "| \($0.joined(separator: " | ")) |" }.joined(separator: "\n")
    }
}

extension Int {
    /// A part of a whole: "30 of 44 (68 %)".
    func of(_ whole: Int) -> String { whole == 0 ? "–" : "\(self) of \(whole) (\(percent(of: whole)))" }

    func percent(of whole: Int) -> String { whole == 0 ? "–" : "\((self * 200 + whole) / (2 * whole)) %" }
}
