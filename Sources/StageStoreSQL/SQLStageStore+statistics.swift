public import StageModel
public import StageStore
import Synchronization

extension SQLStageStore: StoreUpkeep {
    private static let recentCount = 20
    private static let eventsPerRead = 1000
    /// How many sums are in memory at once, at most, but for those of the last events that were read.
    private static let rowsPerFold = 50_000
    /// About how many of them are written together: for so long others wait.
    private static let rowsPerStep = 250
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
        // What comes while it folds is left to the next time.
        let end = try await storing {
            try await self.database.readOnce { try $0.row("SELECT coalesce(max(position), 0) FROM events", []) { $0.integer(0) } ?? 0 }
        }
        var count = 0
        while true {
            let fold = try await fold(upTo: end)
            let known = foldedPosition.exchange(fold.progress.position, ordering: .acquiringAndReleasing)
            // What another process has folded since, or begun to, is not known here.
            if known != fold.progress.position || !fold.progress.further.isEmpty { dropStatistics() }
            guard fold.count > 0, try await write(fold) else { return count }
            count += fold.rows.count
        }
    }

    /// Sums up, while others write, as many of the events that are not folded as fit into memory.
    func fold(upTo end: Int64) async throws(StoreError) -> StatisticsFold {
        try await storing {
            let progress = try await self.database.readOnce { try FoldProgress.read($0) }
            var fold = StatisticsFold(totals: Self.totals, recentCount: Self.recentCount, after: progress)
            while fold.rows.count < Self.rowsPerFold {
                let start = fold.end
                let events = try await self.database.readOnce { connection in
                    try connection.rows(
                        "SELECT position, business_id, body FROM events WHERE position > ?1 AND position <= ?2 ORDER BY position LIMIT ?3",
                        [.integer(start), .integer(end), SQLValue(Self.eventsPerRead)]
                    ) { row throws(SQLError) in try StatisticsFold.Event(row) }
                }
                for event in events { fold.add(event) }
                if events.count < Self.eventsPerRead { break }
            }
            return fold
        }
    }

    /// Writes sums in steps, between which others write.
    /// - Returns: whether all are written; false: another process has begun to write the same.
    private func write(_ fold: StatisticsFold) async throws(StoreError) -> Bool {
        var progress = fold.progress
        for step in fold.steps(of: Self.rowsPerStep) {
            guard let after = try await write(step, of: fold, at: progress) else { return false }
            progress = after
        }
        foldedPosition.store(fold.end, ordering: .releasing)
        return true
    }

    /// Writes one step.
    /// - Returns: how far all is then; nil: another process has written since, and nothing is done.
    func write(_ step: StatisticsFold.Step, of fold: StatisticsFold, at progress: FoldProgress) async throws(StoreError) -> FoldProgress? {
        let after = progress.advanced(step.parts, to: fold.end, isLast: step.isLast)
        let isNext = try await storing {
            try await self.database.write { connection in
                guard try FoldProgress.read(connection) == progress else { return false }
                try fold.write(step, connection)
                try after.write(since: progress, connection)
                return true
            }
        }
        guard isNext else { return nil }
        if !step.rows.isEmpty { dropStatistics(of: Set(step.rows.keys.map(\.stage))) }
        return after
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
                    """, [.timestamp(now.adding(seconds: -7 * day)), .text(FoldProgress.name)])
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
