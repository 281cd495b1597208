import NIOCore

/// Writes commands as servers read them: an array of strings whose lengths come first, so that no byte needs an escape.
///
/// The exact length is counted first and then everything written in one go, without a look at the buffer's bounds for each piece.
struct RESPEncoder {
    private var target: UnsafeMutableRawBufferPointer
    private var count = 0

    /// Makes the bytes of a command of these parts.
    static func encode(_ parts: [RedisArgument]) -> ByteBuffer {
        var buffer = ByteBuffer()
        append(parts, to: &buffer)
        return buffer
    }

    /// - Parameters:
    ///   - partCount: how many parts the command has, when more are to follow than are given.
    ///   - part: the part that is asked for.
    /// - Returns: how many bytes precede that part.
    @discardableResult
    static func append(_ parts: [RedisArgument], to buffer: inout ByteBuffer, partCount: Int? = nil, indexOf part: Int = 0) -> Int {
        let partCount = partCount ?? parts.count
        let length = parts.reduce(lineLength(partCount)) { $0 + partLength($1) }
        var index = 0
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: length) { target in
            var encoder = RESPEncoder(target: target)
            encoder.writeLine(UInt8(ascii: "*"), partCount)
            for (position, argument) in parts.enumerated() {
                if position == part { index = encoder.count }
                encoder.write(argument)
            }
            return encoder.count
        }
        return index
    }

    private init(target: UnsafeMutableRawBufferPointer) { self.target = target }

    private static func digitCount(_ number: Int) -> Int {
        var (count, rest) = (1, number / 10)
        while rest > 0 { (count, rest) = (count + 1, rest / 10) }
        return count
    }

    /// The type, the digits and the end.
    private static func lineLength(_ number: Int) -> Int { 1 + digitCount(number) + 2 }

    private static func partLength(_ part: RedisArgument) -> Int {
        let length = part.byteCount
        return lineLength(length) + length + 2
    }

    private mutating func write(_ part: RedisArgument) {
        writeLine(UInt8(ascii: "$"), part.byteCount)
        switch part {
        case .string(var text): text.withUTF8 { write(UnsafeRawBufferPointer($0)) }
        case .bytes(let bytes): bytes.withUnsafeBytes { write($0) }
        case .buffer(let bytes): bytes.withUnsafeReadableBytes { write($0) }
        case .integer(let number):
            if number < 0 { put(UInt8(ascii: "-")) }
            writeDigits(number.magnitude)
        }
        writeEnd()
    }

    private mutating func write(_ bytes: UnsafeRawBufferPointer) {
        UnsafeMutableRawBufferPointer(rebasing: target[count...]).copyMemory(from: bytes)
        count += bytes.count
    }

    private mutating func writeLine(_ type: UInt8, _ number: Int) {
        put(type)
        writeDigits(UInt64(number))
        writeEnd()
    }

    private mutating func writeDigits(_ number: UInt64) {
        var divisor: UInt64 = 1
        while number / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            put(UInt8(ascii: "0") + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }

    private mutating func writeEnd() {
        put(13)
        put(10)
    }

    private mutating func put(_ byte: UInt8) {
        target[count] = byte
        count += 1
    }
}
