import Sealing
import StageModel
import StageStore

extension SQLStageStore {
    /// The own states of a business's stages. One whose stage was deleted and restored goes on from its last version.
    func stageStates(of business: Business.ID, _ connection: any SQLConnection) throws -> [Stage.ID: StageState] {
        var states: [Stage.ID: StageState] = [:]
        let versions = try connection.rows(
            "SELECT id, max(revision) FROM revisions WHERE business_id = ?1 AND kind = 'stage_state' GROUP BY id", [SQLValue(business)]
        ) { row throws(SQLError) -> (Stage.ID, Int64) in (try row.identifier(0), row.integer(1)) }
        for (stage, version) in versions { states[stage] = StageState(lastVersion: version) }

        let rows = try connection.rows(
            "SELECT stage_id, status, data, sealed_data, version, updated_at FROM stage_states WHERE business_id = ?1", [SQLValue(business)]
        ) { $0.kept(columns: 6) }
        for row in rows {
            let (stage, version): (Stage.ID, Int64) = (try row.identifier(0), row.integer(4))
            let data = try SealedMembers.open(
                plain: try row.json(2), sealed: row.isNull(3) ? nil : try row.json(3), sealer, salt: { try self.table.salt(of: business, connection) }
            ) { Self.place(of: $0, stage, business, version) }
            states[stage] = StageState(status: try row.choice(1), data: data, version: version, updatedAt: row.timestamp(5))
        }
        return states
    }

    func write(
        _ state: StageState, of stage: Stage.ID, in business: Business.ID, sensitive: SensitiveNames, at now: Timestamp,
        _ connection: any SQLConnection
    ) throws {
        let data = try SealedMembers(state.data, sensitive: sensitive, sealer, salt: { try self.table.salt(of: business, connection) }) {
            Self.place(of: $0, stage, business, state.version)
        }
        try connection.run(
            """
            INSERT INTO stage_states (business_id, stage_id, status, data, sealed_data, version, updated_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            ON CONFLICT (stage_id) DO UPDATE SET status = excluded.status, data = excluded.data, sealed_data = excluded.sealed_data,
                version = excluded.version, updated_at = excluded.updated_at
            """,
            [
                SQLValue(business), SQLValue(stage), .text(state.status.rawValue), SQLValue(json: data.plain),
                SQLValue(data.sealed.isEmpty ? nil : data.sealed.jsonText), .integer(state.version), .timestamp(now),
            ])
    }

    /// What an envelope of a stage's own data is bound to.
    static func place(of name: String, _ stage: Stage.ID, _ business: Business.ID, _ version: Int64) -> [UInt8] {
        Array("\(business)/stage_state/\(stage)/\(version)/\(name)".utf8)
    }
}
