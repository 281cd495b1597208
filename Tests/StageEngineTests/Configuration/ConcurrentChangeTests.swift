@testable import StageEngine
import StageModel
import StageStore
import StageStoreSQL
import Testing

@Suite("Concurrent changes of a configuration")
struct ConcurrentChangeTests {
    @Test("50 that create at the same time all do, and the flow's revision has no gap")
    func creates() async throws {
        try await EngineBench.with { bench in
            let before = try await bench.flow.revision
            let outcomes = await withTaskGroup(of: EngineError?.self) { group in
                for number in 0..<50 {
                    group.addTask { await refusal { _ = try await bench.create(Agent(name: "Agent \(number)", description: "")) } }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.compactMap { $0 }.isEmpty, "\(outcomes.compactMap { $0?.message }.first ?? "")")
            let flow = try await bench.flow
            #expect(flow.agents.all.count == 50 && flow.revision == before + 50)
            var revisions: [Int64] = []
            for agent in flow.agents.all {
                revisions += try await bench.configuration.revisions(of: agent.id, in: bench.business.id, before: nil, limit: 9).map(\.flowRevision)
            }
            #expect(revisions.sorted() == (before + 1...before + 50).map { $0 })
        }
    }

    @Test("Two hundred wait for their turn at most; whoever comes then is told to try again")
    func tooMany() async {
        let (turns, business) = (ChangeTurns(), Business.ID())
        #expect(await turns.begin(business))
        let waiting = (0..<200).map { _ in Task { await turns.begin(business) } }
        while turns.count(business) < 200 { await Task.yield() }
        #expect(await turns.begin(business) == false)
        #expect(await turns.begin(Business.ID()), "Another business has a line of its own.")
        for _ in 0...200 { turns.end(business) }
        for task in waiting { #expect(await task.value) }
        #expect(await turns.begin(business), "All have ended.")
    }

    @Test("Replacements from two processes are each made on the one before")
    func replaces() async throws {
        try await EngineBench.with { bench in
            let template = try await bench.create(Template(name: "T", purpose: .stageSelection, content: ""))
            let other = try await bench.another()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for engine in [bench, other] {
                    group.addTask {
                        for _ in 0..<10 {
                            _ = try await engine.configuration.replace(template.id, ifRevision: .any, by: engine.caller, answering: { _ in nil }) {
                                old throws(EngineError) in
                                var body = old.body
                                body.content += "x"
                                return body
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            let last = try #require(try await bench.store.flow(of: bench.business.id)?.templates[template.id])
            #expect(last.revision == 21 && last.content == String(repeating: "x", count: 20))
            let revisions = try await bench.configuration.revisions(of: template.id, in: bench.business.id, before: nil, limit: 99)
            #expect(revisions.map(\.revision) == (1...21).reversed().map { Int64($0) })
            #expect(revisions.map { $0.body?["content"]?.string?.count } == (0...20).reversed().map { $0 })
        }
    }

    @Test("Of many that replace one revision one does")
    func oneRevision() async throws {
        try await EngineBench.with { bench in
            let template = try await bench.create(Template(name: "T", purpose: .stageSelection, content: ""))
            let outcomes = await withTaskGroup(of: EngineError?.self) { group in
                for number in 0..<10 {
                    group.addTask {
                        await refusal {
                            _ = try await bench.configuration.replace(template.id, ifRevision: .exactly(1), by: bench.caller, answering: { _ in nil })
                            {
                                _ throws(EngineError) in
                                Template(name: "T\(number)", purpose: .stageSelection, content: "")
                            }
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.count { $0 == nil } == 1)
            #expect(outcomes.compactMap { $0 }.allSatisfy { $0.code == .preconditionFailed && $0.current == 2 })
        }
    }
}
