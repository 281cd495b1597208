/// Turns a syntax tree into nodes: names become variables or slots, calls become functions, and what is constant is computed.
struct Compiler {
    /// The most nodes that an expression may become; only `cel.block` makes more of them than it has source.
    private static let mostNodes = 50_000

    let environment: Environment
    /// Whether the nodes note their values.
    let isRecording: Bool
    private var scope: [(name: String, slot: Int, isBound: Bool)] = []
    private(set) var slotCount = 0
    private var nodeCount = 0
    /// The steps that computing constants may still take, in all.
    private var foldingSteps = 50_000
    /// How many macro bodies stand around the expression at hand. What is evaluated again and again isn't recorded.
    private var bodyDepth = 0

    init(environment: Environment, isRecording: Bool) {
        self.environment = environment
        self.isRecording = isRecording
    }

    mutating func compile(_ expression: Expression) throws(SyntaxError) -> any Node {
        nodeCount += 1
        if nodeCount > Self.mostNodes {
            throw SyntaxError(code: .limit, message: "the expression expands to more than \(Self.mostNodes) nodes", range: expression.range)
        }
        let node = try build(expression)
        guard isRecording, bodyDepth == 0 else { return node }
        // Literals tell their values themselves; the names of types don't.
        if case .literal = expression.kind { return node }
        return RecordingNode(node, id: expression.id)
    }

    /// A comparison or call whose operands are recorded even where one before them fails.
    private func recordingAll(_ node: any Node, _ operands: [any Node]) -> any Node {
        guard isRecording, bodyDepth == 0, operands.count > 1 else { return node }
        return OperandsNode(node, operands.compactMap { $0 as? RecordingNode })
    }

    private mutating func build(_ expression: Expression) throws(SyntaxError) -> any Node {
        let range = expression.range
        switch expression.kind {
        case .literal(let value): return ConstantNode(value, range)
        case .identifier, .select(_, _, isOptional: false): return try name(expression)
        case .select(let target, let field, isOptional: true):
            let operand = try compile(target)
            return folded(OptionalSelectNode(operand, field, range), [operand])
        case .presence(let target, let field, _):
            let operand = try compile(target)
            return folded(PresenceNode(operand, field, range), [operand])
        case .index(let target, let key, let isOptional):
            let (operand, index) = (try compile(target), try compile(key))
            return folded(IndexNode(operand, index, isOptional: isOptional, range), [operand, index])
        case .call(let name, let target, let arguments): return try call(name, target, arguments, range)
        case .not(let inner):
            let operand = try compile(inner)
            return folded(NotNode(operand, range), [operand])
        case .negate(let inner):
            let operand = try compile(inner)
            return folded(NegateNode(operand, range), [operand])
        case .binary(let symbol, let left, let right):
            return binary(symbol, try compile(left), try compile(right), range)
        case .and(let chain):
            let operands = try compile(chain)
            return folded(ChainNode(operands, deciding: false, isExhaustive: isRecording, range), operands)
        case .or(let chain):
            let operands = try compile(chain)
            return folded(ChainNode(operands, deciding: true, isExhaustive: isRecording, range), operands)
        case .conditional(let condition, let first, let second):
            let nodes = [try compile(condition), try compile(first), try compile(second)]
            return folded(ConditionalNode(nodes[0], nodes[1], nodes[2], range), nodes)
        case .list(let elements):
            let nodes = try compile(elements.map(\.value))
            let optionals = Set(elements.indices.filter { elements[$0].isOptional })
            return folded(ListNode(nodes, optionals: optionals, range), nodes)
        case .map(let entries):
            var nodes: [(key: any Node, value: any Node, isOptional: Bool)] = []
            for entry in entries { nodes.append((try compile(entry.key), try compile(entry.value), entry.isOptional)) }
            return folded(MapNode(nodes, range), nodes.flatMap { [$0.key, $0.value] })
        case .structure(let name, let entries): return try structure(name, entries, range)
        case .comprehension(let macro): return try comprehension(macro, range)
        case .bind(let name, let initial, let body):
            let value = try compile(initial)
            let slot = enter(name, isBound: true)
            defer { scope.removeLast() }
            return BindNode(slot, value, try compile(body), range)
        }
    }

