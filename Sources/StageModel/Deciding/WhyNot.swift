public import CEL

/// Why a condition does not hold: the fewest clauses that kept it from holding, and values with which it would have held.
public struct WhyNot: Sendable, Equatable {
    /// A value for a variable, or for a field of one.
    public struct Assignment: Sendable {
        /// The variable and the fields that lead to the place, such as `["data", "order_id"]`.
        public let path: [String]
        /// The value; nil: there must be none.
        public let value: CEL.Value?

        /// Makes an assignment.
        public init(path: [String], value: CEL.Value?) {
            self.path = path
            self.value = value
        }

        /// The path as a condition would write it: `data.order_id`.
        public var text: String { path.dropFirst().reduce(path.first ?? "") { $0 + $1.pathStep } }
    }

    /// The smallest set of clauses that kept the condition from holding, in the order they stand in the source.
    public let clauses: [Clause]
    /// What each of the clauses would have to come to: true, or false under a `!`.
    public let wanted: [Bool]
    /// Values with which the condition holds, tried out; nil when none were found. Where what the clauses are about contradicts itself, they may be
    /// values for more clauses than these.
    public let values: [Assignment]?
}

extension WhyNot.Assignment: Equatable {
    /// Whether two assignments put the same value at the same place; what is not a number is the same as itself.
    public static func == (left: WhyNot.Assignment, right: WhyNot.Assignment) -> Bool {
        guard left.path == right.path else { return false }
        guard let value = left.value, let other = right.value else { return left.value == nil && right.value == nil }
        return value.isIdentical(to: other)
    }
}

extension Program {
    /// Why the condition does not hold; nil when it does.
    ///
    /// Takes clauses to be independent of each other: the set is the smallest one that makes the condition hold when each of its clauses comes to what is
    /// wanted. Among sets of the same size, one whose values are found is preferred, then the one that stands first in the source. Bounded in
    /// work, and a pure function of its arguments.
    /// - Parameters:
    ///   - bindings: the values of the variables.
    ///   - hints: values that a place can have, by the text of its path, such as those of an enumerated field; they are tried first.
    public func whyNot(_ bindings: Bindings, hints: [String: [CEL.Value]] = [:]) -> WhyNot? {
        if let holds = try? test(bindings), holds { return nil }
        let inquiry = WhyNot.Inquiry(self, bindings, hints: hints)
        let finding = inquiry.find()
        return WhyNot(clauses: finding.set.map { inquiry.clause($0.clause) }, wanted: finding.set.map(\.wanted), values: finding.values)
    }
}
