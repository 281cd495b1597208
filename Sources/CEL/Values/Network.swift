/// An IPv4 or IPv6 address. An IPv6 address that stands for an IPv4 one is that IPv4 address.
public struct IPAddress: Sendable, Hashable, LosslessStringConvertible {
    /// 4 or 16 bytes, most significant first.
    public let bytes: [UInt8]

    /// Whether this is an IPv4 address.
    public var isIPv4: Bool { bytes.count == 4 }

    init(bytes: [UInt8]) {
        let isMapped = bytes.count == 16 && bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
        self.bytes = isMapped ? Array(bytes[12...]) : bytes
    }

    /// Reads an address such as `192.168.0.1` or `2001:db8::68`; nil when the text is not one, has a zone, or is an
    /// IPv4-mapped address with a dotted part (`::ffff:192.168.0.1`).
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard let address = bytes.contains(0x3A) ? Self.readIPv6(bytes) : Self.readIPv4(bytes) else { return nil }
        self.init(bytes: address)
    }

    private static func readIPv4(_ text: [UInt8]) -> [UInt8]? {
        let parts = text.split(separator: 0x2E, omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard (1...3).contains(part.count), part.allSatisfy({ (0x30...0x39).contains($0) }), part.count == 1 || part.first != 0x30,
                let number = UInt8(String(decoding: part, as: UTF8.self))
            else { return nil }
            bytes.append(number)
        }
        return bytes
    }

    private static func readIPv6(_ text: [UInt8]) -> [UInt8]? {
        // At most one `::`, which stands for one group of zeros or more.
        var groups: [UInt16] = []
        var gap: Int?
        var rest = text[...]
        if rest.starts(with: [0x3A, 0x3A]) {
            gap = 0
            rest = rest.dropFirst(2)
        }
        var tail: [UInt8] = []
        while !rest.isEmpty {
            // The last four bytes may be written as an IPv4 address.
            if !rest.contains(0x3A), rest.contains(0x2E) {
                guard let dotted = readIPv4(Array(rest)) else { return nil }
                tail = dotted
                break
            }
            let digits = rest.prefix { $0 != 0x3A }
            guard (1...4).contains(digits.count), digits.allSatisfy({ isHexDigit($0) }),
                let group = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
            else { return nil }
            groups.append(group)
            rest = rest.dropFirst(digits.count)
            guard !rest.isEmpty else { break }
            rest = rest.dropFirst()
            if rest.first == 0x3A {
                guard gap == nil else { return nil }
                gap = groups.count
                rest = rest.dropFirst()
            } else if rest.isEmpty {
                return nil
            }
        }
        let wanted = 8 - tail.count / 2
        if let gap {
            guard groups.count < wanted else { return nil }
            groups.insert(contentsOf: repeatElement(0, count: wanted - groups.count), at: gap)
        }
        guard groups.count == wanted else { return nil }
        // What stands for an IPv4 address must be written as one.
        if !tail.isEmpty, groups.dropLast().allSatisfy({ $0 == 0 }), groups.last == 0xFFFF { return nil }
        return groups.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] } + tail
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
    }

    /// The address in its canonical form (RFC 5952).
    public var description: String {
        if isIPv4 { return bytes.map { String($0) }.joined(separator: ".") }
        let groups = stride(from: 0, to: 16, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        // The longest run of two zero groups or more is written as `::`, the first of several.
        var best = 0..<0
        var start = 0
        while start < 8 {
            var end = start
            while end < 8, groups[end] == 0 { end += 1 }
            if end - start > max(1, best.count) { best = start..<end }
            start = max(end, start + 1)
        }
        let text = { (groups: ArraySlice<UInt16>) in groups.map { String($0, radix: 16) }.joined(separator: ":") }
        return best.isEmpty ? text(groups[...]) : "\(text(groups[..<best.lowerBound]))::\(text(groups[best.upperBound...]))"
    }

    /// This address with all but its first bits cleared.
    func masked(to prefixLength: Int) -> IPAddress {
        var bytes = bytes
        for position in bytes.indices {
            let kept = min(max(prefixLength - position * 8, 0), 8)
            bytes[position] &= UInt8(truncatingIfNeeded: 0xFF00 >> kept)
        }
        return IPAddress(bytes: bytes)
    }
}

/// A block of IP addresses: an address and the number of its leading bits that all addresses of the block share.
public struct IPBlock: Sendable, Hashable, LosslessStringConvertible {
    /// The address as it was written, host bits and all.
    public let address: IPAddress
    /// The number of leading bits: at most 32 for IPv4, 128 for IPv6.
    public let prefixLength: Int

    init(address: IPAddress, prefixLength: Int) {
        self.address = address
        self.prefixLength = prefixLength
    }

    /// Reads a block such as `192.168.0.0/24`; nil when the text is not one.
    public init?(_ text: String) {
        let parts = text.utf8.split(separator: 0x2F, omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPAddress(String(decoding: parts[0], as: UTF8.self)), (1...3).contains(parts[1].count),
            parts[1].allSatisfy({ (0x30...0x39).contains($0) }), parts[1].count == 1 || parts[1].first != 0x30,
            let length = Int(String(decoding: parts[1], as: UTF8.self)), length <= address.bytes.count * 8
        else { return nil }
        self.init(address: address, prefixLength: length)
    }

    /// The block in the usual notation.
    public var description: String { "\(address)/\(prefixLength)" }

    func contains(_ other: IPAddress) -> Bool {
        other.isIPv4 == address.isIPv4 && other.masked(to: prefixLength) == address.masked(to: prefixLength)
    }

    func contains(_ other: IPBlock) -> Bool { other.prefixLength >= prefixLength && contains(other.address) }
}
