/// One value of the Redis protocol, RESP2 or RESP3, as a server sent it.
public enum RESPValue: Hashable, Sendable {
    /// Nothing: RESP3's null, or RESP2's null string or null array.
    case null
    /// A line of bytes, such as `OK`.
    case simpleString([UInt8])
    /// Bytes of any kind.
    case bulkString([UInt8])
    /// Text with a format of three letters, such as `txt` or `mkd`.
    case verbatimString(format: String, [UInt8])
    /// An integer of 64 bits.
    case integer(Int64)
    /// The digits of an integer that may be longer than 64 bits.
    case bigNumber(String)
    /// A number with a fraction.
    case double(Double)
    /// True or false.
    case boolean(Bool)
    /// An error that stands for a reply, or within one.
    case error(RESPError)
    /// Values in an order.
    case array([RESPValue])
    /// Values whose order means nothing.
    case set([RESPValue])
    /// Pairs, in the order in which they came.
    case map([RESPPair])
    /// Something that the server sent unasked, such as a published message.
    case push([RESPValue])
}

/// A key of a map with its value.
public struct RESPPair: Hashable, Sendable {
    /// What the value is found by.
    public let key: RESPValue
    /// What belongs to the key.
    public let value: RESPValue

    /// Puts a key and its value together.
    public init(_ key: RESPValue, _ value: RESPValue) {
        self.key = key
        self.value = value
    }
}

/// An error as a server puts it: `WRONGTYPE Operation against a key holding the wrong kind of value`.
public struct RESPError: Error, Hashable, Sendable {
    /// The first word, by which programs tell errors apart, such as `WRONGTYPE`.
    public let prefix: String
    /// All of it. It may repeat what the command carried: for logs, not for the public.
    public let message: String

    /// Takes an error apart.
    public init(_ message: String) {
        self.message = message
        prefix = String(message.prefix { $0 != " " })
    }

    /// What was called after it is cut: servers repeat the arguments of a command that they do not know, be it a password.
    var withoutArguments: RESPError {
        let bytes = Array(message.utf8)
        let marker = Array(", with args beginning with".utf8)
        guard bytes.count >= marker.count else { return self }
        for start in 0...(bytes.count - marker.count) where bytes[start..<start + marker.count].elementsEqual(marker) {
            return RESPError(String(decoding: bytes[..<start], as: UTF8.self))
        }
        return self
    }
}

extension RESPValue {
    /// Whether it is null.
    public var isNull: Bool { self == .null }

    /// The bytes of a string of any kind.
    public var bytes: [UInt8]? {
        switch self {
        case .simpleString(let bytes), .bulkString(let bytes), .verbatimString(_, let bytes): bytes
        case .null, .integer, .bigNumber, .double, .boolean, .error, .array, .set, .map, .push: nil
        }
    }

    /// The text of a string of any kind, if it is UTF-8.
    public var string: String? { bytes.flatMap { String(validating: $0, as: UTF8.self) } }

    /// The number of an integer, or of a string of digits.
    public var integer: Int64? {
        switch self {
        case .integer(let number): number
        case .simpleString(let bytes), .bulkString(let bytes): Int64(String(decoding: bytes, as: UTF8.self))
        case .null, .verbatimString, .bigNumber, .double, .boolean, .error, .array, .set, .map, .push: nil
        }
    }

    /// The elements of an array, a set or a push.
    public var elements: [RESPValue]? {
        switch self {
        case .array(let elements), .set(let elements), .push(let elements): elements
        case .null, .simpleString, .bulkString, .verbatimString, .integer, .bigNumber, .double, .boolean, .error, .map: nil
        }
    }

    /// The pairs of a map; in RESP2 those of the array that stands for it.
    public var pairs: [RESPPair]? {
        switch self {
        case .map(let pairs): pairs
        case .array(let elements) where elements.count.isMultiple(of: 2):
            stride(from: 0, to: elements.count, by: 2).map { RESPPair(elements[$0], elements[$0 + 1]) }
        case .null, .simpleString, .bulkString, .verbatimString, .integer, .bigNumber, .double, .boolean, .error, .array, .set, .push: nil
        }
    }
}