    private mutating func compile(_ expressions: [Expression]) throws(SyntaxError) -> [any Node] {
        var nodes: [any Node] = []
        nodes.reserveCapacity(expressions.count)
        for expression in expressions { nodes.append(try compile(expression)) }
        return nodes
    }

    private mutating func enter(_ name: String, isBound: Bool = false) -> Int {
        let slot = (scope.map(\.slot).max() ?? -1) + 1
        slotCount = max(slotCount, slot + 1)
        scope.append((name, slot, isBound))
        return slot
    }

    // MARK: Names

    /// A name, or selections on one: the longest dotted name that is a variable or type, and the rest as fields.
    @inline(never)
    private mutating func name(_ expression: Expression) throws(SyntaxError) -> any Node {
        var chain: [Expression] = []
        var current = expression
        while case .select(let operand, _, isOptional: false) = current.kind {
            chain.append(current)
            current = operand
        }
        chain.reverse()
        guard case .identifier(let root, let isRooted) = current.kind else {
            guard case .select(let target, let field, _) = expression.kind else { return try build(current) }
            let operand = try compile(target)
            return folded(SelectNode(operand, field, expression.range), [operand])
        }
        if !isRooted, let local = scope.last(where: { $0.name == root }) {
            let node: any Node = local.isBound ? BoundNode(local.slot, current.range) : LocalNode(local.slot, current.range)
            return fields(of: recorded(node, current), chain[...])
        }
        var names = [root]
        for select in chain {
            if case .select(_, let field, _) = select.kind { names.append("\(names[names.count - 1]).\(field)") }
        }
        for length in names.indices.reversed() {
            for candidate in environment.candidates(names[length], isRooted: isRooted) {
                let place = length == 0 ? current : chain[length - 1]
                if let variable = environment.variable(candidate) {
                    return fields(of: recorded(VariableNode(variable, place.range), place), chain[length...])
                }
                if candidate == TypeNames.nullConstant { return fields(of: ConstantNode(.int(0), place.range), chain[length...]) }
                if TypeNames.all.contains(candidate) { return fields(of: ConstantNode(.type(candidate), place.range), chain[length...]) }
            }
        }
        return fields(of: recorded(FailingNode(.unknownName(root), current.range), current), chain[...])
    }

    private func fields(of node: any Node, _ chain: ArraySlice<Expression>) -> any Node {
        var node = node
        for select in chain {
            guard case .select(_, let field, _) = select.kind else { continue }
            if let variable = node as? VariableNode {
                node = VariableFieldNode(variable, field, select.range)
            } else {
                node = SelectNode(node, field, select.range)
            }
            // The last is recorded by its caller.
            if select.id != chain.last?.id { node = recorded(node, select) }
        }
        return node
    }

    private func recorded(_ node: any Node, _ expression: Expression) -> any Node {
        isRecording && bodyDepth == 0 ? RecordingNode(node, id: expression.id) : node
    }

    private func isLocal(_ target: Expression) -> Bool {
        var current = target
        while case .select(let operand, _, _) = current.kind { current = operand }
        guard case .identifier(let name, isRooted: false) = current.kind else { return false }
        return scope.contains { $0.name == name }
    }

    // MARK: Calls

    @inline(never)
    private mutating func call(_ name: String, _ target: Expression?, _ arguments: [Expression], _ range: SourceRange) throws(SyntaxError) -> any Node
    {
        if let target {
            if !isLocal(target), let prefix = Parser.qualifiedName(target), let global = environment.globalFunction("\(prefix).\(name)") {
                return function(global, isMember: false, try compile(arguments), range)
            }
            let nodes = [try compile(target)] + (try compile(arguments))
            if name == "or" || name == "orValue", nodes.count == 2 {
                return folded(OptionalOrNode(nodes[0], nodes[1], isValue: name == "orValue", range), nodes)
            }
            return function(name, isMember: true, nodes, range)
        }
        let nodes = try compile(arguments)
        guard let global = environment.globalFunction(name) else {
            return FailingNode(EvaluationError(.noSuchOverload, "no such function: \(name)"), range)
        }
        return function(global, isMember: false, nodes, range)
    }

