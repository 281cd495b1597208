/// Random numbers that are the same for the same seed and case (SplitMix64).
public struct CaseGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64, number: Int) {
        state = Self.mixed(seed) &+ Self.mixed(UInt64(truncatingIfNeeded: number) &+ 0x632B_E59B_D9B4_E019)
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mixed(state)
    }

    private static func mixed(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension CaseGenerator {
    /// Whether something happens that does once in so many cases.
    public mutating func isOnce(in count: Int) -> Bool { Int.random(in: 0..<count, using: &self) == 0 }

    /// One of some elements.
    public mutating func pick<Element>(_ elements: [Element], or other: Element) -> Element { elements.randomElement(using: &self) ?? other }

    /// A number up to a bound, small ones being as likely as large ones.
    public mutating func length(upTo most: Int) -> Int {
        let bits = Int.random(in: 0...max(0, Int.bitWidth - most.leadingZeroBitCount), using: &self)
        return min(most, Int.random(in: 0...(1 << bits), using: &self))
    }

    /// Any character that there may be, the usual ones being more likely.
    public mutating func scalar() -> Unicode.Scalar {
        let range: ClosedRange<UInt32> =
            switch Int.random(in: 0..<12, using: &self) {
            case 0..<6: 0x20...0x7E
            case 6: 0x00...0x1F
            case 7: 0x7F...0x24F
            case 8: 0x300...0x5FF
            case 9: 0x2000...0x2FFF
            case 10: 0x1F000...0x1FAFF
            default: 0x00...0x10FFFF
            }
        return Unicode.Scalar(UInt32.random(in: range, using: &self)) ?? "\u{FFFD}"
    }

    /// A text of some characters, put together from pieces and from what there may be besides.
    public mutating func text(of count: Int, pieces: [String]) -> String {
        var text = ""
        for _ in 0..<count {
            if isOnce(in: 4) { text.unicodeScalars.append(scalar()) } else { text += pick(pieces, or: "") }
        }
        return text
    }
}

extension CaseGenerator {
    /// Changes bytes in some places: cuts, repeats, overwrites, and puts in pieces.
    public mutating func mutate(_ bytes: inout [UInt8], times: ClosedRange<Int>, pieces: [[UInt8]]) {
        for _ in 0..<Int.random(in: times, using: &self) {
            let start = Int.random(in: 0...bytes.count, using: &self)
            let end = min(bytes.count, start + length(upTo: 40))
            switch Int.random(in: 0..<8, using: &self) {
            case 0: bytes.insert(contentsOf: pick(pieces, or: []), at: start)
            case 1: bytes.replaceSubrange(start..<end, with: pick(pieces, or: []))
            case 2: bytes.removeSubrange(start..<end)
            case 3: bytes.insert(contentsOf: Array(bytes[start..<end]), at: start)
            case 4: if start < bytes.count { bytes[start] = UInt8.random(in: 0...255, using: &self) }
            case 5: if start < bytes.count { bytes[start] ^= 1 << UInt8.random(in: 0..<8, using: &self) }
            case 6:
                // A part in another place.
                let part = Array(bytes[start..<end])
                bytes.insert(contentsOf: part, at: Int.random(in: 0...bytes.count, using: &self))
            default: if isOnce(in: 3) { bytes.removeSubrange(start...) }
            }
        }
    }

    /// The same with a text; what is not UTF-8 any more becomes a replacement character.
    public mutating func mutated(_ text: String, times: ClosedRange<Int>, pieces: [String]) -> String {
        var bytes = Array(text.utf8)
        mutate(&bytes, times: times, pieces: pieces.map { Array($0.utf8) })
        return String(decoding: bytes, as: UTF8.self)
    }
}
