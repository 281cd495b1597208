/// Why an expression has no value.
public struct EvaluationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of failures.
    public enum Code: String, Sendable, Equatable {
        /// A name that nothing is bound to.
        case unknownName = "unknown_name"
        /// A function that does not exist, or not for arguments of these types.
        case noSuchOverload = "no_such_overload"
        /// A key that a map does not have.
        case noSuchKey = "no_such_key"
        /// An index outside a list or string.
        case indexOutOfRange = "index_out_of_range"
        /// A number, timestamp or duration that its type can't hold.
        case overflow
        /// A division or remainder by zero.
        case divisionByZero = "division_by_zero"
        /// A conversion of a text or number that does not stand for a value of the type.
        case invalidConversion = "invalid_conversion"
        /// An argument that a function refuses.
        case invalidArgument = "invalid_argument"
        /// A map literal with a key that comes twice, or of a type that keys can't have.
        case invalidKey = "invalid_key"
        /// More evaluation steps than the limit.
        case stepLimit = "step_limit"
        /// A larger value than the limit.
        case sizeLimit = "size_limit"
        /// A deeper value than can be compared or printed.
        case depthLimit = "depth_limit"

        /// Whether the failure is a limit's, which `&&` and `||` don't absorb.
        public var isLimit: Bool { self == .stepLimit || self == .sizeLimit || self == .depthLimit }
    }

    /// The kind of failure.
    public let code: Code
    /// The part of the source that failed, where known.
    public internal(set) var range: SourceRange?
    /// The name or key that the failure is about, for unknown names and keys.
    public let subject: String?
    private let text: String?

    /// Makes the failure of a host's function.
    public init(code: Code = .invalidArgument, message: String) { self.init(code, message) }

    init(_ code: Code, _ text: String) {
        self.code = code
        self.text = text
        self.subject = nil
    }

    private init(_ code: Code, subject: String) {
        self.code = code
        self.text = nil
        self.subject = subject
    }

    /// What failed, in one line.
    public var message: String {
        if let text { return text }
        let subject = subject ?? ""
        return code == .unknownName ? "unknown name '\(subject)'" : "no such key: \(subject)"
    }

    /// The message.
    public var description: String { message }

    // These two are common in conditions, so their messages are made only when read.
    static func unknownName(_ name: String) -> EvaluationError { EvaluationError(.unknownName, subject: name) }
    static func noSuchKey(_ key: String) -> EvaluationError { EvaluationError(.noSuchKey, subject: key) }

    static func noSuchOverload(_ function: String, _ arguments: Value...) -> EvaluationError {
        noSuchOverload(function, arguments: arguments)
    }

    static func noSuchOverload(_ function: String, arguments: [Value]) -> EvaluationError {
        EvaluationError(.noSuchOverload, "no such overload: \(function)(\(arguments.map(\.typeName).joined(separator: ", ")))")
    }

    static func overflow(_ what: String) -> EvaluationError { EvaluationError(.overflow, "\(what) overflow") }
    static func indexOutOfRange(_ index: some Any) -> EvaluationError { EvaluationError(.indexOutOfRange, "index out of range: \(index)") }
    static func invalid(_ text: String) -> EvaluationError { EvaluationError(.invalidArgument, text) }

    static func conversion(_ value: String, to type: String) -> EvaluationError {
        EvaluationError(.invalidConversion, "\(value.count > 64 ? "text" : "'\(value)'") is not a valid \(type)")
    }

    func at(_ range: SourceRange) -> EvaluationError {
        guard self.range == nil else { return self }
        var copy = self
        copy.range = range
        return copy
    }
}
