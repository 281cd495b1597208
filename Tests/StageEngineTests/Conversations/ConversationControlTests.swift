import StageEngine
import StageModel
import StageStore
import Testing

@Suite("Control of conversations")
struct ConversationControlTests {
    private static func rewind(_ bench: EngineBench, to version: Int64) async throws -> ConversationState {
        try await bench.stages.rewind(bench.id("c"), toVersion: version, ifVersion: .any, by: bench.caller) { _ in nil }
    }

    private static func perform(_ command: ConversationCommand, _ bench: EngineBench) async throws -> ConversationState {
        try await bench.stages.perform(command, on: bench.id("c"), by: bench.caller)
    }

    @Test("A conversation is paused and resumed; one at no stage, completed or unknown is not")
    func pause() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            #expect(await refusal { _ = try await Self.perform(.pause, bench) }?.code == .notFound)
            _ = try await bench.go(plan.greeting, "c")
            #expect(try await Self.perform(.pause, bench).status == .paused)
            #expect(try await Self.perform(.pause, bench).version == 2)
            #expect(try await Self.perform(.resume, bench).status == .active)
            _ = try await Self.perform(.clear, bench)
            #expect(await refusal { _ = try await Self.perform(.pause, bench) }?.code == .notStarted)
            _ = try await bench.go(plan.done, "c")
            for command in [ConversationCommand.pause, .resume] {
                #expect(await refusal { _ = try await Self.perform(command, bench) }?.code == .alreadyCompleted)
            }
        }
    }

    @Test("A rewind goes back to where the conversation was after a version, as a new version")
    func rewind() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            #expect(await refusal { _ = try await Self.rewind(bench, to: 1) }?.code == .notFound)
            for stage in [plan.greeting, plan.order, plan.done] { _ = try await bench.go(stage, "c", ["v": 1]) }
            _ = try await Self.perform(.clear, bench)
            let back = try await Self.rewind(bench, to: 2)
            #expect(back.version == 5 && back.stageID == plan.order && back.status == .active && back.visits == [plan.order: 1])
            #expect(try await Self.rewind(bench, to: 3).status == .completed)
            #expect(try await Self.rewind(bench, to: 5).stageID == plan.order, "To a rewind as to any version.")
            let history = try await bench.stages.history(of: bench.id("c"), before: nil, limit: 99, by: bench.caller)
            #expect(history.map(\.version) == [7, 6, 5, 4, 3, 2, 1] && history.prefix(3).allSatisfy { $0.cause == .repair })
            for version in [Int64.min, -1, 0, 8, Int64.max] {
                let error = await refusal { _ = try await Self.rewind(bench, to: version) }
                #expect(error?.code == .invalidInput && error?.places == ["/version"], "\(version)")
            }
            #expect(await refusal { _ = try await Self.rewind(bench, to: 4) }?.message.isEmpty == false, "It was at no stage then.")
            #expect(try await bench.stages.state(of: bench.id("c"), by: bench.caller).version == 7)
        }
    }

    @Test("A rewind to a stage that was deleted, or to a version that was erased, is refused")
    func rewindToNothing() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            for stage in [plan.order, plan.greeting] { _ = try await bench.go(stage, "c") }
            try await bench.configuration.delete(plan.order, ifRevision: .any, by: bench.caller) { _ in nil }
            #expect(await refusal { _ = try await Self.rewind(bench, to: 1) }?.places == ["/version"])
            try await bench.stages.erase(bench.id("c"), by: bench.caller)
            #expect(try await bench.go(plan.done, "c").version == 3)
            #expect(await refusal { _ = try await Self.rewind(bench, to: 2) }?.places == ["/version"])
        }
    }

    @Test("That sensitive data was looked at is audited; what others see is masked by its name")
    func reveal() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            _ = try await bench.go(plan.order, "c", ["card": "4111", "order_id": "AB"])
            let revealed = try await bench.stages.reveal(bench.id("c"), by: bench.caller)
            #expect(revealed.data.merged == ["card": "4111", "order_id": "AB"])
            let entry = try await bench.configuration.auditLog(of: bench.business.id, before: nil, limit: 1).first?.entry
            #expect(entry?.action == "conversation.reveal" && entry?.actor == "sk_test" && entry?.subject == "c")
            #expect(try await bench.flow.sensitive.masking(revealed.data.merged) == ["card": SensitiveNames.mask, "order_id": "AB"])
            #expect(await refusal { _ = try await bench.stages.reveal(bench.id("unknown"), by: bench.caller) }?.code == .notFound)
            #expect(try await bench.configuration.auditLog(of: bench.business.id, before: nil, limit: 1).first?.entry == entry)
        }
    }

    @Test("Of an erased conversation nothing is left, not even its id in the audit log")
    func erase() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            _ = try await bench.go(plan.greeting, "c-7f3a")
            _ = try await bench.stages.reveal(bench.id("c-7f3a"), by: bench.caller)
            try await bench.stages.erase(bench.id("c-7f3a"), by: bench.caller)
            #expect(await refusal { _ = try await bench.stages.state(of: bench.id("c-7f3a"), by: bench.caller) }?.code == .notFound)
            #expect(await refusal { try await bench.stages.erase(bench.id("c-7f3a"), by: bench.caller) }?.code == .notFound)
            let log = try await bench.configuration.auditLog(of: bench.business.id, before: nil, limit: 99).map(\.entry)
            #expect(log.first?.action == "conversation.erase" && log.contains { $0.action == "conversation.reveal" })
            #expect(log.allSatisfy { !$0.subject.contains("c-7f3a") })
        }
    }
}
