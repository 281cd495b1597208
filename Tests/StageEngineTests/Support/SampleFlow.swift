import StageEngine
import StageModel

/// What most tests need of a flow.
struct SampleFlow: Sendable {
    let ada: Agent.ID
    let bob: Agent.ID
    let selection: Template.ID
    let extraction: Template.ID
    let response: Template.ID
    let greeting: Stage.ID
    /// Expires after an hour.
    let order: Stage.ID
    let done: Stage.ID
    let ofAda: Stage.ID

    /// Creates the definitions one by one, as a caller would.
    init(in bench: EngineBench) async throws {
        ada = try await bench.create(Agent(name: "Ada", description: "Sells")).id
        bob = try await bench.create(Agent(name: "Bob", description: "Repairs")).id
        let selection = try await bench.create(Template(name: "Select", purpose: .stageSelection, content: "{{message_content}}")).id
        let extraction = try await bench.create(Template(name: "Extract", purpose: .dataExtraction, content: "{{message_content}}")).id
        let response = try await bench.create(Template(name: "Respond", purpose: .responseGeneration, content: "Hello")).id
        (self.selection, self.extraction, self.response) = (selection, extraction, response)
        func stage(_ name: String, agent: Agent.ID? = nil, _ configure: (inout StageConfiguration) -> Void = { _ in }) async throws -> Stage.ID {
            var configuration = StageConfiguration()
            configure(&configuration)
            let stage = Stage(
                agentID: agent, name: name, description: "", style: .conversation, selectionTemplateID: selection,
                extractionTemplateID: extraction, responseTemplateID: response, isEntry: name == "greeting", configuration: configuration)
            return try await bench.create(stage).id
        }
        greeting = try await stage("greeting")
        order = try await stage("order") { configuration in
            configuration.persistence.timeToLive = 3600
            configuration.fields = [DataField(name: "order_id", pattern: "[A-Z]+"), DataField(name: "card", isSensitive: true)]
        }
        done = try await stage("done") { $0.isFinal = true }
        ofAda = try await stage("ofAda", agent: ada)
    }

    /// A stage that is not saved yet.
    func draft(_ name: String, agent: Agent.ID? = nil) -> Stage {
        Stage(
            agentID: agent, name: name, description: "", style: .form, selectionTemplateID: selection, extractionTemplateID: extraction,
            responseTemplateID: response)
    }
}
