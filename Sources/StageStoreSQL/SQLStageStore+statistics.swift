public import StageModel
public import StageStore
import Synchronization

extension SQLStageStore: StoreUpkeep {
    static let follower = "statistics"
    private static let recentCount = 20
    private static let eventsPerFold = 1000
    private static let checkLimit = Duration.seconds(1)

    /// The row of this hour holds the totals of all hours.
    private static let totals = Timestamp(microseconds: 0)

    public func statistics(of stage: Stage.ID, in business: Business.ID) async throws(StoreError) -> StageStatistics {
        if let known = statistics.value(for: stage) { return known }
        let before = statisticsGeneration.load(ordering: .acquiring)
        let read = try await storing { try await self.database.read { try Self.read(stage, business, $0) } }
        statistics.update(stage) { known in
            // What was read before a change must not be known after it.
            if statisticsGeneration.load(ordering: .acquiring) == before { known = read }
        }
        return read
    }

    public func totals(in business: Business.ID) async throws(StoreError) -> [Stage.ID: StageStatistics] {
        let generation = statisticsGeneration.load(ordering: .acquiring)
        if let known = totals.value(for: business), known.generation == generation { return known.totals }
        let rows = try await storing { try await self.database.read { try HourRow.all(of: business, hour: Self.totals, $0) } }
        let read = Dictionary(rows.map { ($0.stage, $0.row.statistics) }, uniquingKeysWith: { first, _ in first })
        totals.set((generation, read), for: business)
        return read
    }

    /// Drops what is known of some stages, or of all.
    func dropStatistics(of stages: Set<Stage.ID>? = nil) {
        statisticsGeneration.add(1, ordering: .acquiringAndReleasing)
        if let stages {
            for stage in stages { statistics.set(nil, for: stage) }
        } else {
            statistics.removeAll()
        }
    }

    private static func read(_ stage: Stage.ID, _ business: Business.ID, _ connection: any SQLConnection) throws -> StageStatistics {
        guard let row = try HourRow.read(HourRow.Place(business: business, stage: stage, hour: totals), connection) else { return StageStatistics() }
        var statistics = row.statistics
        for position in row.recent {
            let visits = try connection.rows("SELECT conversation_id, body FROM events WHERE position = ?1", [.integer(position)]) {
                $0.kept(columns: 2)
            }
            for visit in visits {
                guard let conversation = ConversationID(visit.text(0)) else { continue }
                for transition in try EventBody(json: try visit.json(1)).transitions.reversed()
                where transition.isMove && (transition.from == stage || transition.to == stage) {
                    statistics.recent.append(StageVisit(conversation: conversation, transition: transition))
                }
            }
        }
        return statistics
    }

    public func foldStatistics() async throws(StoreError) -> Int {
        let folded = try await storing {
            try await self.database.write { connection -> Folded in
                let position = try connection.row("SELECT position FROM followers WHERE name = ?1", [.text(Self.follower)]) { $0.integer(0) }
                let events = try connection.rows(
                    "SELECT position, business_id, body FROM events WHERE position > ?1 ORDER BY position LIMIT ?2",
                    [.integer(position ?? 0), SQLValue(Self.eventsPerFold)]
                ) { $0.kept(columns: 3) }
                guard let last = events.last else { return Folded(from: position ?? 0, to: position ?? 0) }
                var fold = Fold(totals: Self.totals, recentCount: Self.recentCount)
                for event in events {
                    for transition in try EventBody(json: try event.json(2)).transitions where transition.isMove {
                        fold.add(transition, business: try event.identifier(1), position: event.integer(0))
                    }
                }
                for (place, row) in fold.rows { try row.add(to: place, recentCount: Self.recentCount, connection) }
                try connection.run(
                    "INSERT INTO followers (name, position) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET position = excluded.position",
                    [.text(Self.follower), .integer(last.integer(0))])
                return Folded(from: position ?? 0, to: last.integer(0), count: events.count, stages: Set(fold.rows.keys.map(\.stage)))
            }
        }
        let known = foldedPosition.exchange(folded.to, ordering: .acquiringAndReleasing)
        // What another process has folded since is not known here.
        if known != folded.from { dropStatistics() } else if folded.count > 0 { dropStatistics(of: folded.stages) }
        return folded.count
    }

