/// A node of the syntax tree of an expression.
///
/// Walk it by `kind`; `range` tells where in the source it stands, and `id` is what recorded values refer to.
public final class Expression: Sendable {
    /// What a node is.
    public enum Kind: Sendable {
        /// A constant.
        case literal(Value)
        /// A name. One that was written with a leading dot is looked up at the root, not in the container.
        case identifier(String, isRooted: Bool)
        /// `operand.field`, or `operand.?field`.
        case select(Expression, field: String, isOptional: Bool)
        /// `has(operand.field)`.
        case presence(Expression, field: String, isOptional: Bool)
        /// `operand[index]`, or `operand[?index]`.
        case index(Expression, Expression, isOptional: Bool)
        /// `function(arguments)`, or `target.function(arguments)`.
        case call(String, target: Expression?, arguments: [Expression])
        /// `!operand`.
        case not(Expression)
        /// `-operand`.
        case negate(Expression)
        /// Two operands with an arithmetic operator, a comparison or `in` between them.
        case binary(BinaryOperator, Expression, Expression)
        /// All operands of a chain of `&&`; two or more.
        case and([Expression])
        /// All operands of a chain of `||`; two or more.
        case or([Expression])
        /// `condition ? first : second`.
        case conditional(Expression, Expression, Expression)
        /// `[elements]`.
        case list([Element])
        /// `{keys: values}`.
        case map([Entry])
        /// `Type{fields: values}`.
        case structure(String, [Entry])
        /// A macro that evaluates expressions for each element of a list or entry of a map.
        case comprehension(Comprehension)
        /// `cel.bind(name, value, body)`.
        case bind(String, value: Expression, body: Expression)
    }

    /// An element of a list literal; one that is optional is left out when it has no value.
    public struct Element: Sendable {
        /// The element.
        public let value: Expression
        /// Whether it was written with a `?`.
        public let isOptional: Bool
    }

    /// An entry of a map or structure literal; one that is optional is left out when it has no value.
    public struct Entry: Sendable {
        /// The key; in structures a string literal.
        public let key: Expression
        /// The value.
        public let value: Expression
        /// Whether it was written with a `?`.
        public let isOptional: Bool
    }

    /// A macro over the elements of a list, the entries of a map, or the value of an optional.
    public struct Comprehension: Sendable {
        /// The macros.
        public enum Macro: String, Sendable {
            case all
            case exists
            case existsOne = "exists_one"
            case map
            case filter
            case transformList
            case transformMap
            case transformMapEntry
            case sortBy
            case optMap
            case optFlatMap
        }

        /// The macro.
        public let macro: Macro
        /// What it goes over.
        public let target: Expression
        /// One or two names: of the element or key; or of the index or key and of the element or value.
        public let variables: [String]
        /// The condition on elements, of the macros that transform what satisfies one.
        public let filter: Expression?
        /// What is evaluated for each element.
        public let body: Expression
    }

    /// The number of the node: unique in its tree, and below the tree's `nodeCount`.
    public let id: Int
    /// What the node is.
    public let kind: Kind
    /// Where the node stands in the source.
    public let range: SourceRange
    /// How many nodes lie on the longest way down from this one, itself included.
    let height: Int

    init(id: Int, kind: Kind, range: SourceRange, height: Int) {
        self.id = id
        self.kind = kind
        self.range = range
        self.height = height
    }
}

/// An operator between two operands.
public enum BinaryOperator: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case remainder = "%"
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case within = "in"

    /// Whether this is one of the comparisons.
    public var isComparison: Bool {
        switch self {
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .within: true
        case .add, .subtract, .multiply, .divide, .remainder: false
        }
    }
}

extension Expression {
    /// The nodes directly below this one, in the order they stand in the source.
    public var children: [Expression] { kind.children }
}

extension Expression.Kind {
    var children: [Expression] {
        switch self {
        case .literal, .identifier: []
        case .select(let operand, _, _), .presence(let operand, _, _), .not(let operand), .negate(let operand): [operand]
        case .index(let operand, let index, _): [operand, index]
        case .call(_, let target, let arguments): (target.map { [$0] } ?? []) + arguments
        case .binary(_, let left, let right): [left, right]
        case .and(let operands), .or(let operands): operands
        case .conditional(let condition, let first, let second): [condition, first, second]
        case .list(let elements): elements.map(\.value)
        case .map(let entries), .structure(_, let entries): entries.flatMap { [$0.key, $0.value] }
        case .comprehension(let macro): [macro.target] + (macro.filter.map { [$0] } ?? []) + [macro.body]
        case .bind(_, let value, let body): [value, body]
        }
    }
}

/// An expression that was read but not yet checked.
public struct SyntaxTree: Sendable {
    /// The root of the tree.
    public let root: Expression
    /// The text that the tree was read from.
    public let source: Source
    /// All node ids are below this number.
    public let nodeCount: Int
}
