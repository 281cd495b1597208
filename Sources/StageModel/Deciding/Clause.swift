public import CEL

/// One part of a condition that holds or does not by itself: an operand of `&&`, `||`, `!` or `? :` that is none of these.
public struct Clause: Sendable, Equatable {
    /// What a clause or an operand came to.
    public enum Outcome: Sendable {
        /// A value; a clause holds when its value is true.
        case value(CEL.Value)
        /// No value: why, and the full path of what was missing, such as `data.order_id`, if that is the reason.
        case error(message: String, missing: String?)
        /// It was not evaluated: it stands in the branch of a `? :` that was not taken, or a limit was reached before it.
        case notEvaluated
    }

    /// One side of a comparison, or what a function was called with.
    public struct Operand: Sendable, Equatable {
        /// The operand as it is written in the condition.
        public let text: String
        /// What it came to.
        public let outcome: Outcome
    }

    /// The clause as it is written in the condition.
    public let text: String
    /// What it came to.
    public let outcome: Outcome
    /// Both sides of a comparison; the target of a call or macro and its arguments that are not literals; empty for others.
    public let operands: [Operand]

    /// Whether the clause holds.
    public var holds: Bool { outcome == .value(.bool(true)) }
}

extension Clause.Outcome: Equatable {
    /// Whether two outcomes are the same. Values are compared as they are, so that what is not a number is the same as itself, and 1 is not 1.0.
    public static func == (left: Clause.Outcome, right: Clause.Outcome) -> Bool {
        switch (left, right) {
        case (.value(let left), .value(let right)): left.isIdentical(to: right)
        case (.error(let left, let leftMissing), .error(let right, let rightMissing)): left == right && leftMissing == rightMissing
        case (.notEvaluated, .notEvaluated): true
        case (.value, _), (.error, _), (.notEvaluated, _): false
        }
    }
}

extension CEL.Value {
    /// Values nested deeper than this are not compared, as in the language.
    private static let deepestComparison = 512

    /// Whether both are the same value of the same type; unlike `==`, what is not a number is identical to itself.
    func isIdentical(to other: CEL.Value, depth: Int = 0) -> Bool {
        guard depth < Self.deepestComparison else { return false }
        switch (self, other) {
        case (.double(let left), .double(let right)): return left == right || (left.isNaN && right.isNaN)
        case (.optional(let left), .optional(let right)):
            guard let left, let right else { return left == nil && right == nil }
            return left.isIdentical(to: right, depth: depth + 1)
        case (.list(let left), .list(let right)):
            return left.count == right.count && zip(left, right).allSatisfy { $0.isIdentical(to: $1, depth: depth + 1) }
        case (.map(let left), .map(let right)):
            return left.count == right.count
                && left.entries.allSatisfy { key, value in right[key: key].map { value.isIdentical(to: $0, depth: depth + 1) } ?? false }
        default: return typeName == other.typeName && self == other
        }
    }
}
