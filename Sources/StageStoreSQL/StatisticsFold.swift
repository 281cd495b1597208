import StageModel
import StageStore

/// Sums up transitions by stage and hour.
struct StatisticsFold {
    /// What is asked of an event.
    struct Event {
        let position: Int64
        let business: Business.ID
        let transitions: [Transition]
    }

    /// Some of the sums, which are written together.
    struct Step {
        var parts: [Int] = []
        var rows: [HourRow.Place: HourRow] = [:]
        var isLast = false
    }

    private let totals: Timestamp
    private let recentCount: Int
    /// What was summed up before.
    let progress: FoldProgress
    /// The position after what is summed up.
    private(set) var end: Int64
    /// How many events.
    private(set) var count = 0
    private(set) var rows: [HourRow.Place: HourRow] = [:]

    init(totals: Timestamp, recentCount: Int, after progress: FoldProgress) {
        self.totals = totals
        self.recentCount = recentCount
        self.progress = progress
        end = progress.position
    }

    mutating func add(_ event: Event) {
        for transition in event.transitions where transition.isMove { add(transition, business: event.business, position: event.position) }
        end = event.position
        count += 1
    }

    /// The sums, divided so that each step but the last has about as many rows as asked for.
    func steps(of rowCount: Int) -> [Step] {
        let parts = Dictionary(grouping: rows) { FoldProgress.part(of: $0.key.stage) }
        var steps = [Step()]
        for part in parts.keys.sorted() {
            if steps[steps.count - 1].rows.count >= rowCount { steps.append(Step()) }
            steps[steps.count - 1].parts.append(part)
            for (place, row) in parts[part] ?? [] { steps[steps.count - 1].rows[place] = row }
        }
        steps[steps.count - 1].isLast = true
        return steps
    }

    /// Adds the sums of a step to those in the table. A stage that is gone has no row.
    func write(_ step: Step, _ connection: any SQLConnection) throws {
        let rows = step.rows
        let stages = Set(rows.keys.map { HourRow.Place(business: $0.business, stage: $0.stage, hour: totals) })
        let existing = Set(
            try connection.rows(HourRow.stages, of: stages.map { Array($0.values.prefix(2)) }) { row throws(SQLError) in
                try row.identifier(0) as Stage.ID
            })
        let known = rows.filter { existing.contains($0.key.stage) }
        guard !known.isEmpty else { return }
        let stored = try connection.rows(HourRow.byPlace, of: known.keys.map(\.values)) { row throws(SQLError) in
            (HourRow.Place(business: try row.identifier(5), stage: try row.identifier(6), hour: row.timestamp(7)), try HourRow(row))
        }
        let sums = known.merging(stored) { $1.adding($0, recentCount: recentCount) }
        try connection.run(sums.map { $0.value.replacement(at: $0.key) })
    }

    private mutating func add(_ transition: Transition, business: Business.ID, position: Int64) {
        for hour in [totals, transition.at.startOfHour] {
            if let from = transition.from, position > progress.position(of: from) {
                change(HourRow.Place(business: business, stage: from, hour: hour), position) { row in
                    row.departed += 1
                    if transition.to == nil { row.ended += 1 }
                    if let seconds = transition.secondsInStage { row.durations.add(seconds: seconds) }
                }
            }
            if let to = transition.to, position > progress.position(of: to) {
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

extension StatisticsFold.Event {
    init(_ row: any SQLRow) throws(SQLError) {
        position = row.integer(0)
        business = try row.identifier(1)
        let json = try row.json(2)
        do { transitions = try EventBody(json: json).transitions } catch { throw .unreadable("event \(row.integer(0)): \(error)") }
    }
}
