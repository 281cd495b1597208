import StageEngine
import StageModel
import StageStore

/// A business to look around in: a complete flow for order support, and a few conversations in progress.
struct Demo {
    let deployment: Deployment

    /// What the person who started the server is told, this once.
    struct Created {
        let business: Business
        /// The owner's API key.
        let secret: String
        /// What the link holds that signs a browser in.
        let link: String
    }

    /// Creates the demo business when there is no business at all.
    /// - Returns: nil when nothing was created.
    func createIfEmpty() async throws -> Created? {
        guard try await deployment.businesses.list(after: nil, limit: 1).isEmpty else { return nil }
        let file = try FlowFile(json: try JSONValue(parsing: PackageResources.order_support_json))
        let now = deployment.time.now()
        let created = try await deployment.businesses.create(name: file.businessName, actor: "demo", at: now) { _ in nil }
        let caller = Caller(business: created.business.id, actor: "demo", now: now)
        _ = try await deployment.configuration.importing(file, pruning: false, isDryRun: false, by: caller)
        try await startConversations(by: caller)
        let link = try await deployment.access.createSignInLink(for: created.key, by: caller)
        return Created(business: created.business, secret: created.secret, link: link)
    }

    private struct Step {
        let stage: String
        var data: [String: JSONValue] = [:]
    }

    /// Four customers, each at another point of the flow; two of them talk to the agent of that name.
    private static let walks: [(conversation: String, agent: String?, steps: [Step])] = [
        ("whatsapp:+49-170-5550101", nil, [Step(stage: "Welcome")]),
        (
            "web-7f3a9c", "Mara",
            [
                Step(stage: "Welcome", data: ["topic": "order_status"]),
                Step(stage: "Identify the order", data: ["order_id": "LL-48213", "email": "jo.lindqvist@example.com"]),
                Step(stage: "Order status", data: ["order_status": "on its way", "carrier": "PostNord"]),
            ]
        ),
        (
            "mail:2026-00317", "Theo",
            [
                Step(stage: "Returns desk", data: ["order_id": "LL-47790"]),
                Step(stage: "Return or refund", data: ["return_item": "Linen throw, sand"]),
            ]
        ),
        (
            "web-51be02", "Mara",
            [
                Step(stage: "Welcome"), Step(stage: "Complaint", data: ["complaint": "The lamp arrived with a cracked shade."]),
                Step(stage: "Satisfaction"), Step(stage: "Goodbye"),
            ]
        ),
    ]

    private func startConversations(by caller: Caller) async throws {
        let flow = try await deployment.configuration.flow(of: caller.business)
        for walk in Self.walks {
            let agent = flow.agents.all.first { $0.name == walk.agent }
            for step in walk.steps {
                guard let conversation = ConversationID(walk.conversation), let stage = flow.stages.all.first(where: { $0.name == step.stage }) else {
                    throw CommandFailure("The demo flow has no stage '\(step.stage)'.")
                }
                _ = try await deployment.stages.setCurrentStage(
                    stage.id, of: conversation, data: step.data, agent: agent?.id, by: caller)
            }
        }
    }
}
