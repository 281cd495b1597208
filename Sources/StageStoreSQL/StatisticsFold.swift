import StageModel
import StageStore

/// Sums up transitions by stage and hour.
struct StatisticsFold {
    /// What is asked of an event.
    struct Event {
        let position: Int64
        let business: Business.ID
        let transitions: [Transition]

        init(_ row: any SQLRow) throws(SQLError) {
            position = row.integer(0)
            business = try row.identifier(1)
            let json = try row.json(2)
            do { transitions = try EventBody(json: json).transitions } catch { throw .unreadable("event \(row.integer(0)): \(error)") }
        }
    }

    let totals: Timestamp
    let recentCount: Int
    /// The positions before and after what is summed up.
    let start: Int64
    private(set) var end: Int64
    /// How many events.
    private(set) var count = 0
    private(set) var rows: [HourRow.Place: HourRow] = [:]

    init(totals: Timestamp, recentCount: Int, after start: Int64) {
        self.totals = totals
        self.recentCount = recentCount
        self.start = start
        end = start
    }

    mutating func add(_ event: Event) {
        for transition in event.transitions where transition.isMove { add(transition, business: event.business, position: event.position) }
        end = event.position
        count += 1
    }

    /// Adds the sums to those in the table. A stage that is gone has no row.
    func write(_ connection: any SQLConnection) throws {
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
