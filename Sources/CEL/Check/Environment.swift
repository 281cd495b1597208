/// A variable with its type.
public struct VariableDeclaration: Sendable, Hashable {
    /// The name, with dots if it has a namespace.
    public let name: String
    /// The type.
    public let type: ValueType

    /// Declares a variable.
    public init(_ name: String, _ type: ValueType) {
        self.name = name
        self.type = type
    }
}

/// What expressions may refer to, and how large they may be. Immutable and shared; make one and compile many expressions with it.
public struct Environment: Sendable {
    /// The declared variables; a `Variable`'s index is a position in this list.
    public let variables: [VariableDeclaration]
    /// The namespace that names are looked up in first, such as `com.example`; empty for none.
    public let container: String
    /// How large expressions and evaluations may be.
    public let limits: Limits
    let functions: FunctionTable
    private let positions: [String: Int]
    private let prefixes: [String]

    /// Makes an environment.
    /// - Parameters:
    ///   - variables: what the host will bind.
    ///   - container: the namespace that names are looked up in first.
    ///   - functions: functions of the host's, beside those of the language.
    ///   - limits: how large expressions and evaluations may be.
    public init(variables: [VariableDeclaration] = [], container: String = "", functions: [Function] = [], limits: Limits = .standard) {
        self.variables = variables
        self.container = container
        self.limits = limits
        self.functions = FunctionTable.standard.adding(functions)
        positions = Dictionary(variables.enumerated().map { ($0.element.name, $0.offset) }) { first, _ in first }
        // `a.b` gives `a.b.` and `a.` and nothing.
        var parts = container.split(separator: ".")
        var prefixes: [String] = []
        while !parts.isEmpty {
            prefixes.append(parts.joined(separator: ".") + ".")
            parts.removeLast()
        }
        self.prefixes = prefixes + [""]
    }

    /// Reads an expression, checks it, and compiles it.
    /// - Parameters:
    ///   - source: the text of the expression.
    ///   - expecting: the type of the result; `dyn` for any.
    /// - Throws: all faults that were found.
    public func compile(_ source: String, expecting: ValueType = .dyn) throws(Diagnostics) -> Program {
        let tree = try parse(source)
        let checker = Checker(environment: self, source: tree.source)
        let diagnostics = checker.check(tree.root, expecting: expecting)
        if !diagnostics.isEmpty { throw Diagnostics(diagnostics) }
        return try compile(tree, expecting: expecting)
    }

    /// Reads an expression and compiles it without a check: what a check would refuse fails when it is evaluated.
    /// - Throws: the fault that ended the reading.
    public func compileUnchecked(_ source: String) throws(Diagnostics) -> Program { try compile(try parse(source), expecting: .dyn) }

    /// Reads an expression.
    /// - Throws: the fault that ended the reading.
    public func parse(_ source: String) throws(Diagnostics) -> SyntaxTree { try Parser.parse(Source(source), limits: limits) }

    /// The faults of an expression: none if it would compile.
    public func diagnose(_ source: String, expecting: ValueType = .dyn) -> [Diagnostic] {
        do {
            let tree = try parse(source)
            return Diagnostics(Checker(environment: self, source: tree.source).check(tree.root, expecting: expecting)).all
        } catch {
            return error.all
        }
    }

    private func compile(_ tree: SyntaxTree, expecting: ValueType) throws(Diagnostics) -> Program {
        do {
            var compiler = Compiler(environment: self, isRecording: false)
            let root = try compiler.compile(tree.root)
            var recorder = Compiler(environment: self, isRecording: true)
            let recordingRoot = try recorder.compile(tree.root)
            return Program(
                root: root, recordingRoot: recordingRoot, localCount: compiler.slotCount, recordingLocalCount: recorder.slotCount, limits: limits,
                tree: tree)
        } catch {
            throw Diagnostics([Diagnostic(error.code, error.message, at: error.range, in: tree.source)])
        }
    }

    /// The full names that a name may stand for, the innermost namespace first.
    func candidates(_ name: String, isRooted: Bool) -> [String] { isRooted || prefixes.count == 1 ? [name] : prefixes.map { $0 + name } }

    func variable(_ name: String) -> Variable? { positions[name].map { Variable(name: name, index: $0) } }

    /// The full name of the function that a name stands for; a leading dot looks at the root only.
    func globalFunction(_ name: String) -> String? {
        let isRooted = name.hasPrefix(".")
        return candidates(isRooted ? String(name.dropFirst()) : name, isRooted: isRooted).first { functions.hasGlobal($0) }
    }
}
