extension RedisConfiguration {
    /// Reads `redis://user:password@host:port/database`; with `rediss` instead of `redis` the connection is encrypted.
    ///
    /// All but scheme and host may be missing. User and password are percent-encoded, an IPv6 address stands in brackets.
    /// - Throws: `invalidConfiguration` with what is wrong, at which character, and what would be right; never with the password.
    public init(url: String) throws(RedisError) {
        var reader = RedisURLReader(url)
        self = try reader.read()
    }
}

/// Reads a URL character by character; what it refuses it counts from 1.
private struct RedisURLReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ url: String) { bytes = Array(url.utf8) }

    mutating func read() throws(RedisError) -> RedisConfiguration {
        if let index = bytes.firstIndex(where: { $0 <= 32 || $0 == 127 }) {
            throw refuse("has a space or a control character", at: index, "leave it out, or write it as % and two hexadecimal digits")
        }
        let isEncrypted = try readScheme()
        var configuration = RedisConfiguration()
        if isEncrypted { configuration.tls = RedisConfiguration.TLS() }
        let rest = position..<bytes.count
        if let index = bytes[rest].firstIndex(where: { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }) {
            throw refuse(
                "has a '\(bytes[index] == UInt8(ascii: "#") ? "#" : "?")'", at: index,
                "in a password write it as \(bytes[index] == UInt8(ascii: "#") ? "%23" : "%3F"); options do not belong in the URL")
        }
        let end = bytes[rest].firstIndex(of: UInt8(ascii: "/")) ?? bytes.count
        if let sign = bytes[rest].lastIndex(of: UInt8(ascii: "@")) {
            guard sign < end else { throw refuse("has a '/' before the '@'", at: end, "in a user name or password write it as %2F") }
            try readCredentials(until: sign, into: &configuration)
            position = sign + 1
        }
        try readHost(until: end, into: &configuration)
        if end < bytes.count { try readDatabase(from: end + 1, into: &configuration) }
        return configuration
    }

    private func refuse(_ what: String, at index: Int, _ right: String) -> RedisError {
        RedisError(.invalidConfiguration, "The Redis URL \(what) at character \(index + 1): \(right).")
    }

    private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    private mutating func readScheme() throws(RedisError) -> Bool {
        let right = "it begins with redis:// or, encrypted, rediss://, as in redis://127.0.0.1:6379"
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), bytes[colon...].starts(with: Array("://".utf8)) else {
            throw refuse("has no scheme", at: 0, right)
        }
        position = colon + 3
        switch text(0..<colon).lowercased() {
        case "redis": return false
        case "rediss": return true
        default: throw refuse("has a scheme that is not known", at: 0, right)
        }
    }

    private func readCredentials(until end: Int, into configuration: inout RedisConfiguration) throws(RedisError) {
        if let second = bytes[position..<end].firstIndex(of: UInt8(ascii: "@")) {
            throw refuse("has more than one '@', the first", at: second, "in a user name or password write it as %40")
        }
        guard let colon = bytes[position..<end].firstIndex(of: UInt8(ascii: ":")) else {
            throw refuse(
                "has a user name without a password", at: position, "write redis://user:password@host, or redis://:password@host for the default user"
            )
        }
        if let second = bytes[(colon + 1)..<end].firstIndex(of: UInt8(ascii: ":")) {
            throw refuse("has a second ':' in user name and password", at: second, "in a password write it as %3A")
        }
        let (user, password) = (try decode(position..<colon), try decode((colon + 1)..<end))
        guard !password.isEmpty else { throw refuse("has an empty password", at: colon, "leave out user, ':' and '@', or give a password") }
        configuration.user = user.isEmpty ? nil : user
        configuration.password = RedisPassword(password)
    }

    private func decode(_ range: Range<Int>) throws(RedisError) -> String {
        var decoded: [UInt8] = []
        var index = range.lowerBound
        while index < range.upperBound {
            if bytes[index] == UInt8(ascii: "%") {
                let digits = bytes[range].dropFirst(index + 1 - range.lowerBound).prefix(2)
                let isSigned = digits.first == UInt8(ascii: "+") || digits.first == UInt8(ascii: "-")
                guard digits.count == 2, !isSigned, let byte = UInt8(String(decoding: digits, as: UTF8.self), radix: 16) else {
                    throw refuse("has a '%' without two hexadecimal digits", at: index, "a percent sign itself is written as %25")
                }
                decoded.append(byte)
                index += 3
            } else {
                decoded.append(bytes[index])
                index += 1
            }
        }
        guard let text = String(validating: decoded, as: UTF8.self) else {
            throw refuse("has a user name or password that is not UTF-8", at: range.lowerBound, "encode the bytes of its UTF-8 form")
        }
        return text
    }

    private mutating func readHost(until end: Int, into configuration: inout RedisConfiguration) throws(RedisError) {
        var hostEnd = bytes[position..<end].firstIndex(of: UInt8(ascii: ":")) ?? end
        var host = position..<hostEnd
        if position < end, bytes[position] == UInt8(ascii: "[") {
            guard let bracket = bytes[position..<end].firstIndex(of: UInt8(ascii: "]")) else {
                throw refuse("has a '[' without a ']'", at: position, "an IPv6 address stands in brackets, as in redis://[::1]:6379")
            }
            host = (position + 1)..<bracket
            hostEnd = bracket + 1
            guard hostEnd == end || bytes[hostEnd] == UInt8(ascii: ":") else {
                throw refuse("has something between ']' and the port", at: hostEnd, "after the bracket comes ':' and the port, or nothing")
            }
        }
        guard !host.isEmpty else { throw refuse("has no host", at: position, "write one, as in redis://127.0.0.1:6379") }
        configuration.host = text(host)
        guard hostEnd < end else { return }
        let digits = (hostEnd + 1)..<end
        if bytes[digits].contains(UInt8(ascii: ":")) {
            throw refuse("has more than one ':' in host and port", at: hostEnd, "an IPv6 address stands in brackets, as in redis://[::1]:6379")
        }
        guard let port = number(digits), (1...65535).contains(port) else {
            throw refuse("has a port that is not a number from 1 to 65535", at: hostEnd + 1, "the usual one is 6379")
        }
        configuration.port = port
    }

    private func readDatabase(from start: Int, into configuration: inout RedisConfiguration) throws(RedisError) {
        guard start < bytes.count else { return }
        guard let database = number(start..<bytes.count), database <= Int(Int32.max) else {
            throw refuse("has a database that is not a number", at: start, "write a number such as 0, or end the URL before the '/'")
        }
        configuration.database = database
    }

    /// Digits and nothing else.
    private func number(_ range: Range<Int>) -> Int? {
        guard bytes[range].allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return Int(text(range))
    }
}
