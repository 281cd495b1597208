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
        let bytes = Array(text.utf8)
        guard bytes.count == 36, [8, 13, 18, 23].allSatisfy({ bytes[$0] == UInt8(ascii: "-") }) else { return nil }
        var halves: [UInt64] = [0, 0]
        var count = 0
        for (index, byte) in bytes.enumerated() where ![8, 13, 18, 23].contains(index) {
            guard let digit = byte.hexadecimalDigit else { return nil }
            halves[count / 16] = halves[count / 16] << 4 | UInt64(digit)
            count += 1
        }
        self.init(high: halves[0], low: halves[1])
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
