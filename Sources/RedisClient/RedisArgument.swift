public import NIOCore

/// A part of a command: a key, a value, an option. Of any bytes and any length.
public enum RedisArgument: Hashable, Sendable {
    /// The UTF-8 of a text.
    case string(String)
    /// Bytes of any kind.
    case bytes([UInt8])
    /// The readable bytes of a buffer.
    case buffer(ByteBuffer)
    /// Sent as its digits.
    case integer(Int64)

    /// How many bytes it has on the wire, without what stands around it.
    var byteCount: Int {
        switch self {
        case .string(let text): text.utf8.count
        case .bytes(let bytes): bytes.count
        case .buffer(let bytes): bytes.readableBytes
        case .integer(let number):
            number == 0 ? 1 : sequence(first: number.magnitude) { $0 < 10 ? nil : $0 / 10 }.reduce(number < 0 ? 1 : 0) { count, _ in count + 1 }
        }
    }
}

extension RedisArgument: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    /// The UTF-8 of a literal.
    public init(stringLiteral text: String) { self = .string(text) }

    /// The digits of a literal.
    public init(integerLiteral number: Int64) { self = .integer(number) }
}

/// Tells what kind of argument it is and how long, never what it carries: that may be anybody's secret.
extension RedisArgument: CustomStringConvertible {
    /// Its kind and length.
    public var description: String {
        switch self {
        case .string(let text): "a string of \(text.utf8.count) bytes"
        case .bytes(let bytes): "\(bytes.count) bytes"
        case .buffer(let bytes): "\(bytes.readableBytes) bytes"
        case .integer: "an integer"
        }
    }
}
