import HTTPTypes
import StageModel
import StageStore
import Testing

/// Somebody who asks: with a key, with a browser's session, or with nothing that is good.
enum AccessCaller: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case owner = "an owner's key"
    case editor = "an editor's key"
    case viewer = "a viewer's key"
    case runtime = "a runtime key"
    case ownersSession = "an owner's session"
    case editorsSession = "an editor's session"
    case viewersSession = "a viewer's session"
    case platform = "the platform key"
    case stranger = "another business's owner's key"
    case strangersSession = "another business's owner's session"
    case nobody = "no key"
    case wrongKey = "a key that never was"
    case revokedKey = "a key that was revoked"
    case expiredKey = "a key that has expired"
    case endedSession = "a session that was ended"
    case sessionOfRevokedKey = "a session whose key was revoked"

    /// Who the server has to take them for.
    enum Standing: Equatable {
        /// Of the shop.
        case member(role: String)
        /// An owner, of the other business.
        case stranger
        case platform
        case nobody
    }

    var testDescription: String { rawValue }

    var standing: Standing {
        switch self {
        case .owner, .ownersSession: .member(role: "owner")
        case .editor, .editorsSession: .member(role: "editor")
        case .viewer, .viewersSession: .member(role: "viewer")
        case .runtime: .member(role: "runtime")
        case .platform: .platform
        case .stranger, .strangersSession: .stranger
        case .nobody, .wrongKey, .revokedKey, .expiredKey, .endedSession, .sessionOfRevokedKey: .nobody
        }
    }

    /// Gets what they ask with.
    func credential(_ server: TestServer) async throws -> Credential {
        switch self {
        case .owner: return .key(.owner)
        case .editor: return .key(.editor)
        case .viewer: return .key(.viewer)
        case .runtime: return .key(.runtime)
        case .ownersSession: return .session(try await Browser(server, as: "owner"))
        case .editorsSession: return .session(try await Browser(server, as: "editor"))
        case .viewersSession: return .session(try await Browser(server, as: "viewer"))
        case .platform: return .key(.platform)
        case .stranger: return .key(.other)
        case .strangersSession: return .session(try await Browser(server, as: "other"))
        case .nobody: return .key(.nobody)
        case .wrongKey: return .key(.secret("sk_abcdefgh_" + String(repeating: "A", count: 43)))
        case .revokedKey:
            let (secret, id) = try await Self.ownersKey(server)
            try await server.delete("/api-keys/\(id)")
            return .key(.secret(secret))
        case .expiredKey:
            let (secret, _) = try await Self.ownersKey(server, #","expires_at":"2026-03-01T12:01:00Z""#)
            server.clock.advance(seconds: 60)
            return .key(.secret(secret))
        case .endedSession:
            let browser = try await Browser(server)
            #expect(try await browser.get("/api-keys").status == 200)
            try await server.delete("/sessions/\(browser.session.id)")
            return .session(browser)
        case .sessionOfRevokedKey:
            let (secret, id) = try await Self.ownersKey(server)
            var named = server
            named.names["secret of doomed"] = secret
            let browser = try await Browser(named, as: "doomed")
            #expect(try await browser.get("/api-keys").status == 200)
            try await server.delete("/api-keys/\(id)")
            return .session(browser)
        }
    }

    /// Makes an owner's key that the server has seen in use.
    private static func ownersKey(_ server: TestServer, _ more: String = "") async throws -> (secret: String, id: String) {
        let created = try await server.post("/api-keys", #"{"name":"doomed","role":"owner"\#(more)}"#)
        let secret = try #require(created["/api_key"]?.string)
        #expect(try await server.get("/api-keys", as: .secret(secret)).status == 200)
        return (secret, try #require(created["/key_id"]?.string))
    }
}

/// What somebody asks with.
enum Credential: Sendable {
    case key(Who)
    case session(Browser)

    @discardableResult
    func ask(
        _ server: TestServer, _ method: HTTPRequest.Method, _ path: String, _ body: String?, _ headers: [String: String] = [:]
    ) async throws -> Answer {
        switch self {
        case .key(let who): return try await server.call(method, path, body, as: who, headers)
        case .session(let browser): return try await browser.call(method, server.expand(path), body.map(server.expand), headers)
        }
    }
}
