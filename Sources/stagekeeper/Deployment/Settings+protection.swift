import ArgumentParser
import Configuration
import NIOCore
import StageServer

/// What keeps the server standing, whoever asks for how much.
extension Settings {
    static func rateLimits(_ config: ConfigReader) throws -> RateLimitSettings {
        var limits = RateLimitSettings()
        limits.key = try rateLimit(config, "rate.limit.key", unset: limits.key)
        limits.business = try rateLimit(config, "rate.limit.business", unset: limits.business)
        limits.refusals = try rateLimit(config, "rate.limit.refusals", unset: limits.refusals)
        return limits
    }

    private static func rateLimit(_ config: ConfigReader, _ key: ConfigKey, unset: RateLimit?) throws -> RateLimit? {
        guard let text = config.string(forKey: key), !text.isEmpty else { return unset }
        if text == "off" { return nil }
        guard let limit = RateLimit(text) else {
            throw ValidationError("\(name(of: key)) must be \(RateLimit.form), or off; it is '\(text)'.")
        }
        return limit
    }

    static func proxies(_ config: ConfigReader) throws -> TrustedProxies {
        guard let text = config.string(forKey: "trusted.proxies"), !text.isEmpty else { return .beside }
        guard let proxies = TrustedProxies(text) else {
            throw ValidationError("STAGEKEEPER_TRUSTED_PROXIES must be addresses and networks such as 192.0.2.7, 10.0.0.0/8, not '\(text)'.")
        }
        return proxies
    }

    static func tls(_ config: ConfigReader) throws -> (certificate: String, key: String)? {
        let certificate = config.string(forKey: "tls.certificate.file").flatMap { $0.isEmpty ? nil : $0 }
        let key = config.string(forKey: "tls.key.file").flatMap { $0.isEmpty ? nil : $0 }
        if certificate == nil, key == nil { return nil }
        guard let certificate, let key else {
            let missing = certificate == nil ? "STAGEKEEPER_TLS_CERTIFICATE_FILE" : "STAGEKEEPER_TLS_KEY_FILE"
            throw ValidationError("\(missing) is missing: TLS takes a certificate and its private key.")
        }
        return (certificate, key)
    }

    static func connections(_ config: ConfigReader) throws -> ConnectionLimits {
        var limits = ConnectionLimits()
        limits.connections = try number(config, "max.connections", in: 1...1_000_000, unset: limits.connections)
        limits.requests = try number(config, "max.requests", in: 1...100_000, unset: limits.requests)
        limits.turns = try number(config, "max.turns", in: 1...100_000, unset: limits.turns)
        limits.headTimeout = try seconds(config, "header.timeout", unset: limits.headTimeout)
        limits.bodyTimeout = try seconds(config, "body.timeout", unset: limits.bodyTimeout)
        limits.idleTimeout = try seconds(config, "idle.timeout", unset: limits.idleTimeout)
        return limits
    }

    private static func seconds(_ config: ConfigReader, _ key: ConfigKey, unset: TimeAmount) throws -> TimeAmount {
        let unset = Int(unset.nanoseconds / 1_000_000_000)
        return .seconds(Int64(try number(config, key, in: 1...3600, unset: unset, unit: ", in seconds")))
    }

    private static func number(
        _ config: ConfigReader, _ key: ConfigKey, in range: ClosedRange<Int>, unset: Int, unit: String = ""
    ) throws -> Int {
        // Read as text: what is no number must not count as left out. In a file it may be a number, too.
        guard let text = config.string(forKey: key) ?? config.int(forKey: key).map({ String($0) }), !text.isEmpty else { return unset }
        guard let number = Int(text), range.contains(number) else {
            throw ValidationError("\(name(of: key)) must be \(range.lowerBound) to \(range.upperBound)\(unit), not '\(text)'.")
        }
        return number
    }

    /// The environment variable of a setting.
    private static func name(of key: ConfigKey) -> String {
        "STAGEKEEPER_" + key.components.joined(separator: "_").uppercased()
    }
}
