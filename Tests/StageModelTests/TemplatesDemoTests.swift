import Foundation
import StageModel
import Testing

@Suite("Templates: the demo business")
struct TemplatesDemoTests {
    private static let document = Result {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources/stagekeeper/Demo/order-support.json")
        return try JSONValue(parsing: Data(contentsOf: path))
    }

    private static let moment = Timestamp(microseconds: 0)
    private static let business = Business(
        id: Business.ID(), name: "Demo", flowRevision: 1, createdAt: moment, updatedAt: moment)

    /// The definitions of a kind, each checked against what may be written of it.
    private static func definitions<Body: Definition>(_ type: Body.Type) throws -> [Saved<Body>] {
        try #require(try document.get()[Body.kind.collection]?.array).map { json in
            try Body.draftSchema.check(json)
            let id: Identifier<Body> = try #require(json[Body.kind.idName]?.identifier())
            let body = try Body(json: json)
            return Saved(id: id, businessID: business.id, body: body, createdAt: moment, updatedAt: moment, revision: 1)
        }
    }

    private static func flow() throws -> Flow {
        Flow(
            business: business, agents: try definitions(Agent.self), templates: try definitions(Template.self), stages: try definitions(Stage.self))
    }

    @Test("The flow is complete and without a fault")
    func complete() throws {
        let flow = try Self.flow()
        #expect(try Self.document.get()["format"] == "stagekeeper-flow/1")
        #expect(flow.agents.all.count == 2 && flow.stages.all.count >= 8)
        for agent in flow.agents.all { #expect(agent.body.faults(in: flow, id: agent.id) == []) }
        for template in flow.templates.all { #expect(template.body.faults(in: flow, id: template.id) == []) }
        for stage in flow.stages.all { #expect(stage.body.faults(in: flow, id: stage.id) == []) }
        #expect(flow.entry(for: nil)?.agentID == nil && flow.entry(for: nil) != nil)
        #expect(flow.stages.all.contains { $0.configuration.isFinal })
        #expect(flow.sensitive.names.contains("email"))
        let ids = flow.agents.all.map(\.id.description) + flow.templates.all.map(\.id.description) + flow.stages.all.map(\.id.description)
        #expect(Set(ids).count == ids.count)
        #expect(ids.allSatisfy { $0.dropFirst(14).first == "4" && "89ab".contains($0.dropFirst(19).prefix(1)) })
        for template in flow.templates.all { #expect(!Template.users(of: template.id, in: flow).isEmpty, "\(template.name) is used") }
    }

    @Test("No template is warned of, and those for the model have a system prompt")
    func warnings() throws {
        let flow = try Self.flow()
        let names = Set(flow.stages.all.flatMap { $0.configuration.fields.map(\.name) })
        for template in flow.templates.all {
            #expect(template.body.warnings(fieldNames: names) == [])
            #expect(template.systemPrompt?.isEmpty == false)
        }
    }

    @Test("Every reply reads well with nothing known and with everything known")
    func replies() throws {
        let flow = try Self.flow()
        var known: [String: JSONValue] = [:]
        for field in flow.stages.all.flatMap(\.configuration.fields) { known[field.name] = .string(field.values.first ?? "VALUE") }
        let full: [String: JSONValue] = ["business_name": "Shop", "agent_name": "Mara", "user_name": "Alex", "data": .object(known)]
        for stage in flow.stages.all {
            let template = try #require(flow.templates[stage.responseTemplateID])
            for values in [["business_name": "Shop"], full] {
                let reply = try template.body.compiledContent().render(values)
                #expect(reply.contains { $0.isLetter } && !reply.contains("{") && !reply.contains("}"))
                for flaw in ["  ", " ,", " .", " !", "()", "\n\n\n", "\"\""] { #expect(!reply.contains(flaw), "\(stage.name): \(reply)") }
                #expect(reply.last { !$0.isWhitespace }.map { ".?!".contains($0) } == true, "\(stage.name): \(reply)")
            }
        }
    }
}
