import Foundation

/// The extension library of encoders.
enum EncoderLibrary {
    static let functions: [Function] = [
        .global("base64.encode", .unary(encode), .init([.bytes], .string)),
        .global("base64.decode", .unary(decode), .init([.string], .bytes)),
    ]

    @Sendable static func encode(_ value: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        guard case .bytes(let bytes) = value else { throw .noSuchOverload("base64.encode", value) }
        try meter.admit(size: bytes.count / 3 * 4)
        return .string(Data(bytes).base64EncodedString())
    }

    /// Text may come without the padding at its end.
    @Sendable static func decode(_ value: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        guard case .string(let text) = value else { throw .noSuchOverload("base64.decode", value) }
        try meter.charge(text.utf8.count)
        let padding = text.hasSuffix("=") ? 0 : (4 - text.utf8.count % 4) % 4
        guard padding < 3, let data = Data(base64Encoded: text + String(repeating: "=", count: padding)) else {
            throw .conversion(text, to: "base64 text")
        }
        return .bytes(Array(data))
    }
}
