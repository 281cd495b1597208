/// What an evaluation has at hand: the host's variables, the variables of macros, and what may still be spent.
struct Context {
    let activation: any Activation
    var locals: [Value]
    var meter: Meter
    /// The failures of `cel.bind` values, by slot; nil while there are none.
    var failures: [Int: EvaluationError]?
    /// What sub-expressions came to, by their ids; only in evaluations that record.
    var recorded: [Int: Result<Value, EvaluationError>]?

    init(activation: any Activation, localCount: Int, limits: Limits) {
        self.activation = activation
        locals = localCount == 0 ? [] : Array(repeating: .null, count: localCount)
        meter = Meter(steps: limits.steps, maximumSize: limits.resultSize)
    }
}

/// A compiled expression.
protocol Node: AnyObject, Sendable {
    /// Where the expression stands in the source.
    var range: SourceRange { get }

    /// The value of the expression.
    func evaluate(_ context: inout Context) throws(EvaluationError) -> Value

    /// The value of the expression where a truth value is needed. Spares the making of a `Value`.
    func test(_ context: inout Context) throws(EvaluationError) -> Bool
}

extension Node {
    func test(_ context: inout Context) throws(EvaluationError) -> Bool {
        let value = try evaluate(&context)
        guard case .bool(let truth) = value else { throw self.notTruth(value) }
        return truth
    }

    func notTruth(_ value: Value) -> EvaluationError {
        EvaluationError(.noSuchOverload, "no such overload: a truth value is needed here, not \(value.typeName)").at(range)
    }
}

/// A node that is a condition by nature, and makes a `Value` only when asked for one.
protocol Condition: Node {}

extension Condition {
    func evaluate(_ context: inout Context) throws(EvaluationError) -> Value { .bool(try test(&context)) }
}

final class ConstantNode: Node {
    let range: SourceRange
    let value: Value

    init(_ value: Value, _ range: SourceRange) {
        self.value = value
        self.range = range
    }

    func evaluate(_ context: inout Context) throws(EvaluationError) -> Value { value }
}

final class VariableNode: Node {
    let range: SourceRange
    let variable: Variable

    init(_ variable: Variable, _ range: SourceRange) {
        self.variable = variable
        self.range = range
    }

    func evaluate(_ context: inout Context) throws(EvaluationError) -> Value {
        guard let value = context.activation.value(of: variable) else { throw EvaluationError.unknownName(variable.name).at(range) }
        return value
    }
}

final class LocalNode: Node {
    let range: SourceRange
    let slot: Int

    init(_ slot: Int, _ range: SourceRange) {
        self.slot = slot
        self.range = range
    }

    func evaluate(_ context: inout Context) throws(EvaluationError) -> Value { context.locals[slot] }
}

/// An expression that is known to fail, which matters only if it is evaluated.
final class FailingNode: Node {
    let range: SourceRange
    let error: EvaluationError

    init(_ error: EvaluationError, _ range: SourceRange) {
        self.error = error.at(range)
        self.range = range
    }

    func evaluate(_ context: inout Context) throws(EvaluationError) -> Value { throw error }
}

/// A node that notes what the node inside came to.
final class RecordingNode: Node {
    let range: SourceRange
    let id: Int
    let inner: any Node

    init(_ inner: any Node, id: Int) {
        self.inner = inner
        self.id = id
        range = inner.range
    }

    func evaluate(_ context: inout Context) throws(EvaluationError) -> Value {
        do {
            let value = try inner.evaluate(&context)
            context.recorded?[id] = .success(value)
            return value
        } catch {
            context.recorded?[id] = .failure(error)
            throw error
        }
    }
}

/// An operation in an evaluation that records: where an operand fails, those behind it are evaluated all the same, so that they are recorded.
final class OperandsNode: Node {
    let range: SourceRange
    let inner: any Node
    let operands: [RecordingNode]

    init(_ inner: any Node, _ operands: [RecordingNode]) {
        self.inner = inner
        self.operands = operands
        range = inner.range
    }

    func evaluate(_ context: inout Context) throws(EvaluationError) -> Value {
        do { return try inner.evaluate(&context) } catch {
            if error.code.isLimit { throw error }
            for operand in operands where context.recorded?[operand.id] == nil { _ = try? operand.evaluate(&context) }
            throw error
        }
    }
}
