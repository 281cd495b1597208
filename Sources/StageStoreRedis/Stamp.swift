/// What stands before everything that is kept: the generation of its partition's data, then a version or a position, in 8 and 16 hexadecimal
/// digits.
///
/// They are of fixed width, so that scripts can compare them as strings: Lua's numbers end at 2^53.
struct Stamp: Hashable, Sendable {
    static let width = 24

    let generation: UInt32
    let number: Int64

    init(generation: UInt32, number: Int64) {
        self.generation = generation
        self.number = number
    }

    /// Reads the first digits of a value.
    /// - Returns: nil when it does not begin like that.
    init?(_ value: [UInt8]?) {
        guard let value, value.count >= Self.width, let generation = Self.number(value[..<8]), let number = Self.number(value[8..<Self.width]),
            let number = Int64(exactly: number)
        else { return nil }
        self.generation = UInt32(truncatingIfNeeded: generation)
        self.number = number
    }

    var text: String { Self.digits(UInt64(generation), width: 8) + Self.digits(of: number) }

    /// The digits of a version or a position; nothing is below 0.
    static func digits(of number: Int64) -> String { digits(UInt64(max(0, number)), width: 16) }

    private static func digits(_ number: UInt64, width: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: width - digits.utf8.count) + digits
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
        var number: UInt64 = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): number = number << 4 | UInt64(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): number = number << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return number
    }
}
