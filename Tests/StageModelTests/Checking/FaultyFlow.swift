/// A flow with a fault planted, and all that the check says of it.
struct FaultyFlow: CustomStringConvertible {
    /// What the fault is.
    let description: String
    let plan: FlowPlan
    /// The findings in their order: code, place, and the example behind a colon.
    let findings: [String]

    init(_ description: String, _ plan: FlowPlan, _ findings: String...) {
        self.description = description
        self.plan = plan
        self.findings = findings
    }

    /// A flow of two stages without a fault, to plant faults in.
    static let ground = FlowPlan().stage("A", .entry).stage("Z", .final).rule("A", "Z")

    static let all = entries + stages + cycles + targets + conditions + repetitions + shadows + templates + unfilled
}
