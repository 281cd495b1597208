/// A UUID that names one kind of thing, so that the id of a stage can't be used where a template's is meant.
public struct Identifier<Entity>: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64

    /// A new random id (RFC 9562, version 4).
    public init() {
        high = UInt64.random(in: .min ... .max) & ~0xF000 | 0x4000
        low = UInt64.random(in: .min ... .max) & ~(0xC0 << 56) | (0x80 << 56)
    }

    /// Reads the usual text form, 8-4-4-4-12 hexadecimal digits in either case.
    /// - Returns: nil for anything else.
    public init?(_ text: some StringProtocol) {
        var copy = String(text)
        guard let halves = copy.withUTF8(uuid) else { return nil }
        (high, low) = halves
    }
}

/// Reads the text form of a UUID. Apart from the generic type, so that it is compiled once, for bytes.
private func uuid(_ text: UnsafeBufferPointer<UInt8>) -> (high: UInt64, low: UInt64)? {
    guard text.count == 36 else { return nil }
    var (high, low): (UInt64, UInt64) = (0, 0)
    for (position, byte) in text.enumerated() {
        switch position {
        case 8, 13, 18, 23: guard byte == UInt8(ascii: "-") else { return nil }
        default:
            guard let digit = byte.hexadecimalDigit else { return nil }
            if position < 18 { high = high << 4 | UInt64(digit) } else { low = low << 4 | UInt64(digit) }
        }
    }
    return (high, low)
}

extension Identifier {
    /// Which of so many parts, counted from 0, the id belongs to; random ids are spread evenly.
    public func part(of count: Int) -> Int { Int(low % UInt64(count)) }
}

extension Identifier: Comparable {
    public static func < (left: Identifier, right: Identifier) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

extension Identifier: CustomStringConvertible {
    /// The text form in lower case.
    public var description: String {
        String(unsafeUninitializedCapacity: 36) { buffer in
            write { position, byte in buffer[position] = byte }
            return 36
        }
    }

    /// Hands out the 36 characters of the text form, one by one.
    @inline(__always)
    func write(_ put: (Int, UInt8) -> Void) {
        var position = 0
        for index in 0..<32 {
            if position == 8 || position == 13 || position == 18 || position == 23 {
                put(position, UInt8(ascii: "-"))
                position += 1
            }
            let half = index < 16 ? high : low
            let digit = UInt8(truncatingIfNeeded: half >> UInt64(60 - 4 * (index & 15))) & 15
            put(position, digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            position += 1
        }
    }
}

extension UInt8 {
    /// The value of this character as a hexadecimal digit.
    var hexadecimalDigit: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
