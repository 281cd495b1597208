/// A statement that the server knows by a name.
struct PreparedStatement: Sendable, Equatable {
    let name: String
    let types: [PostgresType]
}

/// Which statements a connection has prepared; of too many the one that was not used for longest goes.
struct StatementCache {
    private struct Entry {
        let statement: PreparedStatement
        var lastUse: UInt64
    }

    private let capacity: Int
    private var entries: [String: Entry] = [:]
    private var uses: UInt64 = 0
    private var names: UInt64 = 0

    /// - Parameter capacity: at least 1.
    init(capacity: Int) { self.capacity = max(1, capacity) }

    var count: Int { entries.count }

    mutating func statement(for sql: String) -> PreparedStatement? {
        uses += 1
        guard let index = entries.index(forKey: sql) else { return nil }
        entries.values[index].lastUse = uses
        return entries.values[index].statement
    }

    /// A name that no statement of the connection had before.
    mutating func newName() -> String {
        names += 1
        return "s\(names)"
    }

    /// - Returns: the name of the statement that had to go for it.
    mutating func keep(_ statement: PreparedStatement, for sql: String) -> String? {
        uses += 1
        let old = entries.count < capacity || entries[sql] != nil ? nil : entries.min { $0.value.lastUse < $1.value.lastUse }
        if let old { entries[old.key] = nil }
        entries[sql] = Entry(statement: statement, lastUse: uses)
        return old?.value.statement.name
    }

    /// - Returns: the name that the statement had.
    mutating func forget(_ sql: String) -> String? { entries.removeValue(forKey: sql)?.statement.name }

    mutating func forgetAll() { entries = [:] }
}
