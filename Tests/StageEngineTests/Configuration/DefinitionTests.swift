import StageEngine
import StageStore
import Testing

@testable import StageModel

@Suite("Definitions")
struct DefinitionTests {
    private static func replace(
        _ id: Template.ID, _ bench: EngineBench, ifRevision: VersionCondition = .any, by caller: Caller? = nil, _ change: (inout Template) -> Void
    ) async throws -> Saved<Template> {
        try await bench.configuration.replace(id, ifRevision: ifRevision, by: caller ?? bench.caller, answering: { _ in nil }) {
            old throws(EngineError) in
            var body = old.body
            change(&body)
            return body
        }
    }

    private static func delete<Body: EditableDefinition>(_ id: Identifier<Body>, _ bench: EngineBench, movingTo target: Stage.ID? = nil) async throws
    {
        try await bench.configuration.delete(id, ifRevision: .any, movingTo: target, by: bench.caller) { _ in nil }
    }

    /// The error that a deletion ends with.
    private static func refusedDeletion<Body: EditableDefinition>(
        _ id: Identifier<Body>, _ bench: EngineBench, movingTo target: Stage.ID? = nil
    ) async -> EngineError? {
        await refusal { try await delete(id, bench, movingTo: target) }
    }

    @Test("A definition is created, read, replaced and deleted, each a revision of the flow, with an entry in the audit log")
    func lifeCycle() async throws {
        try await EngineBench.with { bench in
            let created = try await bench.create(Template(name: "T", purpose: .stageSelection, content: "one"))
            #expect(created.revision == 1 && created.createdAt == bench.clock.now && created.businessID == bench.business.id)
            #expect(try await bench.configuration.definition(created.id, of: bench.business.id) == created)
            bench.clock.advance(seconds: 9)
            let replaced = try await Self.replace(created.id, bench, ifRevision: .exactly(1)) { $0.content = "two" }
            #expect(
                replaced.revision == 2 && replaced.content == "two" && replaced.createdAt == created.createdAt
                    && replaced.updatedAt == bench.clock.now)
            let stale = await refusal { _ = try await Self.replace(created.id, bench, ifRevision: .exactly(1)) { $0.content = "three" } }
            #expect(stale?.code == .preconditionFailed && stale?.current == 2)
            try await Self.delete(created.id, bench)
            #expect(await refusal { _ = try await bench.configuration.definition(created.id, of: bench.business.id) }?.code == .notFound)
            #expect(await refusal { try await Self.delete(created.id, bench) }?.code == .notFound)
            #expect(try await bench.flow.revision == bench.business.flowRevision + 3)
            let actions = try await bench.configuration.auditLog(of: bench.business.id, before: nil, limit: 9).map(\.entry.action)
            #expect(actions == ["template.delete", "template.update", "template.create", "business.create"])
        }
    }

    @Test("A draft that does not fit is refused with every fault, and nothing is saved")
    func faults() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            let before = try await bench.flow.revision
            var draft = plan.draft("bad", agent: Agent.ID())
            draft.responseTemplateID = plan.selection
            draft.configuration.timeout = StageConfiguration.Timeout(seconds: 5, toStageID: Stage.ID())
            let error = await refusal { _ = try await bench.create(draft) }
            #expect(error?.code == .invalidInput)
            #expect(error?.places == ["/agent_id", "/response_generation_template_id", "/configuration/timeout/to_stage_id"])
            let template = await refusal { _ = try await Self.replace(plan.response, bench) { $0.purpose = .dataExtraction } }
            #expect(template?.places == ["/template_type"])
            #expect(try await bench.flow.revision == before)
        }
    }

    @Test("What belongs to another business is not there, and can't be named")
    func tenants() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            let stranger = try await bench.stranger()
            #expect(await refusal { _ = try await bench.configuration.definition(plan.greeting, of: stranger.business) }?.code == .notFound)
            #expect(await refusal { _ = try await Self.replace(plan.response, bench, by: stranger) { $0.name = "x" } }?.code == .notFound)
            let error = await refusal { _ = try await bench.create(plan.draft("mine", agent: plan.ada), by: stranger) }
            #expect(error?.places.count == 4)
            #expect(await refusal { _ = try await bench.configuration.flow(of: Business.ID()) }?.code == .notFound)
        }
    }

    @Test("What is in use can't be deleted, and the refusal names the users")
    func inUse() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            var waiting = plan.draft("waiting")
            waiting.configuration.timeout = StageConfiguration.Timeout(seconds: 5, toStageID: plan.done)
            _ = try await bench.create(waiting)
            let template = await refusal { try await Self.delete(plan.response, bench) }
            #expect(template?.code == .inUse && template?.message.contains("'greeting'") == true)
            #expect(await refusal { try await Self.delete(plan.ada, bench) }?.message.contains("'ofAda'") == true)
            #expect(await refusal { try await Self.delete(plan.done, bench, movingTo: plan.greeting) }?.message.contains("'waiting'") == true)
            try await Self.delete(plan.ofAda, bench)
            try await Self.delete(plan.ada, bench)
        }
    }

    @Test("A stage or an agent that conversations are held with stays, unless they are moved")
    func conversationsHere() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            _ = try await bench.go(plan.ofAda, "c", agent: plan.ada)
            #expect(await Self.refusedDeletion(plan.ofAda, bench)?.code == .conversationsHere)
            #expect(await Self.refusedDeletion(plan.ofAda, bench, movingTo: plan.ofAda)?.places == ["/move_to"])
            #expect(await Self.refusedDeletion(plan.ofAda, bench, movingTo: Stage.ID())?.places == ["/move_to"])
            #expect(await Self.refusedDeletion(plan.greeting, bench, movingTo: plan.ofAda)?.places == ["/move_to"])
            try await Self.delete(plan.ofAda, bench, movingTo: plan.greeting)
            let state = try await bench.stages.state(of: bench.id("c"), by: bench.caller)
            #expect(state.stageID == plan.greeting && state.version == 2)
            #expect(await Self.refusedDeletion(plan.ada, bench)?.code == .conversationsHere)
            try await bench.stages.erase(bench.id("c"), by: bench.caller, answering: { _ in nil })
            try await Self.delete(plan.ada, bench)
        }
    }

    @Test("A stage's own state is written with a version of its own, checked when one is given, up to 64 KiB")
    func stageState() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            func write(_ data: [String: JSONValue], ifVersion: VersionCondition = .any, stage: Stage.ID? = nil) async throws -> StageState {
                try await bench.configuration.changeState(of: stage ?? plan.done, ifVersion: ifVersion, by: bench.caller, answering: { _ in nil }) {
                    old in
                    StageState(status: .disabled, data: data, version: old.version, updatedAt: bench.clock.now)
                }
            }
            #expect(try await write(["a": 1], ifVersion: .exactly(0)).version == 1)
            let stale = await refusal { _ = try await write([:], ifVersion: .exactly(0)) }
            #expect(stale?.code == .preconditionFailed && stale?.current == 1)
            let large = await refusal { _ = try await write(["a": .string(String(repeating: "x", count: 65_536))]) }
            #expect(large?.places == ["/data"])
            #expect(await refusal { _ = try await write([:], stage: Stage.ID()) }?.code == .notFound)
            let state = try await bench.another().flow.state(of: plan.done)
            #expect(state.status == .disabled && state.data == ["a": 1] && state.version == 1 && state.updatedAt == bench.clock.now)
            #expect(try await bench.flow.stages[plan.done]?.revision == 1, "It is no revision of the stage.")
        }
    }
}
