import Fuzzing
import StageEngine
import StageModel
import StageStoreSQL
import Testing

@Suite("Importing: any file")
struct FuzzImportTests {
    /// `IMPORT_FUZZ_CASES` makes more than these.
    private static let run = FuzzRun("IMPORT", short: 300)

    private struct Counts {
        var imported = 0
        var tried = 0
        var refused = 0
    }

    @Test("Any file is imported as it is, or refused with its places, and then nothing has changed")
    func survives() async throws {
        var counts = Counts()
        for round in Self.run.rounds(of: 50) {
            try await EngineBench.with { bench in
                let plan = try await SampleFlow(in: bench)
                try await bench.rule(from: plan.greeting, to: plan.order, "has(data.order_id)", priority: 3, description: "Has an order")
                try await bench.rule(from: nil, to: plan.done, "message.text == 'bye'", .model)
                _ = try await bench.go(plan.order, "c")
                let file = FlowFile(try await bench.flow).jsonText
                for number in round {
                    var generator = Self.run.begin(number)
                    try await Self.check(Self.file(file, &generator), in: bench, &generator, &counts, Self.run.name(number))
                }
            }
        }
        Self.run.end()
        // Cases that are all refused, or none, would show little.
        if Self.run.cases.count > 200 { #expect(min(counts.imported, counts.tried, counts.refused) > Self.run.cases.count / 50, "\(counts)") }
    }

    private static func file(_ file: String, _ generator: inout CaseGenerator) -> [UInt8] {
        var document = LooseJSON(file)
        document.mutate(times: 1...3, using: &generator)
        var bytes = document.bytes
        if generator.isOnce(in: 6) { generator.mutate(&bytes, times: 1...3, pieces: HostileInput.bytes) }
        return bytes
    }

    private static func check(
        _ bytes: [UInt8], in bench: EngineBench, _ generator: inout CaseGenerator, _ counts: inout Counts, _ name: String
    ) async throws {
        let before = try await bench.store.flow(of: bench.business.id)
        let (pruning, isDryRun) = (generator.isOnce(in: 2), generator.isOnce(in: 3))
        do {
            let file = try FlowFile(json: try JSONValue(parsing: bytes))
            let findings = file.findings()
            if findings.contains(where: \.message.isEmpty) { Issue.record("\(name): a finding says nothing") }
            let plan = try await bench.configuration.importing(file, pruning: pruning, isDryRun: isDryRun, by: bench.caller)
            let after = try await bench.store.flow(of: bench.business.id)
            if isDryRun {
                counts.tried += 1
                if after?.revision != before?.revision { Issue.record("\(name): a dry run has changed something") }
            } else {
                counts.imported += 1
                try await checkImported(file, in: bench, pruning: pruning, plan, name)
            }
        } catch let error as InvalidInput {
            counts.refused += 1
            if error.faults.isEmpty { Issue.record("\(name) is refused without a place") }
        } catch let error as EngineError {
            counts.refused += 1
            if error.code == .internalError || error.code == .databaseUnavailable || (error.code == .invalidInput && error.faults.isEmpty) {
                Issue.record("\(name): \(error) \(error.debug ?? "")")
            }
        } catch is JSONSyntaxError {
            counts.refused += 1
        }
        // Bodies, revisions and all; the store's own, not what is kept in memory.
        let after = try await bench.store.flow(of: bench.business.id)
        if let before, let after, after.revision == before.revision {
            let isSame =
                after.stages.all == before.stages.all && after.rules.all == before.rules.all && after.templates.all == before.templates.all
                && after.agents.all == before.agents.all
            if !isSame { Issue.record("\(name): something has changed without a revision") }
        } else if before == nil || after == nil {
            Issue.record("\(name): the flow is not there")
        }
    }

    /// What was imported is there, and to import it again changes nothing.
    private static func checkImported(_ file: FlowFile, in bench: EngineBench, pruning: Bool, _ plan: ImportPlan, _ name: String) async throws {
        let flow = try await bench.flow
        let counts = [flow.agents.all.count, flow.templates.all.count, flow.stages.all.count, flow.rules.all.count]
        let wanted = [file.agents.count, file.templates.count, file.stages.count, file.rules.count]
        if pruning, counts != wanted { Issue.record("\(name): \(counts) are there of \(wanted)") }
        if zip(counts, wanted).contains(where: { $0 < $1 }) { Issue.record("\(name): \(counts) are there of \(wanted)") }
        let again = try await bench.configuration.importing(FlowFile(flow), pruning: true, isDryRun: true, by: bench.caller)
        if again.count(.unchanged) != again.steps.count { Issue.record("\(name): what was exported differs from what is there: \(again.steps)") }
    }
}
