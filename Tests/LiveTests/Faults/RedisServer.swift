import Foundation
import Testing

/// Redis servers of the fault tests' own, which they stop, kill and pause.
struct RedisServer: Sendable {
    /// The one that suffers.
    static let name = "mortal"
    /// The one whose certificate has expired.
    static let expired = "tls-expired"

    let folder: String

    static func start() async throws -> RedisServer {
        RedisServer(folder: try #require(try await Program.servers("redis", ["start", name, expired])["REDIS_FOLDER"]))
    }

    /// How the server under test reaches one of them, with no more rights than it needs.
    func appURL(_ name: String = name) throws -> String { try url("\(name).app.url") }

    private func url(_ file: String) throws -> String {
        try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8).trimmingCharacters(in: .newlines)
    }

    func halt(_ signal: String) async throws { try await Program.servers("redis", ["halt", folder, Self.name, signal]) }
    func resume() async throws { try await Program.servers("redis", ["resume", folder, Self.name]) }
    func pause() async throws { try await Program.servers("redis", ["pause", folder, Self.name]) }
    func proceed() async throws { try await Program.servers("redis", ["continue", folder, Self.name]) }
    func stop() async throws { try await Program.servers("redis", ["stop", folder]) }

    /// Asks, as the administrator unless another URL is given.
    @discardableResult
    func ask(_ words: [String], by other: String? = nil) async throws -> String {
        try await Program.run(["redis-cli", "--no-auth-warning", "-u", try other ?? url("\(Self.name).url")] + words)
    }
}
