import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Sealing
import StageEngine
import StageModel
@testable import StageServer
import StageStore
import StageStoreSQL
import Testing

/// Whose key a request carries.
enum Who: Sendable {
    case owner, editor, viewer, runtime
    /// The owner of the second business.
    case other
    case platform
    /// No key at all.
    case nobody
    case secret(String)
}

/// The application on a database of its own, with a clock of its own, and a client of it.
struct TestServer: Sendable {
    let parts: Parts
    let client: any TestClientProtocol
    /// What stands for `<name>` in paths, bodies and headers.
    var names: [String: String]

    var clock: TestClock { parts.clock }
    var store: SQLStageStore { parts.store }

    /// Runs a test on a copy of the world.
    static func run<Value: Sendable>(
        _ setup: TestingSetup = .router, rateLimits: RateLimitSettings = RateLimitSettings(), _ test: @Sendable (TestServer) async throws -> Value
    ) async throws -> Value {
        let world = try await World.shared.value
        return try await TestDatabase.with(world.contents, masterKeys: world.masterKeys) { database in
            let parts = try await Parts(database, rateLimits: rateLimits)
            let value = try await parts.application.test(setup) { client in
                try await parts.redis?.whenCurrent()
                return try await test(TestServer(parts: parts, client: client, names: world.names))
            }
            // A test may have closed it.
            try? await parts.store.close()
            return value
        }
    }

    /// A text with every `<name>` replaced by what it stands for.
    func expand(_ text: String) -> String {
        guard text.contains("<") else { return text }
        return names.reduce(text) { $0.replacing("<\($1.key)>", with: $1.value) }
    }
}

// MARK: - Requests

extension TestServer {
    @discardableResult
    func get(
        _ path: String, as who: Who = .owner, _ headers: [String: String] = [:], sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Answer {
        try await call(.get, path, as: who, headers, sourceLocation: sourceLocation)
    }

    @discardableResult
    func post(
        _ path: String, _ body: String? = nil, as who: Who = .owner, _ headers: [String: String] = [:],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Answer {
        try await call(.post, path, body, as: who, headers, sourceLocation: sourceLocation)
    }

    @discardableResult
    func put(
        _ path: String, _ body: String, as who: Who = .owner, _ headers: [String: String] = [:],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Answer {
        try await call(.put, path, body, as: who, headers, sourceLocation: sourceLocation)
    }

    @discardableResult
    func patch(
        _ path: String, _ body: String, as who: Who = .owner, _ headers: [String: String] = [:],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Answer {
        try await call(.patch, path, body, as: who, headers, sourceLocation: sourceLocation)
    }

    @discardableResult
    func delete(
        _ path: String, as who: Who = .owner, _ headers: [String: String] = [:], sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Answer {
        try await call(.delete, path, as: who, headers, sourceLocation: sourceLocation)
    }

    /// Asks, and checks of the answer what holds of every answer.
    @discardableResult
    func call(
        _ method: HTTPRequest.Method, _ path: String, _ body: String? = nil, as who: Who = .owner, _ headers: [String: String] = [:],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Answer {
        try await send(method, path, body.map { Array(expand($0).utf8) }, as: who, headers, sourceLocation: sourceLocation)
    }

    @discardableResult
    func send(
        _ method: HTTPRequest.Method, _ path: String, _ body: [UInt8]?, as who: Who = .owner, _ headers: [String: String] = [:],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Answer {
        var fields: HTTPFields = [:]
        fields[.authorization] = secret(of: who).map { "Bearer \($0)" }
        if body != nil { fields[.contentType] = method == .patch ? "application/merge-patch+json" : "application/json" }
        for (name, value) in headers { fields[try #require(HTTPField.Name(name))] = value == "-" ? nil : expand(value) }
        let path = expand(path)
        let response = try await client.execute(uri: path, method: method, headers: fields, body: body.map { ByteBuffer(bytes: $0) })
        let answer = Answer(response)
        parts.check(answer, to: method, path, sourceLocation: sourceLocation)
        return answer
    }

    func secret(of who: Who) -> String? {
        switch who {
        case .owner, .editor, .viewer, .runtime, .other: names["secret of \(who)"]
        case .platform: Parts.platformKey
        case .nobody: nil
        case .secret(let secret): secret
        }
    }
}

extension TestServer {
    /// Moves a conversation.
    @discardableResult
    func move(
        _ conversation: String, to stage: String, data: String = "{}", as who: Who = .runtime, _ headers: [String: String] = [:],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Answer {
        let body = #"{"conversation_id":"\#(conversation)","data":\#(data)}"#
        return try await put("/stages/<\(stage)>/state", body, as: who, headers, sourceLocation: sourceLocation)
    }

    /// What a name of the world stands for.
    func id(_ name: String) -> JSONValue { .string(names[name] ?? "there is no \(name)") }
}
