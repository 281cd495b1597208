/// One fault that was found in an expression before it was evaluated.
public struct Diagnostic: Sendable, Equatable {
    /// The kinds of faults.
    public enum Code: String, Sendable {
        /// Text that is not in the grammar.
        case syntax
        /// A source, nesting or expansion beyond its limit.
        case limit
        /// A name, field or function that was not declared.
        case unknownName = "unknown_name"
        /// An operand or argument of a wrong type.
        case type
    }

    /// The kind of fault.
    public let code: Code
    /// What is wrong, in one line.
    public let message: String
    /// The nearest name that was declared, where there is one near.
    public let suggestion: String?
    /// The names that were declared there, where the fault is an unknown name.
    public let candidates: [String]
    /// The faulty part of the source.
    public let range: SourceRange
    /// The line, from 1.
    public let line: Int
    /// The character in the line, from 1.
    public let column: Int
    /// The faulty line with carets under the fault.
    public let excerpt: String

    init(_ code: Code, _ message: String, at range: SourceRange, in source: Source, suggestion: String? = nil, candidates: [String] = []) {
        let location = source.location(of: range.start)
        self.code = code
        self.message = message
        self.suggestion = suggestion
        self.candidates = candidates
        self.range = range
        line = location.line
        column = location.column
        excerpt = source.excerpt(of: range)
    }
}

extension Diagnostic: CustomStringConvertible {
    /// The place, the message with the suggestion, and the line with carets.
    public var description: String {
        "\(line):\(column): \(message)\(suggestion.map { ", did you mean '\($0)'?" } ?? "")\n\(excerpt)"
    }
}

/// All faults that were found in an expression; at least one.
public struct Diagnostics: Error, Sendable, Equatable, CustomStringConvertible {
    /// The faults, in the order of their places.
    public let all: [Diagnostic]

    init(_ all: [Diagnostic]) { self.all = all.sorted { $0.range.start < $1.range.start } }

    /// The descriptions of all faults.
    public var description: String { all.map(\.description).joined(separator: "\n") }
}
