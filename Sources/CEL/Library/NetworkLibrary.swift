/// The extension library of IP addresses and blocks.
enum NetworkLibrary {
    static let functions: [Function] = [
        .global("ip", .unary(address), .init([.string], .ip), .init([.ip], .ip)),
        .global("isIP", .unary(isAddress), .init([.string], .bool)),
        .global("cidr", .unary(block), .init([.string], .cidr), .init([.cidr], .cidr)),
        .global("isCIDR", .unary(isBlock), .init([.string], .bool)),
        .global("ip.isCanonical", .unary(isCanonical), .init([.string], .bool)),
        .member("family", .unary(family), .init([.ip], .int)),
        test("isUnspecified") { $0.bytes.allSatisfy { $0 == 0 } },
        test("isLoopback") { $0.isIPv4 ? $0.bytes[0] == 127 : $0.bytes.last == 1 && $0.bytes.dropLast().allSatisfy { $0 == 0 } },
        test("isGlobalUnicast", isGlobalUnicast),
        test("isLinkLocalMulticast", isLinkLocalMulticast),
        test("isLinkLocalUnicast", isLinkLocalUnicast),
        .member("containsIP", .binary(containsAddress), .init([.cidr, .ip], .bool), .init([.cidr, .string], .bool)),
        .member("containsCIDR", .binary(containsBlock), .init([.cidr, .cidr], .bool), .init([.cidr, .string], .bool)),
        .member("ip", .unary(blockAddress), .init([.cidr], .ip)),
        .member("masked", .unary(masked), .init([.cidr], .cidr)),
        .member("prefixLength", .unary(prefixLength), .init([.cidr], .int)),
    ]

    private static func test(_ name: String, _ holds: @escaping @Sendable (IPAddress) -> Bool) -> Function {
        .member(
            name,
            .unary { (value, _) throws(EvaluationError) in
                guard case .ip(let address) = value else { throw .noSuchOverload(name, value) }
                return .bool(holds(address))
            }, .init([.ip], .bool))
    }

    @Sendable private static func isLinkLocalMulticast(_ address: IPAddress) -> Bool {
        if address.isIPv4 { return address.bytes[0] == 224 && address.bytes[1] == 0 && address.bytes[2] == 0 }
        return address.bytes[0] == 0xFF && address.bytes[1] & 0x0F == 0x02
    }

    @Sendable private static func isLinkLocalUnicast(_ address: IPAddress) -> Bool {
        if address.isIPv4 { return address.bytes[0] == 169 && address.bytes[1] == 254 }
        return address.bytes[0] == 0xFE && address.bytes[1] & 0xC0 == 0x80
    }

    /// Everything but the unspecified, loopback, multicast, link-local and (of IPv4) broadcast addresses.
    @Sendable private static func isGlobalUnicast(_ address: IPAddress) -> Bool {
        let isMulticast = address.isIPv4 ? address.bytes[0] & 0xF0 == 0xE0 : address.bytes[0] == 0xFF
        let isLoopback = address.isIPv4 ? address.bytes[0] == 127 : address.bytes.last == 1 && address.bytes.dropLast().allSatisfy { $0 == 0 }
        let isBroadcast = address.isIPv4 && address.bytes.allSatisfy { $0 == 255 }
        return !isMulticast && !isLoopback && !isBroadcast && !isLinkLocalUnicast(address) && !address.bytes.allSatisfy { $0 == 0 }
    }

    private static func readAddress(_ text: String) throws(EvaluationError) -> IPAddress {
        guard let address = IPAddress(text) else { throw .conversion(text, to: "IP address") }
        return address
    }

    private static func readBlock(_ text: String) throws(EvaluationError) -> IPBlock {
        guard let block = IPBlock(text) else { throw .conversion(text, to: "CIDR block") }
        return block
    }

    @Sendable static func address(_ value: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        switch value {
        case .string(let text):
            try meter.spend(60)
            return .ip(try readAddress(text))
        case .ip: return value
        default: throw .noSuchOverload("ip", value)
        }
    }

    @Sendable static func block(_ value: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        switch value {
        case .string(let text):
            try meter.spend(80)
            return .cidr(try readBlock(text))
        case .cidr: return value
        default: throw .noSuchOverload("cidr", value)
        }
    }

    @Sendable static func isAddress(_ value: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        guard case .string(let text) = value else { throw .noSuchOverload("isIP", value) }
        try meter.spend(60)
        return .bool(IPAddress(text) != nil)
    }

    @Sendable static func isBlock(_ value: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        guard case .string(let text) = value else { throw .noSuchOverload("isCIDR", value) }
        try meter.spend(80)
        return .bool(IPBlock(text) != nil)
    }

    @Sendable static func isCanonical(_ value: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        guard case .string(let text) = value else { throw .noSuchOverload("ip.isCanonical", value) }
        try meter.spend(120)
        return .bool(try readAddress(text).description == text)
    }

    @Sendable static func family(_ value: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        guard case .ip(let address) = value else { throw .noSuchOverload("family", value) }
        return .int(address.isIPv4 ? 4 : 6)
    }

    @Sendable static func containsAddress(_ value: Value, _ other: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        try meter.spend(80)
        switch (value, other) {
        case (.cidr(let block), .ip(let address)): return .bool(block.contains(address))
        case (.cidr(let block), .string(let text)): return .bool(block.contains(try readAddress(text)))
        default: throw .noSuchOverload("containsIP", value, other)
        }
    }

    @Sendable static func containsBlock(_ value: Value, _ other: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        try meter.spend(80)
        switch (value, other) {
        case (.cidr(let block), .cidr(let inner)): return .bool(block.contains(inner))
        case (.cidr(let block), .string(let text)): return .bool(block.contains(try readBlock(text)))
        default: throw .noSuchOverload("containsCIDR", value, other)
        }
    }

    @Sendable static func blockAddress(_ value: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        guard case .cidr(let block) = value else { throw .noSuchOverload("ip", value) }
        return .ip(block.address)
    }

    @Sendable static func masked(_ value: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        guard case .cidr(let block) = value else { throw .noSuchOverload("masked", value) }
        try meter.spend(40)
        return .cidr(IPBlock(address: block.address.masked(to: block.prefixLength), prefixLength: block.prefixLength))
    }

    @Sendable static func prefixLength(_ value: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        guard case .cidr(let block) = value else { throw .noSuchOverload("prefixLength", value) }
        return .int(Int64(block.prefixLength))
    }
}
