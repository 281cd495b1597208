import StageModel
import StageStore

/// A row of the table `stage_statistics`.
struct HourRow {
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
        try connection.rows(byPlace, of: [place.values]) { row throws(SQLError) in try HourRow(row) }.first
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

    static let byPlace = SQLLookup(
        "\(columns), business_id, stage_id, hour", in: "stage_statistics", by: ["business_id": "uuid", "stage_id": "uuid", "hour": "timestamptz"])

    static let stages = SQLLookup("stage_id", in: "stages", by: ["business_id": "uuid", "stage_id": "uuid"])

    /// The sum of this row and a newer one.
    func adding(_ newer: HourRow, recentCount: Int) -> HourRow {
        var sum = self
        sum.entered += newer.entered
        sum.departed += newer.departed
        sum.ended += newer.ended
        sum.durations.add(newer.durations)
        sum.recent = Array((newer.recent + recent).prefix(recentCount))
        return sum
    }

    /// What puts this row into the table, in the place of the one that is there.
    func replacement(at place: Place) -> SQLStatement {
        let counts = JSONValue.object(Dictionary(uniqueKeysWithValues: durations.counts.map { (String($0), .integer($1)) }))
        return Self.replace(
            place.values + [
                .integer(entered), .integer(departed), SQLValue(json: counts), SQLValue(json: JSONValue.array(recent.map(JSONValue.integer))),
                .integer(ended),
            ])
    }

    private static let replace = SQLInsertion(
        into: "stage_statistics",
        [
            "business_id": "uuid", "stage_id": "uuid", "hour": "timestamptz", "entered": "bigint", "departed": "bigint", "durations": "json",
            "recent": "json", "ended": "bigint",
        ],
        """
        ON CONFLICT (business_id, stage_id, hour) DO UPDATE SET entered = excluded.entered, departed = excluded.departed,
            durations = excluded.durations, recent = excluded.recent, ended = excluded.ended
        """)
}

extension HourRow {
    /// Reads `columns`.
    init(_ row: some SQLRow) throws(SQLError) {
        var counts: [Int: Int64] = [:]
        for (bucket, count) in try row.json(2).object ?? [:] {
            if let bucket = Int(bucket) { counts[bucket] = count.integer }
        }
        self.init(
            entered: row.integer(0), departed: row.integer(1), ended: row.integer(4), durations: LogHistogram(counts: counts),
            recent: (try row.json(3).array ?? []).compactMap(\.integer))
    }
}
