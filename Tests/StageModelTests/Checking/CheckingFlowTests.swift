import Foundation
@testable import StageModel
import Testing

@Suite("Checking: flows")
struct CheckingFlowTests {
    @Test("A planted fault is found at its place, and nothing else", arguments: FaultyFlow.all)
    func faulty(flow: FaultyFlow) { #expect(flow.plan.flow().findings.map(flow.plan.line) == flow.findings) }

    @Test("A sound flow has no findings", arguments: SoundFlow.all)
    func sound(flow: SoundFlow) { #expect(flow.plan.flow().findings.map(\.message) == []) }

    @Test("The tables are as long as they are meant to be, with every code in them")
    func tables() {
        #expect(FaultyFlow.all.count >= 45 && SoundFlow.all.count >= 18)
        let found = Set(FaultyFlow.all.flatMap { $0.findings.map { String($0.prefix { $0 != " " }) } })
        #expect(found == Set(Finding.Code.allCases.map(\.rawValue)))
    }

    @Test("The same definitions in another order give the same findings", arguments: FaultyFlow.all)
    func order(flow: FaultyFlow) {
        let findings = flow.plan.flow().findings
        for seed in 1...3 { #expect(flow.plan.flow(shuffledBy: SeededGenerator(seed: seed)).findings == findings) }
    }

    @Test("Every finding tells a sentence, names by their names, and what to do", arguments: FaultyFlow.all)
    func prose(flow: FaultyFlow) throws {
        for finding in flow.plan.flow().findings {
            for text in [finding.message, finding.remedy] {
                #expect(text.first?.isUppercase == true && text.last.map { ".?".contains($0) } == true && !text.contains("\n"), "\(text)")
                #expect(!text.contains("  ") && !text.contains("Optional("), "\(text)")
            }
            #expect(throws: Never.self) { try Finding.schema.check(JSONValue(parsing: finding.jsonBytes)) }
        }
    }

    static let errors: Set<Finding.Code> = [.noEntry, .targetMissing, .targetForeign, .invalidCondition, .invalidDefinition]

    @Test("What can't work is an error and the rest a warning; errors come first, then all by place", arguments: FaultyFlow.all)
    func severity(flow: FaultyFlow) {
        let findings = flow.plan.flow().findings
        for finding in findings { #expect((finding.severity == .error) == Self.errors.contains(finding.code)) }
        for (earlier, later) in zip(findings, findings.dropFirst()) {
            guard earlier.severity == later.severity else {
                #expect(earlier.severity == .error)
                continue
            }
            #expect(!later.place.description.utf8.lexicographicallyPrecedes(earlier.place.description.utf8))
        }
    }

    private static let demo = Result {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../../Sources/stagekeeper/Demo/order-support.json")
        return try FlowFile(json: JSONValue(parsing: Data(contentsOf: path)))
    }

    @Test("The demo business has no findings", .enabled(if: (try? demo.get().rules.isEmpty) == false, "The demo flow has no rules."))
    func demoBusiness() throws { #expect(try Self.demo.get().findings().map(\.message) == []) }

    @Test("A flow of 5,000 stages and 15,000 rules is checked, sound and with its last step left out")
    func large() {
        let stages: [Saved<Stage>] = (1...5000).map { number in
            var stage = Sample.stage("S\(number)", isEntry: number == 1)
            stage.configuration.isFinal = number == 5000
            stage.configuration.fields = [DataField(name: "f\(number % 300)")]
            return Sample.saved(Sample.id(number), stage)
        }
        let rules: [Saved<TransitionRule>] = (0..<15000).map { number in
            let (stage, step) = (number / 3 + 1, number % 3)
            let to: Stage.ID = Sample.id(step == 0 ? min(stage + 1, 5000) : max(1, stage - step * 7))
            let rule = TransitionRule(from: Sample.id(stage), to: to, condition: "data.f\(number % 300) == 1")
            return Sample.saved(Sample.id(number + 1), rule)
        }
        func flow(_ rules: [Saved<TransitionRule>]) -> Flow {
            Flow(business: Sample.business, templates: Sample.templates, stages: stages, rules: rules)
        }
        #expect(flow(rules).findings == [])
        let withoutLastStep = rules.filter { $0.toStageID != Sample.id(5000) }
        let findings = flow(withoutLastStep).findings
        #expect(findings.map(\.code) == [.endlessCycle, .unreachableStage])
        #expect(findings.first?.message.contains(" and 4979 more lead to each other") == true, "\(findings)")
    }
}
