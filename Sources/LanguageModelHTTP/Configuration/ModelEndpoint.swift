/// The one address that requests go to. It is made of what the operator gave, and of nothing else.
struct ModelEndpoint: Equatable, Sendable {
    let url: String
    /// A key in plain text would be read on the way to another machine.
    let isReadableOnTheWay: Bool

    private static let path = "/chat/completions"

    /// Reads the address of an API and adds what leads to its chat completions.
    ///
    /// `http://host`, `http://host/v1`, `http://host/v1/` and `http://host/v1/chat/completions` are the same.
    init(parsing text: String) throws(InvalidModelConfiguration) {
        func refuse(_ what: String) -> InvalidModelConfiguration { InvalidModelConfiguration(message: "The language model's URL \(what).") }
        let right = "it begins with http:// or https://, as in http://127.0.0.1:8099/v1"
        if text.isEmpty { throw refuse("is empty; \(right)") }
        if text.utf8.count > 2048 { throw refuse("has more than 2048 characters; give the address where the server's API begins") }
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !#""<>\^`{|}"#.utf8.contains($0) }) else {
            throw refuse("has a space or a character that no URL has; write it as % and two hexadecimal digits, or leave it out")
        }
        guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else { throw refuse("has no scheme; \(right)") }
        let scheme = text[..<colon].lowercased()
        guard scheme == "http" || scheme == "https" else { throw refuse("has a scheme that is not known; \(right)") }
        let rest = text[colon...].dropFirst(3)
        if rest.contains(where: { $0 == "?" || $0 == "#" }) {
            throw refuse("has a '?' or a '#'; give the address where the server's API begins, without options")
        }
        let authority = rest.prefix { $0 != "/" }
        if authority.contains("@") { throw refuse("has a user name or password; a secret is given as the language model's key") }
        let host = try Self.host(of: authority, refuse)
        isReadableOnTheWay = scheme == "http" && !Self.isLoopback(host)

        var path = rest[authority.endIndex...]
        while path.last == "/" { path.removeLast() }
        if path.isEmpty { path = "/v1" }
        if !path.hasSuffix(Self.path) { path += Self.path }
        url = "\(scheme)://\(authority)\(path)"
    }

    /// The host, with a port behind it or not; an IPv6 address stands in brackets.
    private static func host(
        of authority: Substring, _ refuse: (String) -> InvalidModelConfiguration
    ) throws(InvalidModelConfiguration) -> Substring {
        var host = authority
        var port: Substring?
        if authority.first == "[" {
            guard let bracket = authority.firstIndex(of: "]") else { throw refuse("has a '[' without a ']'; an IPv6 address stands in brackets") }
            host = authority[...bracket]
            let behind = authority[host.endIndex...]
            guard behind.isEmpty || behind.first == ":" else { throw refuse("has something between ']' and the port") }
            port = behind.isEmpty ? nil : behind.dropFirst()
        } else if let colon = authority.firstIndex(of: ":") {
            host = authority[..<colon]
            port = authority[colon...].dropFirst()
        }
        if host.isEmpty || host == "[]" { throw refuse("has no host; write one, as in http://127.0.0.1:8099/v1") }
        if let port {
            guard port.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let number = Int(port),
                (1...65535).contains(number)
            else { throw refuse("has a port that is not a number from 1 to 65535") }
        }
        return host
    }

    private static func isLoopback(_ host: Substring) -> Bool {
        host.lowercased() == "localhost" || host == "[::1]" || host.hasPrefix("127.")
    }
}
