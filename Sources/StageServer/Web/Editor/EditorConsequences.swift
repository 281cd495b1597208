import StageEngine
import StageModel

/// What saving would mean for conversations that are at the stage, and what the flow check would find then; told once before it is saved.
struct EditorConsequences {
    private let forThoseHere: [String]
    private let forAll: [String]
    private let findings: [String]
    /// Of a stage that is new: its id when it is saved.
    private let newStage: Stage.ID?

    /// - Parameters:
    ///   - here: how many conversations are at the stage.
    ///   - some: those of them that were looked at; nil: they are too many.
    init(of plan: StageEditPlan, here: Int64, some: [ConversationState]?) {
        findings = plan.findings.map { finding in
            [finding.message, finding.example.map { "For example: \($0)." }, finding.remedy].compactMap { $0 }.joined(separator: " ")
        }
        forAll = Self.privacy(plan)
        newStage = plan.base.stages[plan.stage.id] == nil ? plan.stage.id : nil
        guard let old = plan.base.stages[plan.stage.id] else {
            forThoseHere = []
            return
        }
        let changes = Changes(old: old.body, new: plan.stage.body, plan: plan, here: here, some: some)
        forThoseHere = here > 0 ? changes.sentences : []
    }

    var isEmpty: Bool { items.isEmpty }

    private var items: [String] { forThoseHere + forAll + findings }

    /// Stands for what is told: other consequences are told again.
    var token: String {
        let bytes = items.sorted().joined(separator: "\n").utf8
        return String(bytes.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }, radix: 16)
    }

    var model: PageValue {
        [
            "token": .text(token), "new_stage_id": .optional(newStage?.description), "headline": .text(headline), "items": .list(items) { .text($0) },
        ]
    }

    private var headline: String {
        guard forThoseHere.isEmpty else { return "This changes something for conversations that are here now." }
        guard forAll.isEmpty else { return "This changes something for conversations." }
        return findings.count == 1 ? "The flow check would find something." : "The flow check would find \(findings.count) things."
    }

    /// Sensitivity is of names, throughout the business.
    private static func privacy(_ plan: StageEditPlan) -> [String] {
        let (before, after) = (plan.base.sensitive.names, plan.result.sensitive.names)
        return after.subtracting(before).sorted().map { name in
            "'\(name)' becomes sensitive: it is sealed and masked in every conversation of the business, also where it is known already."
        }
            + before.subtracting(after).sorted().map { name in
                "'\(name)' is not sensitive any more: from now on it is shown as it is, in every conversation of the business."
            }
    }
}

/// What a change of a stage means for those who are there.
private struct Changes {
    let old: Stage
    let new: Stage
    let plan: StageEditPlan
    let here: Int64
    let some: [ConversationState]?

    private var those: String { here == 1 ? "the conversation that is here" : "the \(here.grouped) conversations here" }

    var sentences: [String] { required + rules + stay }

    private var required: [String] {
        let before = Set(old.configuration.fields.filter(\.isRequired).map(\.name))
        return new.configuration.fields.filter { $0.isRequired && !before.contains($0.name) }.compactMap { field in
            let asked = new.style == .form ? " and will be asked" : ""
            guard let some else { return "The field '\(field.name)' becomes required: conversations here may not have it yet\(asked)." }
            let lacking = some.count { ($0.data.merged[field.name] ?? .null).isNull }
            guard lacking > 0 else { return nil }
            let who = lacking == some.count ? those : "\(lacking) of \(those)"
            return "The field '\(field.name)' becomes required: \(who) \(lacking == 1 ? "does not" : "don't") have it yet\(asked)."
        }
    }

    /// Targets that rules of the stage led to, and none does any more.
    private var rules: [String] {
        func targets(_ flow: Flow) -> Set<Stage.ID> { Set(flow.rules.all.filter { $0.fromStageID == plan.stage.id }.map(\.toStageID)) }
        let after = targets(plan.result)
        return targets(plan.base).subtracting(after).compactMap { plan.base.stages[$0]?.name }.sorted().map { name in
            "No rule of this stage leads to '\(name)' any more: \(those) can't get there by one."
        }
    }

    private var stay: [String] {
        let (old, new) = (old.configuration, new.configuration)
        var sentences: [String] = []
        if self.old.agentID != self.new.agentID, let agent = self.new.agentID.flatMap({ plan.result.agents[$0] }) {
            sentences.append(
                "The stage becomes that of '\(agent.name)': conversations here that are held with others stay until led on."
            )
        }
        if new.isFinal, !old.isFinal {
            sentences.append(
                "The stage becomes final: who comes here is completed from now on; \(those) \(here == 1 ? "stays" : "stay") as before.")
        }
        if new.transitionPolicy == .strict, old.transitionPolicy == .open {
            sentences.append("The stage becomes strict: the API can move \(those) only as a rule allows.")
        }
        if new.timeout != old.timeout {
            sentences.append("The longest stay holds for those who come from now on; for \(those) it is as it was.")
        }
        if new.persistence.scope != old.persistence.scope {
            sentences.append(
                "What is learned here is \(new.persistence.scope.summary) from now on; what \(those) told before is kept as it was.")
        }
        return sentences
    }
}