    /// What one step of folding did.
    private struct Folded {
        /// The positions before and after it.
        let from: Int64
        let to: Int64
        var count = 0
        var stages: Set<Stage.ID> = []
    }

    public func removeOutdated(at now: Timestamp) async throws(StoreError) {
        let day = Timestamp.secondsPerDay
        try await storing {
            try await self.database.write { connection in
                try connection.run("DELETE FROM idempotency WHERE at < ?1", [.timestamp(now.adding(seconds: -day))])
                try connection.run("DELETE FROM erased_conversations WHERE erased_at < ?1", [.timestamp(now.adding(seconds: -30 * day))])
                try connection.run(
                    """
                    DELETE FROM events WHERE at < ?1 AND position <= (SELECT position FROM followers WHERE name = ?2)
                        AND position <= (SELECT min(position) + 10000 FROM events)
                    """, [.timestamp(now.adding(seconds: -7 * day)), .text(Self.follower)])
                try connection.run("DELETE FROM changes WHERE at < ?1", [.timestamp(now.adding(seconds: -3600))])
                try connection.run("DELETE FROM commits WHERE at < ?1", [.timestamp(now.adding(seconds: -3600))])
                try self.removeExpiredSessions(at: now, connection)
            }
        }
    }

    public func check() async throws(StoreError) {
        let tables = [
            "businesses", "agents", "templates", "stages", "transition_rules", "stage_states", "conversations", "transitions", "events",
            "stage_statistics", "revisions", "audit_log", "api_keys", "sessions", "idempotency", "changes", "commits",
        ]
        try await storing {
            try await within(Self.checkLimit) {
                // In a transaction of the writer: a database that can't be written serves nobody.
                try await self.database.write { connection in
                    for table in tables {
                        _ = try connection.row("SELECT count(*) FROM (SELECT 1 FROM \(table) LIMIT 1) AS found", []) { $0.integer(0) }
                    }
                }
            }
        }
    }

    public var cacheCondition: StateCacheCondition? {
        switch copies {
        case .shared(let cache): cache.condition
        case .memory, .none: nil
        }
    }
}

/// Runs something that may take its time, but waits for it no longer than a limit.
private func within(_ limit: Duration, _ body: @escaping @Sendable () async throws -> Void) async throws {
    let (outcomes, teller) = AsyncStream.makeStream(of: Result<Void, any Error>.self)
    let work = Task {
        do { teller.yield(.success(try await body())) } catch { teller.yield(.failure(error)) }
    }
    let clock = Task {
        // Throws when it is not needed any more.
        try? await Task.sleep(for: limit)
        teller.yield(.failure(SQLError.unavailable("the database does not answer within \(limit.components.seconds) s")))
    }
    defer {
        work.cancel()
        clock.cancel()
    }
    for await outcome in outcomes { return try outcome.get() }
    throw CancellationError()
}

/// Sums up transitions by stage and hour.
private struct Fold {
    let totals: Timestamp
    let recentCount: Int
    var rows: [HourRow.Place: HourRow] = [:]

    init(totals: Timestamp, recentCount: Int) {
        self.totals = totals
        self.recentCount = recentCount
    }

    mutating func add(_ transition: Transition, business: Business.ID, position: Int64) {
        for hour in [totals, transition.at.startOfHour] {
            if let from = transition.from {
                change(HourRow.Place(business: business, stage: from, hour: hour), position) { row in
                    row.departed += 1
                    if transition.to == nil { row.ended += 1 }
                    if let seconds = transition.secondsInStage { row.durations.add(seconds: seconds) }
                }
            }
            if let to = transition.to {
                change(HourRow.Place(business: business, stage: to, hour: hour), position) { $0.entered += 1 }
            }
        }
    }

