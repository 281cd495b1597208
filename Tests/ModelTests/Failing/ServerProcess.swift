import AsyncHTTPClient
import Foundation
import NIOCore
import Synchronization

/// A server of a real language model that a test may kill.
final class ServerProcess: Sendable {
    /// It ended, or took too long, before it answered.
    struct NotReady: Error {}

    private let process: Mutex<Process>
    private let address: String
    var modelAddress: String { "\(address)/v1" }

    /// Starts it on a port that nobody uses, and waits until it answers.
    init(program: String) async throws {
        let port = try Self.freePort()
        address = "http://127.0.0.1:\(port)"
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.environment = ProcessInfo.processInfo.environment.merging(["PORT": "\(port)"]) { $1 }
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        self.process = Mutex(process)
        do {
            try await wait { process.isRunning ? await get("v1/models").contains("data") : nil }
        } catch {
            kill()
            throw error
        }
    }

    /// Ends it at once, as nothing that it could prepare for.
    func kill() {
        process.withLock {
            guard $0.isRunning else { return }
            Foundation.kill($0.processIdentifier, SIGKILL)
        }
    }

    private func get(_ path: String) async -> String {
        do {
            let response = try await HTTPClient.shared.execute(HTTPClientRequest(url: "\(address)/\(path)"), timeout: .seconds(5))
            return String(buffer: try await response.body.collect(upTo: 1 << 20))
        } catch {
            // It is not there yet.
            return ""
        }
    }

    /// - Parameter isSo: nil: it never will be.
    private func wait(until isSo: () async throws -> Bool?) async throws {
        let end = ContinuousClock.now + .seconds(120)
        while .now < end {
            guard let isSo = try await isSo() else { throw NotReady() }
            if isSo { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw NotReady()
    }

    private static func freePort() throws -> Int {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, length) == 0 && getsockname(listener, $0, &length) == 0 }
        }
        guard bound else { throw NotReady() }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
