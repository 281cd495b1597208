import StageModel
import Testing

@Suite("Checking: what a change causes")
struct CheckingChangeTests {
    private static func finding(_ code: Finding.Code, _ place: String, _ message: String = "Says so.") -> Finding {
        Finding(code, .warning, at: .root.appending(place), message, remedy: "Do something.")
    }

    private static let (dead, cycle, other) = (finding(.deadEnd, "a"), finding(.endlessCycle, "a"), finding(.deadEnd, "b"))
    private static let (first, second, third) = (
        finding(.unknownVariable, "t", "No 'x'."), finding(.unknownVariable, "t", "No 'y'."), finding(.unknownVariable, "t", "No 'z'.")
    )

    static let changes: [(before: [Finding], after: [Finding], caused: [Finding])] = [
        ([], [], []), ([], [dead, cycle], [dead, cycle]), ([dead, cycle], [], []), ([dead], [dead], []),
        ([dead], [cycle, other], [cycle, other]),
        ([other], [dead, other, cycle], [dead, cycle]), ([dead, dead], [dead, dead, dead], [dead]),
        // What reads otherwise at the same place is the same; of more at one place the new one counts.
        ([first], [second], []), ([first], [first, second], [second]), ([second], [first, second], [first]),
        ([first, second], [third], []),
        ([first, second], [second, third, first], [third]), ([first], [second, third], [third]),
    ]

    @Test("The findings that were not there before are told, each once", arguments: changes)
    func caused(before: [Finding], after: [Finding], caused: [Finding]) { #expect(Finding.caused(by: after, from: before) == caused) }

    @Test("A rule that is deleted leaves a dead end, which is what the change causes")
    func deletedRule() {
        let plan = FlowPlan().stage("A", .entry).stage("B").stage("Z", .final).stage("Lost").rule("A", "B").rule("A", "Z").rule("Lost", "A")
        let (before, after) = (plan.rule("B", "Z").flow().findings, plan.flow().findings)
        #expect(before.map(plan.line) == ["unreachable_stage /stages/Lost"])
        #expect(Finding.caused(by: after, from: before).map(plan.line) == ["dead_end /stages/B"])
        #expect(Finding.caused(by: before, from: after) == [])
    }
}
