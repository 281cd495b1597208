extension Finding {
    /// The findings that a change brings about: those after it that were not there before. One is the same when its code and its place are
    /// the same; of several at one place only as many are new as have come to be more, first of all those that read otherwise than before.
    public static func caused(by after: [Finding], from before: [Finding]) -> [Finding] {
        var known = Dictionary(grouping: before, by: \.identity)
        let others = after.filter { finding in
            guard let index = known[finding.identity]?.firstIndex(of: finding) else { return true }
            known[finding.identity]?.remove(at: index)
            return false
        }
        return others.filter { known[$0.identity]?.popLast() == nil }
    }

    private struct Identity: Hashable {
        let code: Code
        let place: JSONPointer
    }

    private var identity: Identity { Identity(code: code, place: place) }
}
