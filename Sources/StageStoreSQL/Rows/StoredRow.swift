import StageModel

/// The copy of a row of a database whose rows do not outlive their statements.
struct StoredRow: SQLRow, Sendable {
    private let values: [SQLValue]

    /// Copies columns that hold integers, texts or nothing.
    init(copying row: any SQLRow, columns: Int) {
        values = (0..<columns).map { column in
            row.isNull(column) ? .null : .text(row.text(column))
        }
    }

    func integer(_ column: Int) -> Int64 { Int64(text(column)) ?? 0 }

    func text(_ column: Int) -> String {
        guard case .text(let text) = values[column] else { return "" }
        return text
    }

    func blob(_ column: Int) -> [UInt8] { Array(text(column).utf8) }

    func isNull(_ column: Int) -> Bool {
        guard case .null = values[column] else { return false }
        return true
    }

    func kept(columns: Int) -> any SQLRow & Sendable { self }
}
