import Foundation

// The language compares, counts and cuts strings by code points; Swift's own operations go by grapheme clusters and
// canonical equivalence. These work on the UTF-8 bytes instead.
extension String {
    /// Whether both strings are the same sequence of code points.
    @inline(__always)
    func hasSameScalars(as other: String) -> Bool {
        // Strings of the same bits are the same: short ones hold their text themselves, long ones are shared.
        if unsafeBitCast(self, to: (UInt64, UInt64).self) == unsafeBitCast(other, to: (UInt64, UInt64).self) { return true }
        let count = utf8.count
        guard count == other.utf8.count else { return false }
        // The standard library tells short strings apart fastest, but takes those for equal that are canonically equivalent.
        if count <= 15, self != other { return false }
        return hasSameBytes(as: other)
    }

    private func hasSameBytes(as other: String) -> Bool {
        withBytes { left in
            other.withBytes { right in
                guard let left = left.baseAddress, let right = right.baseAddress else { return true }
                return memcmp(left, right, utf8.count) == 0
            }
        }
    }

    /// A number that equal strings share and few others; for quick searches.
    var fingerprint: UInt64 {
        withBytes { bytes in
            var value = UInt64(truncatingIfNeeded: bytes.count) &* 0x9E37_79B9_7F4A_7C15
            // The first and the last bytes tell most names apart.
            for byte in bytes.prefix(8) { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
            for byte in bytes.dropFirst(8).suffix(8) { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
            return value
        }
    }

    /// Whether this string comes before the other in the order of code points.
    func precedesByScalars(_ other: String) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }

    /// Runs a closure over the UTF-8 bytes.
    @inline(__always)
    func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        var copy = self
        return copy.withUTF8(body)
    }

    /// The number of code points.
    var scalarCount: Int {
        withBytes { bytes in
            var count = 0
            // Every byte begins a code point but those that continue one.
            for byte in bytes where byte & 0xC0 != 0x80 { count += 1 }
            return count
        }
    }

    /// The byte offset of the code point at a position, or nil when the position is beyond the end (the end itself is allowed).
    func byteOffset(ofScalar position: Int) -> Int? {
        withBytes { bytes in
            var scalars = 0
            for offset in 0..<bytes.count where bytes[offset] & 0xC0 != 0x80 {
                if scalars == position { return offset }
                scalars += 1
            }
            return scalars == position ? bytes.count : nil
        }
    }

    /// The text between two byte offsets, which must lie on code point boundaries.
    func cut(_ range: Range<Int>) -> String {
        withBytes { String(decoding: UnsafeBufferPointer(rebasing: $0[range]), as: UTF8.self) }
    }
}

/// The offset of the first occurrence of a pattern at or after a start, in bytes; an empty pattern is found at the start.
/// Takes time linear in the text, whatever the pattern.
func firstOffset(of pattern: UnsafeBufferPointer<UInt8>, in text: UnsafeBufferPointer<UInt8>, from start: Int = 0) -> Int? {
    guard start >= 0, start + pattern.count <= text.count else { return nil }
    guard let first = pattern.first, let base = text.baseAddress else { return start }
    let last = text.count - pattern.count
    var offset = start
    // Trying each place that begins well is fastest until the pattern or text turns out to be repetitive.
    var patience = 64 + text.count
    while offset <= last {
        guard let found = memchr(base + offset, Int32(first), last - offset + 1) else { return nil }
        offset = UnsafeRawPointer(found) - UnsafeRawPointer(base)
        var matched = 1
        while matched < pattern.count, text[offset + matched] == pattern[matched] { matched += 1 }
        if matched == pattern.count { return offset }
        patience -= matched
        if patience < 0 { return firstOffsetByTable(of: pattern, in: text, from: offset) }
        offset += 1
    }
    return nil
}

/// The search of Knuth, Morris and Pratt.
private func firstOffsetByTable(of pattern: UnsafeBufferPointer<UInt8>, in text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    var fallback = [Int](repeating: 0, count: pattern.count)
    var matched = 0
    for position in 1..<max(1, pattern.count) {
        while matched > 0, pattern[position] != pattern[matched] { matched = fallback[matched - 1] }
        if pattern[position] == pattern[matched] { matched += 1 }
        fallback[position] = matched
    }
    matched = 0
    for offset in start..<text.count {
        while matched > 0, text[offset] != pattern[matched] { matched = fallback[matched - 1] }
        if text[offset] == pattern[matched] { matched += 1 }
        if matched == pattern.count { return offset - matched + 1 }
    }
    return nil
}

/// The offset of the last occurrence of a pattern that begins at or before an offset, in bytes.
func lastOffset(of pattern: UnsafeBufferPointer<UInt8>, in text: UnsafeBufferPointer<UInt8>, notAfter limit: Int) -> Int? {
    var offset = min(limit, text.count - pattern.count)
    while offset >= 0 {
        var matched = 0
        while matched < pattern.count, text[offset + matched] == pattern[matched] { matched += 1 }
        if matched == pattern.count { return offset }
        offset -= 1
    }
    return nil
}
