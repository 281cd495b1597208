public import StageModel
import StageStore

/// A stage as somebody has edited it, together with its rules: its own, and those from any stage to it.
public struct StageEdit: Sendable {
    public struct Rule: Sendable {
        /// nil: it is new.
        public let id: TransitionRule.ID?
        /// The revision that was edited.
        public let ifRevision: VersionCondition
        public let body: TransitionRule

        public init(id: TransitionRule.ID?, ifRevision: VersionCondition, body: TransitionRule) {
            self.id = id
            self.ifRevision = ifRevision
            self.body = body
        }
    }

    /// A rule that was taken away.
    public struct Removal: Sendable {
        public let id: TransitionRule.ID
        /// The revision that was seen.
        public let ifRevision: VersionCondition

        public init(id: TransitionRule.ID, ifRevision: VersionCondition) {
            self.id = id
            self.ifRevision = ifRevision
        }
    }

    /// The id of the stage; a new one has it already, so that its rules can name it.
    public let id: Stage.ID
    public let isNew: Bool
    /// The revision that was edited.
    public let ifRevision: VersionCondition
    public let body: Stage
    public let rules: [Rule]
    public let removed: [Removal]

    public init(
        id: Stage.ID, isNew: Bool, ifRevision: VersionCondition, body: Stage, rules: [Rule] = [], removed: [Removal] = []
    ) {
        self.id = id
        self.isNew = isNew
        self.ifRevision = ifRevision
        self.body = body
        self.rules = rules
        self.removed = removed
    }
}

/// What an edit comes to on a flow; nothing of it is saved yet.
public struct StageEditPlan: Sendable {
    /// The flow that it was checked on.
    public let base: Flow
    /// The flow as it would be then.
    public let result: Flow
    /// The stage as it would be then.
    public let stage: Saved<Stage>
    /// Everything that is wrong with it: with the stage at its members, with the rules at `/rules/N`.
    public let faults: [InputFault]
    let changes: [ConfigurationCommit.Change]
    let audit: [AuditEntry]

    /// The findings of the flow check that it brings about.
    public var findings: [Finding] { Finding.caused(by: result.findings, from: base.findings) }
}

extension TransitionRule {
    /// Whether the rule is edited with a stage: it leads away from it, or from any stage to it.
    func isEdited(with stage: Stage.ID) -> Bool { fromStageID == stage || (fromStageID == nil && toStageID == stage) }
}

extension Stage {
    /// The rules that are edited with a stage, in the order in which they are tried: its own, then those from any stage to it.
    public static func rules(editedWith id: ID, in flow: Flow) -> [Saved<TransitionRule>] {
        let rules = flow.rules.all.filter { $0.body.isEdited(with: id) }
        return rules.filter { $0.fromStageID != nil } + rules.filter { $0.fromStageID == nil }
    }
}
