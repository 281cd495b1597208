/// What an evaluation may still spend.
struct Meter {
    /// Steps that are left.
    private(set) var steps: Int
    /// The most elements, characters or bytes that a value made by the evaluation may have.
    let maximumSize: Int

    init(steps: Int, maximumSize: Int) {
        self.steps = steps
        self.maximumSize = maximumSize
    }

    /// For comparisons outside an evaluation.
    static var unlimited: Meter { Meter(steps: .max, maximumSize: .max) }

    /// Spends one step.
    @inline(__always)
    mutating func step() throws(EvaluationError) {
        steps -= 1
        if steps < 0 { throw Self.exhausted }
    }

    /// Spends the steps of an operation that takes as long as so many others. A step stands for some twenty nanoseconds.
    @inline(__always)
    mutating func spend(_ count: Int) throws(EvaluationError) {
        steps -= count
        if steps < 0 { throw Self.exhausted }
    }

    /// Spends the steps of an operation whose work grows with the size of its operands; sixteen bytes or elements are one step.
    @inline(__always)
    mutating func charge(_ size: Int) throws(EvaluationError) {
        steps -= size >> 4
        if steps < 0 { throw Self.exhausted }
    }

    /// Refuses a value that is too large, and spends what it takes to make it.
    @inline(__always)
    mutating func admit(size: Int) throws(EvaluationError) {
        if size > maximumSize {
            throw EvaluationError(.sizeLimit, "a value of size \(size) is larger than the limit of \(maximumSize)")
        }
        try charge(size)
    }

    private static var exhausted: EvaluationError { EvaluationError(.stepLimit, "the expression takes more steps than the limit") }
}
