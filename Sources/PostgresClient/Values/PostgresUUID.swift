/// The sixteen bytes of a UUID.
public struct PostgresUUID: Hashable, Sendable {
    public let high: UInt64
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads the usual text form, 8-4-4-4-12 hexadecimal digits in either case.
    /// - Returns: nil for anything else.
    public init?(_ text: some StringProtocol) {
        var (high, low, index) = (UInt64(0), UInt64(0), 0)
        for byte in text.utf8 {
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
            } else {
                guard let digit = byte.hexadecimalDigit else { return nil }
                // What is shifted out of the one is the first digit of the other.
                (high, low) = (high << 4 | low >> 60, low << 4 | UInt64(digit))
            }
            index += 1
        }
        guard index == 36 else { return nil }
        self.init(high: high, low: low)
    }
}

extension PostgresUUID: CustomStringConvertible {
    /// The text form in lower case.
    public var description: String {
        String(unsafeUninitializedCapacity: 36) { buffer in
            var position = 0
            for index in 0..<32 {
                if position == 8 || position == 13 || position == 18 || position == 23 {
                    buffer[position] = UInt8(ascii: "-")
                    position += 1
                }
                let half = index < 16 ? high : low
                buffer[position] = UInt8(truncatingIfNeeded: half >> UInt64(60 - 4 * (index & 15)) & 15).hexadecimalCharacter
                position += 1
            }
            return 36
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

    /// The digit for a value below 16.
    var hexadecimalCharacter: UInt8 {
        self < 10 ? UInt8(ascii: "0") + self : UInt8(ascii: "a") + (self & 15) - 10
    }
}
