/// A function that expressions may call.
public struct Function: Sendable {
    /// What a function does, by the number of its arguments; the target of a member call is the first.
    enum Implementation: Sendable {
        case unary(@Sendable (Value, inout Meter) throws(EvaluationError) -> Value)
        case binary(@Sendable (Value, Value, inout Meter) throws(EvaluationError) -> Value)
        case ternary(@Sendable (Value, Value, Value, inout Meter) throws(EvaluationError) -> Value)
        case variadic(@Sendable ([Value], inout Meter) throws(EvaluationError) -> Value)
    }

    /// The types of the arguments and of the result, of one form of a function.
    struct Signature: Sendable {
        let parameters: [ValueType]
        let result: ValueType

        init(_ parameters: [ValueType], _ result: ValueType) {
            self.parameters = parameters
            self.result = result
        }
    }

    /// The name, with its namespace if it has one.
    public let name: String
    /// Whether it is called as `target.name()`, the target being the first argument.
    public let isMember: Bool
    let signatures: [Signature]
    let implementation: Implementation

    /// The numbers of arguments it takes, the target included.
    var arities: Set<Int> { Set(signatures.map(\.parameters.count)) }

    static func global(_ name: String, _ implementation: Implementation, _ signatures: Signature...) -> Function {
        Function(name: name, isMember: false, signatures: signatures, implementation: implementation)
    }

    static func member(_ name: String, _ implementation: Implementation, _ signatures: Signature...) -> Function {
        Function(name: name, isMember: true, signatures: signatures, implementation: implementation)
    }

    private init(name: String, isMember: Bool, signatures: [Signature], implementation: Implementation) {
        self.name = name
        self.isMember = isMember
        self.signatures = signatures
        self.implementation = implementation
    }

    /// Makes a function of the host's.
    /// - Parameters:
    ///   - name: a name, with dots if it has a namespace.
    ///   - isMember: whether it is called as `target.name()`, the target being the first argument.
    ///   - parameters: the types of the arguments. Where a type is `dyn`, the body must check what it gets.
    ///   - result: the type of the result.
    ///   - body: must be a pure function of its arguments, since calls with constants are evaluated when compiled.
    public init(
        _ name: String, isMember: Bool = false, parameters: [ValueType], result: ValueType,
        body: @escaping @Sendable ([Value]) throws(EvaluationError) -> Value
    ) {
        self.init(
            name: name, isMember: isMember, signatures: [Signature(parameters, result)],
            implementation: .variadic { (arguments, _) throws(EvaluationError) in try body(arguments) })
    }
}

/// Functions by name, form and number of arguments.
struct FunctionTable: Sendable {
    struct Key: Hashable {
        let name: String
        let isMember: Bool
        let arity: Int
    }

    private let implementations: [Key: Function.Implementation]
    /// The signatures of each name.
    let members: [String: [Function.Signature]]
    let globals: [String: [Function.Signature]]

    /// Everything the language and its extension libraries define.
    static let standard = FunctionTable(
        BasicLibrary.functions + ConversionLibrary.functions + TimeLibrary.functions + StringLibrary.functions + MathLibrary.functions
            + ListLibrary.functions + SetLibrary.functions + EncoderLibrary.functions + OptionalLibrary.functions + NetworkLibrary.functions)

    init(_ functions: [Function]) {
        var implementations: [Key: Function.Implementation] = [:]
        var members: [String: [Function.Signature]] = [:]
        var globals: [String: [Function.Signature]] = [:]
        for function in functions {
            for arity in function.arities {
                implementations[Key(name: function.name, isMember: function.isMember, arity: arity)] = function.implementation
            }
            if function.isMember {
                members[function.name, default: []] += function.signatures
            } else {
                globals[function.name, default: []] += function.signatures
            }
        }
        self.implementations = implementations
        self.members = members
        self.globals = globals
    }

    private init(implementations: [Key: Function.Implementation], members: [String: [Function.Signature]], globals: [String: [Function.Signature]]) {
        self.implementations = implementations
        self.members = members
        self.globals = globals
    }

    /// This table and a host's functions; those take the place of functions of the same name, form and number of arguments.
    func adding(_ functions: [Function]) -> FunctionTable {
        if functions.isEmpty { return self }
        let added = FunctionTable(functions)
        return FunctionTable(
            implementations: implementations.merging(added.implementations) { $1 },
            members: members.merging(added.members) { old, new in new + old }, globals: globals.merging(added.globals) { old, new in new + old })
    }

    func implementation(_ name: String, isMember: Bool, arity: Int) -> Function.Implementation? {
        implementations[Key(name: name, isMember: isMember, arity: arity)]
    }

    /// Whether there is a function of this name that is not called on a target.
    func hasGlobal(_ name: String) -> Bool { globals[name] != nil }
}
