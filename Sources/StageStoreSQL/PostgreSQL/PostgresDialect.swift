import StageStore

/// Turns what the store writes into what PostgreSQL reads.
enum PostgresDialect {
    /// A statement, and which of the given values its parameters are, counted from 0: PostgreSQL wants each to be used.
    struct Statement: Sendable {
        let sql: String
        let parameters: [Int]
    }

    private static let statements = BoundedCache<String, Statement>(capacity: 2000)

    /// `?7` becomes `$1` when it is the first to appear, and so on; none of the store's statements has a question mark in another place.
    static func statement(_ sql: String) -> Statement {
        if let known = statements.value(for: sql) { return known }
        var text = ""
        var parameters: [Int] = []
        for (index, part) in sql.split(separator: "?", omittingEmptySubsequences: false).enumerated() {
            let digits = part.prefix { $0.isNumber }
            guard index > 0, let number = Int(digits) else {
                text += part
                continue
            }
            let place = parameters.firstIndex(of: number - 1) ?? parameters.count
            if place == parameters.count { parameters.append(number - 1) }
            text += "$\(place + 1)" + part.dropFirst(digits.count)
        }
        let statement = Statement(sql: text, parameters: parameters)
        statements.set(statement, for: sql)
        return statement
    }

    /// `JSON` keeps a text as it was written; `JSONB` would turn 1e15 into an integer and refuse `\u0000`.
    static func schema(_ script: String) -> String { script.replacing(" JSONB", with: " JSON") }
}
