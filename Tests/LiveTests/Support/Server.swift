import Foundation

/// A server that has said that it is ready.
struct Server: Sendable {
    /// The business that a first start with `STAGEKEEPER_DEMO` creates.
    struct Demo: Sendable {
        let business: String
        let key: String
    }

    let child: Child
    let url: String
    let demo: Demo?

    /// Starts a server and waits until it is ready.
    /// - Throws: `StartFailure` with what it said, when it ends before.
    static func start(on database: Database, _ environment: [String: String] = [:]) async throws -> Server {
        let child = try Stagekeeper.start(["serve"], on: database, environment)
        for await line in child.lines {
            guard let start = line.range(of: " is ready at "), let url = line[start.upperBound...].split(separator: " ").first else { continue }
            // What is announced is announced at once, so that the demo's key is there when the first line is.
            return Server(child: child, url: String(url), demo: demo(in: child.output))
        }
        throw StartFailure("The server ended before it was ready: \(await child.end())\n\(child.output)\n\(child.errors)")
    }

    /// Ends the server at once, as a loss of power would.
    func kill() async {
        child.send(SIGKILL)
        _ = await child.end()
    }

    /// Asks the server to end.
    func stop() async -> Child.Ending {
        child.send(SIGTERM)
        return await child.end()
    }

    var port: UInt16? { url.split(separator: ":").last.flatMap { UInt16($0) } }

    private static func demo(in output: String) -> Demo? {
        func value(_ name: String) -> String? {
            output.split(separator: "\n").first { $0.contains("export \(name)=") }?.split(separator: "=", maxSplits: 1).last.map(String.init)
        }
        guard let business = value("BUSINESS"), let key = value("KEY") else { return nil }
        return Demo(business: business, key: key)
    }
}

/// Runs a server for as long as something is done with it; whatever comes of that, the server has ended afterwards.
func withServer<Value>(
    on database: Database, _ environment: [String: String] = [:], _ body: (Server) async throws -> Value
) async throws -> Value {
    let server = try await Server.start(on: database, environment)
    do {
        let value = try await body(server)
        await server.kill()
        return value
    } catch {
        await server.kill()
        throw error
    }
}
