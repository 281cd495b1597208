/// A compiled expression. Immutable; share it between threads and evaluate it as often as needed.
public struct Program: Sendable {
    /// The syntax tree that was compiled.
    public let tree: SyntaxTree
    private let root: any Node
    private let recordingRoot: any Node
    private let localCount: Int
    private let recordingLocalCount: Int
    private let limits: Limits

    init(root: any Node, recordingRoot: any Node, localCount: Int, recordingLocalCount: Int, limits: Limits, tree: SyntaxTree) {
        self.root = root
        self.recordingRoot = recordingRoot
        self.localCount = localCount
        self.recordingLocalCount = recordingLocalCount
        self.limits = limits
        self.tree = tree
    }

    /// The text of the expression.
    public var source: Source { tree.source }

    /// The value of the expression.
    /// - Parameter activation: the values of variables.
    /// - Throws: why there is no value.
    public func evaluate(_ activation: some Activation) throws(EvaluationError) -> Value {
        var context = Context(activation: activation, localCount: localCount, limits: limits)
        return try root.evaluate(&context)
    }

    /// Whether the condition holds.
    /// - Parameter activation: the values of variables.
    /// - Throws: why there is no truth value.
    public func test(_ activation: some Activation) throws(EvaluationError) -> Bool {
        var context = Context(activation: activation, localCount: localCount, limits: limits)
        return try root.test(&context)
    }

    /// Evaluates the expression and keeps the value of each sub-expression. All operands of `&&` and `||` are evaluated, even when one
    /// has decided. Slower than `evaluate`.
    /// - Parameter activation: the values of variables.
    public func evaluateRecording(_ activation: some Activation) -> Recording {
        var context = Context(activation: activation, localCount: recordingLocalCount, limits: limits)
        context.recorded = [:]
        do {
            let value = try recordingRoot.evaluate(&context)
            return Recording(result: .success(value), values: context.recorded ?? [:])
        } catch {
            return Recording(result: .failure(error), values: context.recorded ?? [:])
        }
    }
}

/// What an expression and its sub-expressions came to.
public struct Recording: Sendable {
    /// The value of the whole expression, or why it has none.
    public let result: Result<Value, EvaluationError>
    private let values: [Int: Result<Value, EvaluationError>]

    init(result: Result<Value, EvaluationError>, values: [Int: Result<Value, EvaluationError>]) {
        self.result = result
        self.values = values
    }

    /// What a sub-expression came to; nil when it was not evaluated, or lies in the body of a macro, which is evaluated many times.
    public subscript(expression: Expression) -> Result<Value, EvaluationError>? {
        if case .literal(let value) = expression.kind { return .success(value) }
        return values[expression.id]
    }
}
