// Methods that a nested expression passes through are kept apart from rarer ones, whose variables would take room on every level of
// the stack.
extension Parser {
    private static let reservedWords: Set<String> = [
        "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package", "namespace", "return", "var", "void",
        "while",
    ]
    private static let keywords: Set<String> = ["true", "false", "null", "in"]

    /// What may follow a primary expression: selections, calls, indices.
    mutating func member(_ primary: Expression, from start: Int) throws(SyntaxError) -> Expression {
        var operand = primary
        while true {
            if try skip(.dot) {
                let isOptional = try skip(.question)
                let (name, isQuoted) = try fieldName()
                if !isOptional, !isQuoted, token.kind == .symbol(.openParenthesis) {
                    operand = try memberCall(operand, name, from: start)
                } else {
                    operand = try node(.select(operand, field: name, isOptional: isOptional), from: start)
                }
            } else if try skip(.openBracket) {
                let isOptional = try skip(.question)
                let index = try expression()
                try expect(.closeBracket)
                operand = try node(.index(operand, index, isOptional: isOptional), from: start)
            } else if token.kind == .symbol(.openBrace), let name = Self.qualifiedName(operand) {
                operand = try structure(name, from: start)
            } else {
                return operand
            }
        }
    }

    private mutating func fieldName() throws(SyntaxError) -> (name: String, isQuoted: Bool) {
        switch token.kind {
        case .identifier(let name) where !Self.keywords.contains(name):
            try advance()
            return (name, false)
        case .quotedIdentifier(let name):
            try advance()
            return (name, true)
        default: throw unexpected("a field name")
        }
    }

    @inline(never)
    private mutating func memberCall(_ target: Expression, _ name: String, from start: Int) throws(SyntaxError) -> Expression {
        let arguments = try self.arguments()
        if let macro = try memberMacro(target, name, arguments, range(from: start)) { return macro }
        return try node(.call(name, target: target, arguments: arguments), from: start)
    }

    private mutating func arguments() throws(SyntaxError) -> [Expression] {
        try expect(.openParenthesis)
        var arguments: [Expression] = []
        if try skip(.closeParenthesis) { return arguments }
        repeat { arguments.append(try expression()) } while try skip(.comma)
        try expect(.closeParenthesis)
        return arguments
    }

    mutating func primary() throws(SyntaxError) -> Expression {
        let start = token.range.start
        switch token.kind {
        case .int(let magnitude):
            guard let value = Int64(exactly: magnitude) else { throw SyntaxError(message: "the number is too large for an int", range: token.range) }
            return try literal(.int(value))
        case .uint(let value): return try literal(.uint(value))
        case .double(let value): return try literal(.double(value))
        case .string(let value): return try literal(.string(value))
        case .bytes(let value): return try literal(.bytes(value))
        case .identifier("true"): return try literal(.bool(true))
        case .identifier("false"): return try literal(.bool(false))
        case .identifier("null"): return try literal(.null)
        case .identifier: return try identifierOrCall(isRooted: false, from: start)
        case .symbol(.dot):
            try advance()
            return try identifierOrCall(isRooted: true, from: start)
        case .symbol(.openParenthesis):
            try advance()
            let inner = try expression()
            try expect(.closeParenthesis)
            return inner
        case .symbol(.openBracket): return try list(from: start)
        case .symbol(.openBrace):
            try advance()
            return try node(.map(try entries(keys: { (parser) throws(SyntaxError) in try parser.expression() })), from: start)
        case .quotedIdentifier, .symbol, .end: throw unexpected("an expression")
        }
    }

    @inline(never)
    private mutating func literal(_ value: Value) throws(SyntaxError) -> Expression {
        let range = token.range
        try advance()
        return try node(.literal(value), range)
    }

    @inline(never)
    private mutating func identifierOrCall(isRooted: Bool, from start: Int) throws(SyntaxError) -> Expression {
        guard case .identifier(let name) = token.kind, !Self.keywords.contains(name) else { throw unexpected("a name") }
        if Self.reservedWords.contains(name) { throw SyntaxError(message: "'\(name)' is a reserved word", range: token.range) }
        try advance()
        guard token.kind == .symbol(.openParenthesis) else { return try node(.identifier(name, isRooted: isRooted), from: start) }
        let arguments = try self.arguments()
        if name == "has", !isRooted { return try presence(arguments, range(from: start)) }
        return try node(.call(isRooted ? ".\(name)" : name, target: nil, arguments: arguments), from: start)
    }

    @inline(never)
    private mutating func list(from start: Int) throws(SyntaxError) -> Expression {
        try expect(.openBracket)
        var elements: [Expression.Element] = []
        while token.kind != .symbol(.closeBracket) {
            if elements.isEmpty, try skip(.comma) { break }
            let isOptional = try skip(.question)
            elements.append(Expression.Element(value: try expression(), isOptional: isOptional))
            guard try skip(.comma) else { break }
        }
        try expect(.closeBracket)
        return try node(.list(elements), from: start)
    }

    /// Entries up to and with the closing brace.
    @inline(never)
    private mutating func entries(keys: (inout Parser) throws(SyntaxError) -> Expression) throws(SyntaxError) -> [Expression.Entry] {
        var entries: [Expression.Entry] = []
        while token.kind != .symbol(.closeBrace) {
            if entries.isEmpty, try skip(.comma) { break }
            let isOptional = try skip(.question)
            let key = try keys(&self)
            try expect(.colon)
            entries.append(Expression.Entry(key: key, value: try expression(), isOptional: isOptional))
            guard try skip(.comma) else { break }
        }
        try expect(.closeBrace)
        return entries
    }

    @inline(never)
    private mutating func structure(_ name: String, from start: Int) throws(SyntaxError) -> Expression {
        try expect(.openBrace)
        let entries = try entries { (parser) throws(SyntaxError) in
            let range = parser.token.range
            let (name, _) = try parser.fieldName()
            return try parser.node(.literal(.string(name)), range)
        }
        return try node(.structure(name, entries), from: start)
    }

    /// The dotted name that a chain of selections spells, with a leading dot if it was written with one.
    static func qualifiedName(_ expression: Expression) -> String? {
        var fields: [String] = []
        var current = expression
        while true {
            switch current.kind {
            case .select(let operand, let field, isOptional: false):
                fields.append(field)
                current = operand
            case .identifier(let name, let isRooted):
                fields.append(isRooted ? ".\(name)" : name)
                return fields.reversed().joined(separator: ".")
            default: return nil
            }
        }
    }
}
