/// Reads expressions by recursive descent, one method for each rule of the grammar; operators by precedence.
struct Parser {
    private var lexer: Lexer
    private(set) var token: Token
    private var previousEnd = 0
    private var depth = 0
    private(set) var nodeCount = 0
    private let limits: Limits

    /// Reads an expression.
    /// - Throws: the first fault.
    static func parse(_ source: Source, limits: Limits = .standard) throws(Diagnostics) -> SyntaxTree {
        let length = source.text.utf8.count
        guard length <= limits.sourceLength else {
            let message = "the source has \(length) bytes, the limit is \(limits.sourceLength)"
            throw Diagnostics([Diagnostic(.limit, message, at: SourceRange(start: 0, end: 1), in: Source(String(source.text.prefix(80))))])
        }
        do throws(SyntaxError) {
            var parser = try Parser(source, limits: limits)
            let root = try parser.expression()
            guard parser.token.kind == .end else { throw parser.unexpected("an operator or the end") }
            return SyntaxTree(root: root, source: source, nodeCount: parser.nodeCount)
        } catch {
            throw Diagnostics([Diagnostic(error.code, error.message, at: error.range, in: source)])
        }
    }

    private init(_ source: Source, limits: Limits) throws(SyntaxError) {
        self.limits = limits
        lexer = Lexer(source)
        token = try lexer.next()
    }

    // MARK: Tokens and nodes

    mutating func advance() throws(SyntaxError) {
        previousEnd = token.range.end
        token = try lexer.next()
    }

    mutating func skip(_ symbol: Token.Symbol) throws(SyntaxError) -> Bool {
        guard token.kind == .symbol(symbol) else { return false }
        try advance()
        return true
    }

    mutating func expect(_ symbol: Token.Symbol) throws(SyntaxError) {
        guard try skip(symbol) else { throw unexpected("'\(symbol.rawValue)'") }
    }

    func unexpected(_ wanted: String) -> SyntaxError { SyntaxError(message: "expected \(wanted), not \(token.name)", range: token.range) }

    func range(from start: Int) -> SourceRange { SourceRange(start: start, end: max(start, previousEnd)) }

    func tooDeep(_ range: SourceRange) -> SyntaxError {
        SyntaxError(code: .limit, message: "the expression nests deeper than the limit of \(limits.nesting)", range: range)
    }

    /// Makes a node, which may not lie higher above its leaves than the limit.
    mutating func node(_ kind: Expression.Kind, from start: Int) throws(SyntaxError) -> Expression {
        try node(kind, range(from: start))
    }

    mutating func node(_ kind: Expression.Kind, _ range: SourceRange) throws(SyntaxError) -> Expression {
        let height = 1 + (kind.children.lazy.map(\.height).max() ?? 0)
        guard height <= limits.nesting else { throw tooDeep(SourceRange(start: range.start, end: range.start + 1)) }
        defer { nodeCount += 1 }
        return Expression(id: nodeCount, kind: kind, range: range, height: height)
    }

    private mutating func enter() throws(SyntaxError) {
        depth += 1
        if depth > limits.nesting { throw tooDeep(token.range) }
    }

    // MARK: Operators

    mutating func expression() throws(SyntaxError) -> Expression {
        try enter()
        defer { depth -= 1 }
        let start = token.range.start
        let condition = try chain(.or)
        guard try skip(.question) else { return condition }
        let first = try chain(.or)
        try expect(.colon)
        let second = try expression()
        return try node(.conditional(condition, first, second), from: start)
    }

    /// A chain of `||`, or of `&&`.
    private mutating func chain(_ symbol: Token.Symbol) throws(SyntaxError) -> Expression {
        let start = token.range.start
        var operands = [symbol == .or ? try chain(.and) : try binary(minimum: 1)]
        while try skip(symbol) { operands.append(symbol == .or ? try chain(.and) : try binary(minimum: 1)) }
        guard operands.count > 1 else { return operands[0] }
        return try node(symbol == .or ? .or(operands) : .and(operands), from: start)
    }

    /// Comparisons bind weakest (1), then sums (2), then products (3); all of them to the left.
    private mutating func binary(minimum: Int) throws(SyntaxError) -> Expression {
        let start = token.range.start
        var left = try unary()
        while let (binaryOperator, precedence) = binaryOperator, precedence >= minimum {
            try advance()
            let right = try binary(minimum: precedence + 1)
            left = try node(.binary(binaryOperator, left, right), from: start)
        }
        return left
    }

    private var binaryOperator: (BinaryOperator, Int)? {
        switch token.kind {
        case .identifier("in"): (.within, 1)
        case .symbol(let symbol):
            switch symbol {
            case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: BinaryOperator(rawValue: symbol.rawValue).map { ($0, 1) }
            case .plus, .minus: BinaryOperator(rawValue: symbol.rawValue).map { ($0, 2) }
            case .times, .slash, .percent: BinaryOperator(rawValue: symbol.rawValue).map { ($0, 3) }
            default: nil
            }
        default: nil
        }
    }

    private mutating func unary() throws(SyntaxError) -> Expression {
        let start = token.range.start
        if try skip(.not) { return try node(.not(try operand()), from: start) }
        if token.kind == .symbol(.minus) {
            try advance()
            // The sign belongs to a number, so that the least int can be written.
            if let literal = try negativeNumber(from: start) { return try member(literal, from: start) }
            return try node(.negate(try operand()), from: start)
        }
        return try member(try primary(), from: start)
    }

    /// What a sign stands before.
    private mutating func operand() throws(SyntaxError) -> Expression {
        try enter()
        defer { depth -= 1 }
        return try unary()
    }

    private mutating func negativeNumber(from start: Int) throws(SyntaxError) -> Expression? {
        let value: Value
        switch token.kind {
        case .int(let magnitude):
            guard magnitude <= UInt64(Int64.max) + 1 else { throw SyntaxError(message: "the number is too small for an int", range: token.range) }
            value = .int(Int64(truncatingIfNeeded: 0 &- magnitude))
        case .double(let magnitude): value = .double(-magnitude)
        default: return nil
        }
        try advance()
        return try node(.literal(value), from: start)
    }
}