    private mutating func change(_ place: HourRow.Place, _ position: Int64, _ change: (inout HourRow) -> Void) {
        change(&rows[place, default: HourRow()])
        guard place.hour == totals, rows[place]?.recent.first != position else { return }
        rows[place]?.recent.insert(position, at: 0)
        if (rows[place]?.recent.count ?? 0) > recentCount { rows[place]?.recent.removeLast() }
    }
}

/// A row of the table `stage_statistics`.
private struct HourRow {
    struct Place: Hashable {
        let business: Business.ID
        let stage: Stage.ID
        let hour: Timestamp

        var values: [SQLValue] { [SQLValue(business), SQLValue(stage), .timestamp(hour)] }
    }

    var entered: Int64 = 0
    var departed: Int64 = 0
    var ended: Int64 = 0
    var durations = LogHistogram()
    /// Positions of events, newest first.
    var recent: [Int64] = []

    /// Without what was seen last, which stands in the events.
    var statistics: StageStatistics {
        var statistics = StageStatistics()
        statistics.entered = entered
        statistics.left = departed
        statistics.ended = ended
        statistics.durations = durations
        return statistics
    }

    static func read(_ place: Place, _ connection: any SQLConnection) throws -> HourRow? {
        try connection.row(
            "SELECT \(columns) FROM stage_statistics WHERE business_id = ?1 AND stage_id = ?2 AND hour = ?3", place.values
        ) { row throws(SQLError) in try HourRow(row) }
    }

    /// The rows of all stages of a business.
    static func all(
        of business: Business.ID, hour: Timestamp, _ connection: any SQLConnection
    ) throws -> [(stage: Stage.ID, row: HourRow)] {
        try connection.rows(
            "SELECT \(columns), stage_id FROM stage_statistics WHERE business_id = ?1 AND hour = ?2", [SQLValue(business), .timestamp(hour)]
        ) { row throws(SQLError) in (try row.identifier(5), try HourRow(row)) }
    }

    private static let columns = "entered, departed, durations, recent, ended"

    /// Adds this row to the one in the table. A stage that is gone has no row.
    func add(to place: Place, recentCount: Int, _ connection: any SQLConnection) throws {
        let exists = try connection.row("SELECT 1 FROM stages WHERE business_id = ?1 AND stage_id = ?2", Array(place.values.prefix(2))) {
            _ throws(SQLError) in true
        }
        guard exists != nil else { return }
        var sum = try Self.read(place, connection) ?? HourRow()
        sum.entered += entered
        sum.departed += departed
        sum.ended += ended
        sum.durations.add(durations)
        sum.recent = Array((recent + sum.recent).prefix(recentCount))
        let counts = JSONValue.object(Dictionary(uniqueKeysWithValues: sum.durations.counts.map { (String($0), .integer($1)) }))
        try connection.run(
            """
            INSERT INTO stage_statistics (business_id, stage_id, hour, entered, departed, durations, recent, ended)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            ON CONFLICT (business_id, stage_id, hour) DO UPDATE SET entered = excluded.entered, departed = excluded.departed,
                durations = excluded.durations, recent = excluded.recent, ended = excluded.ended
            """,
            place.values + [
                .integer(sum.entered), .integer(sum.departed), SQLValue(json: counts),
                SQLValue(json: JSONValue.array(sum.recent.map(JSONValue.integer))), .integer(sum.ended),
            ])
    }
}

extension HourRow {
    /// Reads `columns`.
    fileprivate init(_ row: some SQLRow) throws(SQLError) {
        var counts: [Int: Int64] = [:]
        for (bucket, count) in try row.json(2).object ?? [:] {
            if let bucket = Int(bucket) { counts[bucket] = count.integer }
        }
        self.init(
            entered: row.integer(0), departed: row.integer(1), ended: row.integer(4), durations: LogHistogram(counts: counts),
            recent: (try row.json(3).array ?? []).compactMap(\.integer))
    }
}