    private mutating func function(_ name: String, isMember: Bool, _ arguments: [any Node], _ range: SourceRange) -> any Node {
        if arguments.count == 2, let constant = arguments[1] as? ConstantNode, case .string(let text) = constant.value {
            if name == "matches", let pattern = try? RegularExpression(text) {
                return folded(MatchesNode(arguments[0], pattern, range), [arguments[0]])
            }
            if name == "contains", isMember { return folded(ContainsNode(arguments[0], text, range), [arguments[0]]) }
        }
        guard let implementation = environment.functions.implementation(name, isMember: isMember, arity: arguments.count) else {
            let form = isMember ? "target." : ""
            return FailingNode(EvaluationError(.noSuchOverload, "no such overload: \(form)\(name) with \(arguments.count) operands"), range)
        }
        switch implementation {
        case .unary(let body): return folded(UnaryNode(body, arguments[0], range), arguments)
        case .binary(let body): return recordingAll(folded(BinaryNode(body, arguments[0], arguments[1], range), arguments), arguments)
        case .ternary(let body):
            return recordingAll(folded(TernaryNode(body, arguments[0], arguments[1], arguments[2], range), arguments), arguments)
        case .variadic(let body): return recordingAll(folded(VariadicNode(body, arguments, range), arguments), arguments)
        }
    }

    @inline(never)
    private mutating func binary(_ symbol: BinaryOperator, _ left: any Node, _ right: any Node, _ range: SourceRange) -> any Node {
        let node: any Node
        switch symbol {
        case .add: node = ArithmeticNode(.add, left, right, range)
        case .subtract: node = ArithmeticNode(.subtract, left, right, range)
        case .multiply: node = ArithmeticNode(.multiply, left, right, range)
        case .divide: node = ArithmeticNode(.divide, left, right, range)
        case .remainder: node = ArithmeticNode(.remainder, left, right, range)
        case .equal: node = equality(left, right, isNegated: false, range)
        case .notEqual: node = equality(left, right, isNegated: true, range)
        case .less: node = order(left, right, .less, range)
        case .lessOrEqual: node = order(left, right, .lessOrEqual, range)
        case .greater: node = order(left, right, .greater, range)
        case .greaterOrEqual: node = order(left, right, .greaterOrEqual, range)
        case .within: node = within(left, right, range)
        }
        return recordingAll(folded(node, [left, right]), [left, right])
    }

    private func equality(_ left: any Node, _ right: any Node, isNegated: Bool, _ range: SourceRange) -> any Node {
        if let constant = right as? ConstantNode, case .string(let text) = constant.value {
            return EqualStringNode(left, text, isNegated: isNegated, range)
        }
        if let constant = left as? ConstantNode, case .string(let text) = constant.value {
            return EqualStringNode(right, text, isNegated: isNegated, range)
        }
        if let constant = right as? ConstantNode { return EqualConstantNode(left, constant.value, isNegated: isNegated, range) }
        return EqualNode(left, right, isNegated: isNegated, range)
    }

    private func order(_ left: any Node, _ right: any Node, _ relation: OrderNode.Relation, _ range: SourceRange) -> any Node {
        if let constant = right as? ConstantNode { return OrderConstantNode(left, constant.value, relation, range) }
        return OrderNode(left, right, relation, range)
    }

    private func within(_ wanted: any Node, _ collection: any Node, _ range: SourceRange) -> any Node {
        guard let constant = collection as? ConstantNode, case .list(let elements) = constant.value, elements.count > 8 else {
            return WithinNode(wanted, collection, range)
        }
        var keys: Set<MapKey> = []
        for element in elements {
            guard MapValue.Builder.accepts(element), let key = MapKey(element) else {
                return WithinNode(wanted, collection, range)
            }
            keys.insert(key)
        }
        return WithinSetNode(wanted, elements, keys: keys, range)
    }

    @inline(never)
    private mutating func structure(_ name: String, _ entries: [Expression.Entry], _ range: SourceRange) throws(SyntaxError) -> any Node {
        let isRooted = name.hasPrefix(".")
        for candidate in environment.candidates(isRooted ? String(name.dropFirst()) : name, isRooted: isRooted) {
            guard let structure = WellKnownStructure(rawValue: candidate) else { continue }
            var fields: [(name: String, value: any Node, isOptional: Bool)] = []
            for entry in entries {
                guard case .literal(.string(let field)) = entry.key.kind else { continue }
                fields.append((field, try compile(entry.value), entry.isOptional))
            }
            return folded(StructureNode(structure, fields, range), fields.map(\.value))
        }
        return FailingNode(.unknownName(name), range)
    }

