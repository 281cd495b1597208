import Foundation

/// The part of the internet that one client may be expected to have: an IPv4 address, or the 64 bits that all addresses of one IPv6 network share.
struct AddressBlock: Hashable, Sendable, CustomStringConvertible {
    let description: String

    /// - Returns: nil when the text is no address.
    init?(_ address: String) {
        guard let bytes = AddressBytes(address) else { return nil }
        description =
            bytes.isVersion6
            ? bytes.values.prefix(8).map { String($0, radix: 16) }.joined(separator: ".") + "/64"
            : bytes.values.map { String($0) }.joined(separator: ".")
    }
}

/// The machines whose word is taken for where a request comes from.
public struct TrustedProxies: Sendable {
    private struct Network: Sendable {
        let bytes: [UInt8]
        let bits: Int

        func contains(_ address: [UInt8]) -> Bool {
            guard address.count == bytes.count else { return false }
            return (0..<bits).allSatisfy { bit in (address[bit / 8] ^ bytes[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0 }
        }
    }

    private let networks: [Network]

    /// What stands beside the server as a rule: its own machine and private networks.
    public static let beside = TrustedProxies(
        networks: ["127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1", "fc00::/7", "fe80::/10"].compactMap(network))

    /// Reads addresses and networks, comma-separated, such as `192.0.2.7, 2001:db8::/32`.
    /// - Returns: nil when one of them is none.
    public init?(_ text: String) {
        let parts = text.split(separator: ",").map { String($0.trimming(while: \.isWhitespace)) }
        let networks = parts.compactMap(Self.network)
        guard networks.count == parts.count else { return nil }
        self.init(networks: networks)
    }

    private init(networks: [Network]) { self.networks = networks }

    func contains(_ address: String) -> Bool {
        guard let bytes = AddressBytes(address)?.values else { return false }
        return networks.contains { $0.contains(bytes) }
    }

    private static func network(_ text: String) -> Network? {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let bytes = AddressBytes(String(first))?.values else { return nil }
        guard parts.count > 1 else { return Network(bytes: bytes, bits: bytes.count * 8) }
        guard let bits = Int(parts[1]), (0...bytes.count * 8).contains(bits) else { return nil }
        return Network(bytes: bytes, bits: bits)
    }
}

/// An internet address: 4 bytes or 16. An IPv4 address that is written as IPv6 is IPv4.
private struct AddressBytes {
    let values: [UInt8]

    var isVersion6: Bool { values.count == 16 }

    init?(_ text: String) {
        var (version4, version6) = (in_addr(), in6_addr())
        if inet_pton(AF_INET, text, &version4) == 1 {
            values = withUnsafeBytes(of: &version4) { Array($0) }
        } else if inet_pton(AF_INET6, text, &version6) == 1 {
            let bytes = withUnsafeBytes(of: &version6) { Array($0) }
            let isMapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
            values = isMapped ? Array(bytes.suffix(4)) : bytes
        } else {
            return nil
        }
    }
}
