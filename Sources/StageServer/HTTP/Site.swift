import HTTPTypes

/// How browsers reach the server.
public struct Site: Sendable {
    /// Where a proxy makes the server known; nil: browsers reach it as it listens.
    public let publicOrigin: Origin?
    let cookie: SiteCookie
    /// Whether the server is reached by TLS alone, without a proxy that takes that off it.
    let servesTLS: Bool
    private let proxies: TrustedProxies

    /// - Parameters:
    ///   - allowsInsecureCookie: sessions work over plain http from other machines, too, where anybody on the way can take them over.
    ///   - proxies: those whose word is taken for where a request comes from, if there is a public origin.
    public init(
        publicOrigin: Origin? = nil, allowsInsecureCookie: Bool = false, servesTLS: Bool = false, proxies: TrustedProxies = .beside
    ) {
        self.publicOrigin = publicOrigin
        self.servesTLS = servesTLS
        self.proxies = proxies
        cookie = .session(isInsecure: allowsInsecureCookie)
    }

    /// Whether a request comes from a page of ours, as far as its `Origin` tells: it names the host that was asked, or the public one.
    func isOwn(_ head: HTTPRequest) -> Bool {
        let given = head.headerFields[values: .origin]
        guard !given.isEmpty else { return true }
        guard given.count == 1, let origin = Origin(given[0]) else { return false }
        if let publicOrigin, origin == publicOrigin { return true }
        guard let asked = head.authority else { return false }
        return origin == Origin(scheme: origin.scheme, authority: asked)
    }

    private static let loopback: Set<String> = ["localhost", "127.0.0.1", "[::1]"]

    /// Whether a browser that sends this request would keep the session's cookie: over https, and over plain http from its own machine.
    func allowsSignIn(_ head: HTTPRequest) -> Bool {
        if servesTLS || cookie.isInsecure || publicOrigin?.scheme == .https { return true }
        let host = (head.authority ?? "").lowercased()
        return Self.loopback.contains(host.hasPrefix("[") ? String(host.prefix { $0 != "]" }) + "]" : String(host.prefix { $0 != ":" }))
    }

    /// The address that a request comes from: behind proxies that are trusted, the one that they name.
    /// - Parameter peer: the address of the connection; nil: it has none.
    func address(of head: HTTPRequest, from peer: String?) -> String? {
        guard publicOrigin != nil, let peer, proxies.contains(peer), let named = head.headerFields[.forwardedFor] else { return peer }
        // Each proxy adds at the end who has asked it: what stands before the last that is none of them, anybody may have written.
        let addresses = named.split(separator: ",").map { String($0.trimming(while: \.isWhitespace)) }
        return addresses.last { !proxies.contains($0) } ?? peer
    }
}

extension HTTPField.Name {
    static let forwardedFor = Self("X-Forwarded-For")!
}

/// The scheme, host and port of a URL (RFC 6454).
public struct Origin: Sendable, Equatable, CustomStringConvertible {
    public enum Scheme: String, Sendable {
        case http, https

        fileprivate var port: String { self == .http ? ":80" : ":443" }
    }

    public let scheme: Scheme
    /// The host in lower case, and the port unless it is the scheme's own.
    public let authority: String

    /// Reads `https://stages.example.com` or `http://127.0.0.1:8080`; nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let scheme = Scheme(rawValue: parts[0].lowercased()),
            let origin = Origin(scheme: scheme, authority: String(parts[1]))
        else { return nil }
        self = origin
    }

    /// - Returns: nil when the authority is no host with or without a port.
    init?(scheme: Scheme, authority: String) {
        var rest = authority.lowercased()[...]
        if rest.hasSuffix(scheme.port) { rest = rest.dropLast(scheme.port.count) }
        guard rest.wholeMatch(of: /(\[[0-9a-f:.]+\]|[a-z0-9._\-]+)(:[0-9]{1,5})?/) != nil else { return nil }
        self.scheme = scheme
        self.authority = String(rest)
    }

    public var description: String { "\(scheme.rawValue)://\(authority)" }
}
