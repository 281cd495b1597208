/// How much a server may send before it is taken for a broken or hostile one and the connection is closed.
public struct RESPLimits: Hashable, Sendable {
    /// How deep values may stand within each other; a value that holds no others has depth 1.
    public var depth: Int
    /// The most bytes that one string may have.
    public var stringLength: Int
    /// The most bytes that a line may have: a simple string, an error, a number.
    public var lineLength: Int
    /// The most values that one reply may consist of, those at all depths together.
    public var valueCount: Int
    /// The most bytes that one reply may take on the wire.
    public var replyLength: Int

    /// Limits that suit nearly everybody, but for those that are given.
    /// - Parameters:
    ///   - depth: 32 levels unless told otherwise.
    ///   - stringLength: 64 MiB unless told otherwise.
    ///   - lineLength: 64 KiB unless told otherwise.
    ///   - valueCount: a million unless told otherwise.
    ///   - replyLength: 128 MiB unless told otherwise.
    public init(
        depth: Int = 32, stringLength: Int = 64 << 20, lineLength: Int = 64 << 10, valueCount: Int = 1_000_000, replyLength: Int = 128 << 20
    ) {
        self.depth = depth
        self.stringLength = stringLength
        self.lineLength = lineLength
        self.valueCount = valueCount
        self.replyLength = replyLength
    }
}

/// What was wrong with the bytes of a server. The connection can't be used any further.
public enum RESPFault: Error, Hashable, Sendable {
    /// No type begins with this byte.
    case unknownType(UInt8)
    /// RESP3 allows strings and aggregates of a length that is not told; Redis does not send them and they are not read here.
    case streamedValue
    /// The text of a number, length, boolean, null, double or verbatim string is not one.
    case malformed(Kind)
    /// A line or a string does not end with CR LF.
    case missingLineEnd
    /// A line is longer than `RESPLimits.lineLength`.
    case lineTooLong(limit: Int)
    /// A string is longer than `RESPLimits.stringLength`.
    case stringTooLong(length: Int64, limit: Int)
    /// There are more values than `RESPLimits.valueCount`.
    case tooManyValues(limit: Int)
    /// Values stand deeper within each other than `RESPLimits.depth`.
    case tooDeep(limit: Int)
    /// A reply is longer than `RESPLimits.replyLength`.
    case replyTooLong(limit: Int)
    /// A push stands within another value.
    case nestedPush

    /// What could not be read.
    public enum Kind: String, Hashable, Sendable {
        /// A part of the protocol.
        case length, integer, bigNumber, double, boolean, null, verbatimString
    }
}
