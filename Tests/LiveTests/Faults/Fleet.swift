import AsyncHTTPClient
import Foundation
import NIOHTTP1
import StageModel
import Synchronization
import Testing

/// The servers under test, each at an address of its own that it keeps when it is killed and started again.
final class Fleet: Sendable {
    /// What `/ready` answered.
    struct Readiness: Hashable, Sendable {
        let status: UInt
        let word: String

        static let ready = Readiness(status: 200, word: "ready")
        static let degraded = Readiness(status: 200, word: "degraded")
        static let unavailable = Readiness(status: 503, word: "database_unavailable")
    }

    let endpoints: [String]
    private let place: Database
    /// Of each server.
    private let environments: [[String: String]]
    private let servers: Mutex<[Server]>
    /// What servers have said that are gone.
    private let said = Mutex("")

    private init(_ servers: [Server], place: Database, environments: [[String: String]]) {
        endpoints = servers.map(\.url)
        self.servers = Mutex(servers)
        self.place = place
        self.environments = environments
    }

    /// Runs servers for as long as something is done with them, one for each set of settings.
    static func run(_ environments: [[String: String]], _ body: (Fleet) async throws -> Void) async throws {
        try await withDatabase { place in
            let fleet = Fleet(try await start(environments, in: place), place: place, environments: environments)
            do { try await body(fleet) } catch {
                await fleet.end()
                throw error
            }
            await fleet.end()
        }
    }

    /// Starts servers side by side; if one does not come to be ready, none is left.
    private static func start(_ environments: [[String: String]], in place: Database) async throws -> [Server] {
        let starts = environments.map { environment in Task { try await Server.start(on: place, environment) } }
        var servers: [Server] = []
        var failure: (any Error)?
        for start in starts {
            do { servers.append(try await start.value) } catch { failure = error }
        }
        guard let failure else { return servers }
        for server in servers { await server.kill() }
        throw failure
    }

    private func end() async {
        for server in servers.withLock(\.self) { await server.kill() }
    }

    /// Kills a server and starts it again at the same address.
    func restart(_ index: Int) async throws {
        let server = servers.withLock { $0[index] }
        await server.kill()
        said.withLock { $0 += server.child.errors }
        let port = try #require(server.port)
        let started = try await Server.start(on: place, environments[index].merging(["STAGEKEEPER_PORT": "\(port)"]) { $1 })
        servers.withLock { $0[index] = started }
    }

    /// Everything that the servers have written to their logs.
    var log: String { said.withLock(\.self) + servers.withLock { $0.map(\.child.errors) }.joined() }

    /// Asks each server whether it is ready; nil: no answer.
    func readiness(by client: HTTPClient) async -> [Readiness?] {
        await withTaskGroup(of: (Int, Readiness?).self) { group in
            for (index, endpoint) in endpoints.enumerated() {
                group.addTask {
                    let answer = try? await Exchange.send(.GET, "\(endpoint)/ready", by: client, within: .seconds(12))
                    let word = answer?.body["status"]?.string ?? answer?.code ?? "nothing"
                    return (index, answer.map { Readiness(status: $0.status, word: word) })
                }
            }
            return await group.reduce(into: Array(repeating: nil, count: endpoints.count)) { $0[$1.0] = $1.1 }
        }
    }

    /// The metrics of all servers, summed up by their names.
    func metrics(by client: HTTPClient) async throws -> [String: Double] {
        var metrics: [String: Double] = [:]
        for endpoint in endpoints {
            let text = try await Exchange.send(.GET, "\(endpoint)/metrics", by: client, within: .seconds(12)).body.string ?? ""
            for line in text.split(separator: "\n") where !line.hasPrefix("#") {
                guard let space = line.lastIndex(of: " "), let value = Double(line[line.index(after: space)...]) else { continue }
                metrics[String(line[..<space]), default: 0] += value
            }
        }
        return metrics
    }
}
