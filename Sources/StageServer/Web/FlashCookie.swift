import HTTPTypes

/// The cookie that carries what an action did over one redirect.
struct FlashCookie {
    let isInsecure: Bool

    private var name: String { isInsecure ? "stagekeeper-flash" : "__Host-stagekeeper-flash" }
    private var attributes: String { "Path=/; \(isInsecure ? "" : "Secure; ")HttpOnly; SameSite=Lax" }

    func flash(in fields: HTTPFields) -> Flash? {
        for field in fields[values: .cookie] {
            for pair in field.split(separator: ";") {
                let parts = pair.split(separator: "=", maxSplits: 1)
                if parts.count == 2, parts[0].trimming(while: \.isWhitespace) == name {
                    return Flash(rawValue: String(parts[1].trimming(while: \.isWhitespace)))
                }
            }
        }
        return nil
    }

    func setting(_ flash: Flash) -> String { "\(name)=\(flash.rawValue); \(attributes); Max-Age=60" }

    var removal: String { "\(name)=; \(attributes); Max-Age=0" }
}

extension Site {
    private static let loopback: Set<String> = ["localhost", "127.0.0.1", "[::1]"]

    /// Whether a browser that sends this request would keep the session's cookie: over https, and over plain http from its own machine.
    func allowsSignIn(_ head: HTTPRequest) -> Bool {
        if cookie.isInsecure || publicOrigin?.scheme == .https { return true }
        let host = (head.authority ?? "").lowercased()
        return Self.loopback.contains(host.hasPrefix("[") ? String(host.prefix { $0 != "]" }) + "]" : String(host.prefix { $0 != ":" }))
    }

    /// The address that a request comes from: behind a proxy, the one that it names.
    func address(of head: HTTPRequest, from peer: String) -> String {
        guard publicOrigin != nil, let named = HTTPField.Name("X-Forwarded-For").flatMap({ head.headerFields[$0] }) else { return peer }
        return named.split(separator: ",").last.map { String($0.trimming(while: \.isWhitespace)) } ?? peer
    }
}
