import StageModel
import StageStore

/// How a kind of definition lies in its table: behind its id and its business, its own columns, then times and revision.
protocol DefinitionRow: Definition {
    /// The names of its own columns.
    static var ownColumns: [String] { get }

    /// The values of its own columns, in their order.
    var ownValues: [SQLValue] { get }

    /// Reads its own columns, the first of which is the given one.
    init(_ row: any SQLRow, from column: Int) throws(SQLError)
}

extension DefinitionRow {
    private static var columns: [String] { [kind.idName, "business_id"] + ownColumns + ["created_at", "updated_at", "revision"] }

    static func all(of business: Business.ID, _ connection: any SQLConnection) throws -> [Saved<Self>] {
        let sql = "SELECT \(columns.joined(separator: ", ")) FROM \(kind.collection) WHERE business_id = ?1"
        return try connection.rows(sql, [SQLValue(business)]) { row throws(SQLError) in
            let next = 2 + ownColumns.count
            return Saved(
                id: try row.identifier(0), businessID: try row.identifier(1), body: try Self(row, from: 2), createdAt: row.timestamp(next),
                updatedAt: row.timestamp(next + 1), revision: row.integer(next + 2))
        }
    }

    /// Inserts a row, or replaces the one of that id if it is the same business's.
    /// - Throws: `.taken` when the id is another business's.
    static func save(_ saved: Saved<Self>, _ connection: any SQLConnection) throws {
        let places = columns.indices.map { "?\($0 + 1)" }.joined(separator: ", ")
        let updates = (ownColumns + ["updated_at", "revision"]).map { "\($0) = excluded.\($0)" }.joined(separator: ", ")
        let values: [SQLValue] =
            [SQLValue(saved.id), SQLValue(saved.businessID)] + saved.body.ownValues + [
                .timestamp(saved.createdAt), .timestamp(saved.updatedAt), .integer(saved.revision),
            ]
        let written = try connection.run(
            """
            INSERT INTO \(kind.collection) (\(columns.joined(separator: ", "))) VALUES (\(places))
            ON CONFLICT (\(kind.idName)) DO UPDATE SET \(updates) WHERE \(kind.collection).business_id = excluded.business_id
            """, values)
        guard written == 1 else { throw StoreError.taken }
    }

    static func delete(_ id: Identifier<Self>, of business: Business.ID, _ connection: any SQLConnection) throws {
        try connection.run("DELETE FROM \(kind.collection) WHERE \(kind.idName) = ?1 AND business_id = ?2", [SQLValue(id), SQLValue(business)])
    }
}

extension Agent: DefinitionRow {
    static let ownColumns = ["agent_name", "agent_description"]

    var ownValues: [SQLValue] { [.text(name), .text(description)] }

    init(_ row: any SQLRow, from column: Int) throws(SQLError) {
        self.init(name: row.text(column), description: row.text(column + 1))
    }
}

extension Template: DefinitionRow {
    static let ownColumns = ["template_name", "template_type", "content", "system_prompt"]

    var ownValues: [SQLValue] { [.text(name), .text(purpose.rawValue), .text(content), SQLValue(systemPrompt)] }

    init(_ row: any SQLRow, from column: Int) throws(SQLError) {
        self.init(
            name: row.text(column), purpose: try row.choice(column + 1), content: row.text(column + 2),
            systemPrompt: row.optionalText(column + 3))
    }
}

extension TransitionRule: DefinitionRow {
    static let ownColumns = ["from_stage_id", "to_stage_id", "condition", "selection", "priority", "description"]

    var ownValues: [SQLValue] {
        [SQLValue(fromStageID), SQLValue(toStageID), .text(condition), .text(selection.rawValue), .integer(priority), .text(description)]
    }

    init(_ row: any SQLRow, from column: Int) throws(SQLError) {
        self.init(
            from: try row.optionalIdentifier(column), to: try row.identifier(column + 1), condition: row.text(column + 2),
            selection: try row.choice(column + 3), priority: row.integer(column + 4), description: row.text(column + 5))
    }
}

extension Stage: DefinitionRow {
    static let ownColumns = [
        "agent_id", "stage_name", "stage_description", "stage_type", "stage_selection_template_id", "data_extraction_template_id",
        "response_generation_template_id", "is_entry", "configuration",
    ]

    var ownValues: [SQLValue] {
        [
            SQLValue(agentID), .text(name), .text(description), .text(style.rawValue), SQLValue(selectionTemplateID),
            SQLValue(extractionTemplateID), SQLValue(responseTemplateID), SQLValue(isEntry), SQLValue(json: configuration),
        ]
    }

    init(_ row: any SQLRow, from column: Int) throws(SQLError) {
        let json = try row.json(column + 8)
        let configuration: StageConfiguration
        do throws(InvalidInput) { configuration = try StageConfiguration(json: json) } catch {
            throw .unreadable("a stage's configuration")
        }
        self.init(
            agentID: try row.optionalIdentifier(column), name: row.text(column + 1), description: row.text(column + 2),
            style: try row.choice(column + 3), selectionTemplateID: try row.identifier(column + 4),
            extractionTemplateID: try row.identifier(column + 5), responseTemplateID: try row.identifier(column + 6),
            isEntry: row.boolean(column + 7), configuration: configuration)
    }
}
