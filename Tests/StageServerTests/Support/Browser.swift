import HTTPTypes
import HummingbirdTesting
import StageEngine
import StageModel
import StageServer
import StageStore
import Testing

/// A browser that is signed in: it sends its cookie, and no key.
struct Browser: Sendable {
    let server: TestServer
    let session: Session
    let cookie: String

    static let name = "__Host-stagekeeper"

    /// Signs in with the key of somebody, in a process of its own.
    init(_ server: TestServer, as who: String = "owner", userAgent: String = "Browser") async throws {
        self.server = server
        let access = AccessService(store: server.store, platformKey: nil)
        let secret = try #require(server.names["secret of \(who)"])
        let signIn = try await access.signIn(withKey: secret, userAgent: userAgent, from: "192.0.2.1", at: server.clock.now)
        session = signIn.session
        cookie = signIn.cookie
    }

    /// What a page of ours holds.
    var token: String { AccessService(store: server.store, platformKey: nil).csrfToken(forCookie: cookie) }

    /// Asks as a page of ours does.
    /// - Parameter headers: in place of those that it sends; `-` leaves one out.
    @discardableResult
    func call(
        _ method: HTTPRequest.Method, _ path: String, _ body: String? = nil, _ headers: [String: String] = [:],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Answer {
        var own = ["Cookie": "theme=dark; \(Self.name)=\(cookie)"]
        if method != .get, method != .head { own.merge(["X-CSRF-Token": token, "Origin": "http://localhost"]) { $1 } }
        return try await server.call(method, path, body, as: .nobody, own.merging(headers) { $1 }, sourceLocation: sourceLocation)
    }

    @discardableResult
    func get(_ path: String, _ headers: [String: String] = [:], sourceLocation: SourceLocation = #_sourceLocation) async throws -> Answer {
        try await call(.get, path, nil, headers, sourceLocation: sourceLocation)
    }

    /// Asks for a page, as browsers do; what holds of every answer of the API is not looked at.
    func page(_ path: String, _ headers: [String: String] = [:]) async throws -> Answer {
        try await server.page(path, ["Cookie": "\(Self.name)=\(cookie)"].merging(headers) { $1 })
    }
}

extension TestServer {
    /// Asks for a page as somebody who is not signed in.
    func page(_ path: String, _ headers: [String: String] = [:]) async throws -> Answer {
        var fields: HTTPFields = [.accept: "text/html"]
        for (name, value) in headers { if let name = HTTPField.Name(name) { fields[name] = value } }
        return Answer(try await client.execute(uri: expand(path), method: .get, headers: fields, body: nil))
    }
}
