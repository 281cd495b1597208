public import StageModel
public import StageStore
import Synchronization

extension SQLStageStore: EventLog {
    /// How many positions one read for a business looks at: what a quiet business in a busy log costs at a time.
    private static let span: Int64 = 10_000

    private static let columns = "position, business_id, conversation_id, version, at, body"

    public func eventExtent() async throws(StoreError) -> EventExtent {
        try await storing { try await self.database.read { try EventExtent.read($0) } }
    }

    public func events(of business: Business.ID, after position: Int64, limit: Int) async throws(StoreError) -> EventPage {
        try await storing {
            try await self.database.read { connection in
                let extent = try EventExtent.read(connection)
                // Where nothing is kept nothing has to be looked for.
                let start = max(position, extent.origin)
                guard start < extent.last else { return EventPage(events: [], position: max(position, extent.last), extent: extent) }
                let end = min(start + Self.span, extent.last)
                let rows = try connection.rows(
                    """
                    SELECT \(Self.columns) FROM events
                    WHERE business_id = ?1 AND position > ?2 AND position <= ?3 ORDER BY position LIMIT ?4
                    """, [SQLValue(business), .integer(start), .integer(end), SQLValue(limit)]
                ) { $0.kept(columns: 6) }
                let isFull = rows.count == limit
                return EventPage(
                    events: try rows.compactMap(Self.event), position: isFull ? rows.last?.integer(0) ?? end : end, extent: extent)
            }
        }
    }

    public func events(of businesses: Set<Business.ID>, after position: Int64, limit: Int) async throws(StoreError) -> EventPage {
        try await storing {
            try await self.database.read { connection in
                let extent = try EventExtent.read(connection)
                guard position < extent.last else { return EventPage(events: [], position: position, extent: extent) }
                var last = position
                let rows: [(any SQLRow & Sendable)?] = try connection.rows(
                    "SELECT \(Self.columns) FROM events WHERE position > ?1 ORDER BY position LIMIT ?2", [.integer(position), SQLValue(limit)]
                ) { row throws(SQLError) in
                    last = row.integer(0)
                    // Others' events are not copied, let alone parsed.
                    return businesses.contains(try row.identifier(1)) ? row.kept(columns: 6) : nil
                }
                let events = try rows.compactMap { row in try row.flatMap { try Self.event($0) } }
                return EventPage(events: events, position: rows.count == limit ? last : extent.last, extent: extent)
            }
        }
    }

    public func afterCommits(_ call: @escaping @Sendable () -> Void) { commitListener.withLock { $0.call = call } }

    /// nil: only caches have to know of it.
    private static func event(_ row: any SQLRow) throws -> Event? {
        let body = try EventBody(json: try row.json(5))
        guard !body.transitions.isEmpty else { return nil }
        return Event(
            position: row.integer(0), business: try row.identifier(1), conversation: row.optionalText(2).flatMap { ConversationID($0) },
            agent: body.agent, version: row.integer(3), transitions: body.transitions, at: row.timestamp(4))
    }
}

extension EventExtent {
    static func read(_ connection: any SQLConnection) throws -> EventExtent {
        func end(_ order: String) throws -> Int64? {
            try connection.row("SELECT position FROM events ORDER BY position \(order) LIMIT 1", []) { $0.integer(0) }
        }
        // Events are removed after they were folded: the place of the statistics stands behind those that are gone.
        let folded = try connection.row("SELECT position FROM followers WHERE name = ?1", [.text(FoldProgress.name)]) { $0.integer(0) }
        let last = max(try end("DESC") ?? 0, folded ?? 0)
        return EventExtent(first: try end("ASC") ?? last + 1, last: last)
    }
}
