import StageModel

/// SplitMix64: the same cases in every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: Int) { state = UInt64(seed) }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

extension SeededGenerator {
    private static let pieces = [
        "", "a", "order_id", "é", "e\u{301}", "👍🏽", "\u{1}", "\u{1F}", "\"", "\\", "/", "~", "\n", "\r\n", "\t", "\u{7F}", "\u{2028}", "\u{FFFF}",
        "\u{10FFFF}", " ", "{", "]", ":", "null",
    ]

    mutating func text() -> String {
        (0..<Int.random(in: 0...6, using: &self)).compactMap { _ in Self.pieces.randomElement(using: &self) }.joined()
    }

    mutating func double() -> Double {
        switch Int.random(in: 0..<5, using: &self) {
        case 0:
            return [0, -0.0, 1, .leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude, 1e21, -1e-7].randomElement(using: &self) ?? 0
        case 1: return Double(Int64.random(in: .min ... .max, using: &self))
        case 2: return Double.random(in: -1000...1000, using: &self)
        default:
            let value = Double(bitPattern: next())
            return value.isFinite ? value : 0.1
        }
    }

    /// Any document of some depth.
    mutating func document(depth: Int = 4) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &self) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &self))
        case 2: return .integer(Int64.random(in: -100...100, using: &self))
        case 3: return .integer(Int64(bitPattern: next()))
        case 4: return .number(double())
        case 5: return .string(text())
        case 6: return .array((0..<Int.random(in: 0...4, using: &self)).map { _ in document(depth: depth - 1) })
        default:
            let members = (0..<Int.random(in: 0...4, using: &self)).map { _ in (text(), document(depth: depth - 1)) }
            return .object(Dictionary(members, uniquingKeysWith: { first, _ in first }))
        }
    }
}
