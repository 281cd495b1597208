/// How large an expression and its evaluation may be.
public struct Limits: Sendable, Equatable {
    /// The most bytes of source.
    public var sourceLength: Int
    /// The deepest that expressions may nest, counting every operator, call, index and bracket. Chains of `&&` or of `||` count once.
    public var nesting: Int
    /// The most steps of an evaluation. Every operation is a step; work over long values is a step for sixteen bytes or elements.
    public var steps: Int
    /// The most elements, characters or bytes of any value that an evaluation makes.
    public var resultSize: Int

    /// Makes limits. The defaults end every evaluation within some ten milliseconds.
    public init(sourceLength: Int = 64 * 1024, nesting: Int = 200, steps: Int = 500_000, resultSize: Int = 1024 * 1024) {
        self.sourceLength = sourceLength
        self.nesting = nesting
        self.steps = steps
        self.resultSize = resultSize
    }

    /// The defaults.
    public static let standard = Limits()
}
