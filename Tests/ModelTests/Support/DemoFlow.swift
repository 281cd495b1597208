import Foundation
import StageModel

extension Flow {
    /// The demo flow that is compiled into the server.
    static func demo() throws -> Flow {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        let document = try Data(contentsOf: folder.appending(path: "../../../Sources/stagekeeper/Demo/order-support.json"))
        return Flow(try FlowFile(json: try JSONValue(parsing: document)))
    }

    /// The same without the automatic rules that go by the words of a message, so that all that they settle is left to be chosen.
    func leavingWordsToChoose() -> Flow {
        Flow(
            business: business, agents: agents.all, templates: templates.all, stages: stages.all,
            rules: rules.all.filter { $0.selection == .model || !$0.condition.contains("message.text") })
    }

    private convenience init(_ file: FlowFile) {
        let moment = LabelledMessage.moment
        let business = Business(id: Business.ID(), name: file.businessName, flowRevision: 1, createdAt: moment, updatedAt: moment)
        func saved<Body: Definition>(_ entries: [FlowFile.Entry<Body>]) -> [Saved<Body>] {
            entries.map {
                Saved(id: $0.id, businessID: business.id, body: $0.body, createdAt: moment, updatedAt: moment, revision: 1)
            }
        }
        self.init(
            business: business, agents: saved(file.agents), templates: saved(file.templates), stages: saved(file.stages),
            rules: saved(file.rules))
    }

    func stage(named name: String) -> Saved<Stage>? { stages.all.first { $0.name == name } }
}
