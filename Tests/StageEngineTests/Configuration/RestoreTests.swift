import StageEngine
import StageModel
import StageStore
import Testing

@Suite("Revisions and businesses")
struct RestoreTests {
    private static func restore(_ id: Template.ID, _ revision: Int64, _ bench: EngineBench, ifRevision: VersionCondition = .any) async throws
        -> Saved<Template>
    {
        try await bench.configuration.restore(id, revision: revision, ifRevision: ifRevision, by: bench.caller) { _ in nil }
    }

    private static func template(_ bench: EngineBench, contents: [String]) async throws -> Template.ID {
        let id = try await bench.create(Template(name: "T", purpose: .stageSelection, content: contents[0])).id
        for content in contents.dropFirst() {
            _ = try await bench.configuration.replace(id, ifRevision: .any, by: bench.caller, answering: { _ in nil }) { _ throws(EngineError) in
                Template(name: "T", purpose: .stageSelection, content: content)
            }
        }
        return id
    }

    @Test("An earlier body becomes the newest revision; what came between stays")
    func restores() async throws {
        try await EngineBench.with { bench in
            let id = try await Self.template(bench, contents: ["one", "two", "three"])
            let restored = try await Self.restore(id, 1, bench)
            #expect(restored.revision == 4 && restored.content == "one" && restored.id == id)
            let revisions = try await bench.configuration.revisions(of: id, in: bench.business.id, before: nil, limit: 9)
            #expect(revisions.map { $0.body?["content"] } == ["one", "three", "two", "one"])
            let stale = await refusal { _ = try await Self.restore(id, 2, bench, ifRevision: .exactly(3)) }
            #expect(stale?.code == .preconditionFailed && stale?.current == 4)
            for revision in [Int64.min, 0, 5, .max] {
                #expect(await refusal { _ = try await Self.restore(id, revision, bench) }?.places == ["/revision"])
            }
        }
    }

    @Test("What was deleted comes back under its id, as the revision after its deletion")
    func deleted() async throws {
        try await EngineBench.with { bench in
            let id = try await Self.template(bench, contents: ["one", "two"])
            try await bench.configuration.delete(id, ifRevision: .any, by: bench.caller) { _ in nil }
            #expect(await refusal { _ = try await Self.restore(id, 3, bench) }?.message.isEmpty == false, "That is its deletion.")
            let restored = try await Self.restore(id, 2, bench)
            #expect(restored.revision == 4 && restored.content == "two" && restored.id == id)
            #expect(try await bench.flow.templates[id] == restored)
            let revisions = try await bench.configuration.revisions(of: id, in: bench.business.id, before: nil, limit: 9)
            #expect(revisions.map { $0.body == nil } == [false, true, false, false])
        }
    }

    @Test("A body that does not fit the flow any more is not restored; what never was is not there")
    func misfits() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            let spare = try await bench.create(Template(name: "Spare", purpose: .responseGeneration, content: "")).id
            var draft = plan.draft("s")
            draft.responseTemplateID = spare
            let stage = try await bench.create(draft).id
            try await bench.configuration.delete(stage, ifRevision: .any, by: bench.caller) { _ in nil }
            try await bench.configuration.delete(spare, ifRevision: .any, by: bench.caller) { _ in nil }
            let error = await refusal {
                _ = try await bench.configuration.restore(stage, revision: 1, ifRevision: .any, by: bench.caller) { _ in nil }
            }
            #expect(error?.places == ["/response_generation_template_id"])
            #expect(await refusal { _ = try await Self.restore(Template.ID(), 1, bench) }?.code == .notFound)
            let stranger = try await bench.stranger()
            #expect(
                await refusal { _ = try await bench.configuration.revisions(of: stage, in: stranger.business, before: nil, limit: 9) }?.code
                    == .notFound)
        }
    }

    @Test("A business is created with its owner's key, listed, renamed and deleted")
    func businesses() async throws {
        try await EngineBench.with { bench in
            #expect(try await bench.businesses.business(bench.business.id).name == "Acme")
            let principal = try await bench.access.principal(presenting: bench.secret, at: bench.clock.now)
            guard case .key(let owner) = principal else {
                Issue.record("\(principal)")
                return
            }
            #expect(owner.role == .owner && owner.business == bench.business.id)
            _ = try await SampleFlow(in: bench)
            let renamed = try await bench.businesses.rename(bench.business.id, to: "Neu", actor: "platform", at: bench.clock.now)
            #expect(renamed.name == "Neu")
            #expect(try await bench.flow.business == renamed)
            #expect(try await bench.businesses.list(after: nil, limit: 9) == [renamed])
            #expect(
                await refusal { _ = try await bench.businesses.rename(Business.ID(), to: "x", actor: "platform", at: bench.clock.now) }?.code
                    == .notFound)
            try await bench.businesses.delete(bench.business.id, at: bench.clock.now)
            #expect(await refusal { _ = try await bench.businesses.business(bench.business.id) }?.code == .notFound)
            #expect(await refusal { _ = try await bench.access.principal(presenting: bench.secret, at: bench.clock.now) }?.code == .unauthorized)
            #expect(await refusal { _ = try await bench.create(Agent(name: "x", description: "")) }?.code == .notFound)
            #expect(await refusal { try await bench.businesses.delete(bench.business.id, at: bench.clock.now) }?.code == .notFound)
        }
    }
}