    // MARK: Macros

    @inline(never)
    private mutating func comprehension(_ macro: Expression.Comprehension, _ range: SourceRange) throws(SyntaxError) -> any Node {
        let target = try compile(macro.target)
        bodyDepth += 1
        let depth = scope.count
        let outerSlotCount = slotCount
        defer {
            bodyDepth -= 1
            scope.removeSubrange(depth...)
        }
        let first = enter(macro.variables[0])
        let second = macro.variables.count > 1 ? enter(macro.variables[1]) : nil
        let iteration = Iteration(target: target, first: first, second: second)
        var condition: (any Node)?
        if let filter = macro.filter { condition = try compile(filter) }
        let body = try compile(macro.body)
        switch macro.macro {
        case .all: return QuantifierNode(iteration, body, deciding: false, range)
        case .exists:
            guard let membership = membership(iteration, body, range) else { return QuantifierNode(iteration, body, deciding: true, range) }
            // The variable is gone.
            slotCount = outerSlotCount
            return membership
        case .existsOne: return ExistsOneNode(iteration, body, range)
        case .map, .transformList: return TransformNode(iteration, condition: condition, body: body, range)
        case .filter: return TransformNode(iteration, condition: body, body: nil, range)
        case .transformMap: return TransformMapNode(iteration, condition: condition, body: body, isEntries: false, range)
        case .transformMapEntry: return TransformMapNode(iteration, condition: condition, body: body, isEntries: true, range)
        case .sortBy: return SortByNode(iteration, body, range)
        case .optMap: return OptionalMapNode(iteration, body, isFlat: false, range)
        case .optFlatMap: return OptionalMapNode(iteration, body, isFlat: true, range)
        }
    }

    /// `[constants].exists(x, x == value)` as `value in [constants]`, which comes to the same; nil for anything else.
    private mutating func membership(_ iteration: Iteration, _ body: any Node, _ range: SourceRange) -> (any Node)? {
        // The value isn't needed for an empty list, so its failure would not matter.
        guard !isRecording, iteration.second == nil, let constant = iteration.target as? ConstantNode, case .list(let elements) = constant.value,
            !elements.isEmpty, let equality = body as? EqualNode, !equality.isNegated
        else { return nil }
        for (variable, value) in [(equality.left, equality.right), (equality.right, equality.left)] {
            guard let local = variable as? LocalNode, local.slot == iteration.first, isUnchanging(value, below: iteration.first) else { continue }
            return within(value, constant, range)
        }
        return nil
    }

    /// Whether a node is a variable or a field of one, and not of a macro at or above a slot.
    private func isUnchanging(_ node: any Node, below slot: Int) -> Bool {
        switch node {
        case is VariableNode, is VariableFieldNode: true
        case let local as LocalNode: local.slot < slot
        case let select as SelectNode: isUnchanging(select.operand, below: slot)
        default: false
        }
    }

    // MARK: Constants

    /// The value of a node whose operands are all constant, as a constant; a failure is left for the evaluation.
    private mutating func folded(_ node: any Node, _ operands: [any Node]) -> any Node {
        guard !isRecording, foldingSteps > 0, operands.allSatisfy({ $0 is ConstantNode }) else { return node }
        let limits = Limits(steps: foldingSteps, resultSize: min(environment.limits.resultSize, 64 * 1024))
        var context = Context(activation: Bindings(), localCount: 0, limits: limits)
        let value = try? node.evaluate(&context)
        foldingSteps = context.meter.steps
        return value.map { ConstantNode($0, node.range) } ?? node
    }
}

/// The names that stand for types.
enum TypeNames {
    /// The one constant that is no type.
    static let nullConstant = "google.protobuf.NullValue.NULL_VALUE"

    static let all: Set<String> = [
        "bool", "int", "uint", "double", "string", "bytes", "list", "map", "null_type", "type", "optional_type", "google.protobuf.Timestamp",
        "google.protobuf.Duration", "net.IP", "net.CIDR",
    ]
}
