import StageModel
import StageStore

/// That others have saved the stage, or one of its rules, after the form was made: what is different, and which version is chosen.
struct EditorConflict {
    struct Difference {
        let member: EditorMember
        let yours: String
        let theirs: String
        let keepsYours: Bool
    }

    let differences: [Difference]
    /// Who saved last, and when.
    let author: String
    let revisionName: String
    let savedAt: Timestamp
    let reloadPath: String

    func model(now: Timestamp) -> PageValue {
        [
            "author": .text(author), "revision_name": .text(revisionName), "saved_at": .moment(savedAt, now: now),
            "reload_path": .text(reloadPath),
            "differences": .list(differences) { difference in
                [
                    "member": .text(difference.member.rawValue), "label": .text(difference.member.label), "yours": .text(difference.yours),
                    "theirs": .text(difference.theirs), "keeps_yours": .flag(difference.keepsYours),
                ]
            },
        ]
    }
}

extension StageDraft {
    /// The draft on top of what is saved now, so that saving it replaces that, knowingly. Rules that others have made meanwhile join it; those
    /// of its own that they have deleted become new ones.
    func rebased(on theirs: StageDraft) -> StageDraft {
        var draft = self
        draft.ifMatch = theirs.ifMatch
        let current = Dictionary(theirs.rules.map { ($0.id, $0.ifMatch) }, uniquingKeysWith: { first, _ in first })
        for row in draft.rules.indices where !draft.rules[row].id.isEmpty {
            let revision = current[draft.rules[row].id]
            draft.rules[row].ifMatch = revision ?? ""
            if revision == nil { draft.rules[row].id = "" }
        }
        let known = Set(knownRules.map(\.id.description) + rules.map(\.id))
        let added = theirs.rules.filter { !known.contains($0.id) }
        let joined = draft.rules + added
        draft.rules = joined.filter { !$0.isFromAny } + joined.filter(\.isFromAny)
        draft.knownRules = theirs.knownRules
        return draft
    }

    /// Whether others have saved or deleted a rule of the draft.
    func hasStaleRules(against theirs: StageDraft) -> Bool {
        let current = Dictionary(theirs.knownRules.map { ($0.id, $0.revision) }, uniquingKeysWith: { first, _ in first })
        return knownRules.contains { known in
            guard let revision = current[known.id] else { return true }
            return known.revision != nil && known.revision != revision
        }
    }

    /// Where the draft differs from what is saved.
    /// - Parameter keepsYours: which version is chosen.
    func differences(from theirs: StageDraft, in flow: Flow, keepsYours: (EditorMember) -> Bool) -> [EditorConflict.Difference] {
        EditorMember.allCases.filter { !$0.isSame(self, theirs) }.map { member in
            EditorConflict.Difference(
                member: member, yours: member.text(of: self, in: flow), theirs: member.text(of: theirs, in: flow),
                keepsYours: keepsYours(member))
        }
    }
}

/// Which version was chosen of each member that differed.
struct EditorChoices {
    /// Whether one's own is kept.
    private(set) var keepsYours: [EditorMember: Bool] = [:]

    init(_ form: Form) {
        for member in EditorMember.allCases {
            if let choice = form["choose.\(member.rawValue)"] { keepsYours[member] = choice != "theirs" }
        }
    }

    var isEmpty: Bool { keepsYours.isEmpty }

    mutating func chooseAll(_ side: EditorAction.Side) { keepsYours = keepsYours.mapValues { _ in side == .yours } }

    /// The draft with the other's version where that was chosen.
    func applied(to draft: StageDraft, theirs: StageDraft) -> StageDraft {
        var draft = draft
        for (member, isKept) in keepsYours where !isKept { member.copy(from: theirs, to: &draft) }
        return draft
    }
}
