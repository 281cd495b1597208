import CEL

extension Clause.Outcome {
    /// Whether it is the value true.
    public var isTrue: Bool {
        if case .value(.bool(true)) = self { true } else { false }
    }

    /// What it came to, in words: the value as conditions write it, or why there is none.
    public var text: String {
        switch self {
        case .value(let value): "\(value)"
        case .error(let message, let missing): missing.map { "\($0) is not there" } ?? message
        case .notEvaluated: "not evaluated"
        }
    }
}
