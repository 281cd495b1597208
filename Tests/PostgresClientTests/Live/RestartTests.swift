import Foundation
import PostgresClient
import Testing

@Suite(.needsPostgres) struct RestartTests {
    private static let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../servers/postgres").path

    /// Runs `Tests/servers/postgres`.
    /// - Returns: the `NAME=value` lines that it prints.
    private func servers(_ arguments: String...) async throws -> [String: String] {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = [Self.script] + arguments
        process.standardOutput = output
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in continuation.resume() }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        try #require(process.terminationStatus == 0)
        let lines = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self).split(separator: "\n")
        let pairs = lines.compactMap { line in line.firstIndex(of: "=").map { (String(line[..<$0]), String(line[line.index(after: $0)...])) } }
        return Dictionary(pairs, uniquingKeysWith: { _, last in last })
    }

    @Test func aServerThatIsStoppedAndStartedIsFoundAgain() async throws {
        let server = try await servers("start")
        let folder = try #require(server["STAGEKEEPER_TEST_POSTGRES_FOLDER"])
        do {
            let url = try #require(server["STAGEKEEPER_TEST_POSTGRES_URL"])
            var configuration = PostgresConfiguration(url: try PostgresURL(url))
            configuration.acquireTimeout = .seconds(1)
            configuration.reconnection = Backoff(initial: .milliseconds(10), maximum: .milliseconds(50))
            let pool = try PostgresPool(configuration, logger: TestServer.logger)
            let listener = try PostgresListener(configuration, channels: ["news"], logger: TestServer.logger)
            var events = listener.events.makeAsyncIterator()
            guard case .listening = await events.next() else { throw PostgresTestFailure("not listening") }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { try await pool.query("SELECT 1") } }
                try await group.waitForAll()
            }
            _ = try await servers("halt", folder)
            // Every connection is known to be dead: who asks is told why there is none.
            let error = await failure { try await pool.query("SELECT 1") }
            #expect([.unreachable, .serverNotReady].contains(error?.code))
            _ = try await servers("resume", folder)
            while await failure({ try await pool.query("SELECT 1") }) != nil { try await Task.sleep(for: .milliseconds(5)) }
            #expect(pool.status.trouble == nil)
            while let event = await events.next() { if case .listening = event { break } }
            try await pool.query("SELECT pg_notify('news', 'back')")
            guard case .notification(let notification) = await events.next() else { throw PostgresTestFailure("no notification") }
            #expect(notification.payload == "back")
            listener.close()
            await pool.close()
        } catch {
            _ = try await servers("stop", folder)
            throw error
        }
        _ = try await servers("stop", folder)
        #expect(!FileManager.default.fileExists(atPath: folder))
    }
}

struct PostgresTestFailure: Error {
    let message: String

    init(_ message: String) { self.message = message }
}
