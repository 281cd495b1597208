/// A value of JSON. Integers within 64 bits stay integers; every other number is a double.
public enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])
}

extension JSONValue {
    public var string: String? { if case .string(let value) = self { value } else { nil } }
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    public var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
    public var object: [String: JSONValue]? { if case .object(let value) = self { value } else { nil } }
    public var isNull: Bool { self == .null }

    /// The value as a whole number: an integer, or a double without a fraction such as `3.0`.
    public var integer: Int64? {
        switch self {
        case .integer(let value): value
        case .number(let value): Int64(exactly: value)
        case .null, .bool, .string, .array, .object: nil
        }
    }

    /// The value of any number.
    public var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        case .null, .bool, .string, .array, .object: nil
        }
    }

    /// The member of an object; nil when this is no object or has none of that name.
    public subscript(name: String) -> JSONValue? { object?[name] }

    /// What kind of value this is, in the words that an error message uses.
    public var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .integer, .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { _, last in last }))
    }
}

/// The way to a value inside a document, as RFC 6901 writes it: `/configuration/fields/0/name`.
public struct JSONPointer: Hashable, Sendable, CustomStringConvertible {
    public static let root = JSONPointer(description: "")

    public let description: String

    private init(description: String) { self.description = description }

    public func appending(_ name: String) -> JSONPointer {
        // Scalar by scalar: a mark with a combining accent is still a mark.
        var escaped = String.UnicodeScalarView()
        for scalar in name.unicodeScalars {
            switch scalar {
            case "~": escaped.append(contentsOf: "~0".unicodeScalars)
            case "/": escaped.append(contentsOf: "~1".unicodeScalars)
            default: escaped.append(scalar)
            }
        }
        return JSONPointer(description: "\(description)/\(String(escaped))")
    }

    /// The way to the same place in a document that has this one as a member.
    public func inside(_ name: String) -> JSONPointer { JSONPointer(description: JSONPointer.root.appending(name).description + description) }

    public func appending(_ index: Int) -> JSONPointer { JSONPointer(description: "\(description)/\(index)") }
}
