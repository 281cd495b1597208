import Foundation
import HummingbirdTesting
import StageModel
import Synchronization
import Testing

/// A client that follows a stream of events over a socket of its own; for one task.
final class EventClient {
    /// What stands between two empty lines of a stream.
    struct Block: Equatable {
        var id: Int64?
        var type: String?
        var data: JSONValue?
        var retry: Int?
        var comment: String?
    }

    /// The status line and the headers.
    private(set) var head = ""
    /// Whether the server has ended the body as HTTP has it, and did not just close the connection.
    private(set) var isFinished = false
    private let connection: Connection
    private var chunks: AsyncStream<[UInt8]>.AsyncIterator?
    /// What has come and was not looked at.
    private var received: [UInt8] = []
    private var body: ArraySlice<UInt8> = []

    /// Asks for a stream.
    /// - Parameters:
    ///   - headers: besides the key.
    ///   - isReading: wait for the head of the answer; else nothing is read, and little taken in, before `startReading`.
    init(_ server: TestServer, _ path: String, as who: Who = .owner, _ headers: [String: String] = [:], isReading: Bool = true) async throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        connection = Connection(descriptor)
        var size: Int32 = 4096
        if !isReading { setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size)) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(try #require(server.client.port)).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        #expect(code == 0)
        var lines = ["GET \(server.expand(path)) HTTP/1.1", "Host: localhost", "Accept: text/event-stream"]
        if let secret = server.secret(of: who) { lines.append("Authorization: Bearer \(secret)") }
        lines += headers.map { "\($0.key): \($0.value)" } + ["", ""]
        let request = Array(lines.joined(separator: "\r\n").utf8)
        #expect(send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count)

        if isReading { await startReading() }
    }

    /// Reads from now on, and waits for the head of the answer.
    func startReading() async {
        let (stream, continuation) = AsyncStream.makeStream(of: [UInt8].self)
        chunks = stream.makeAsyncIterator()
        Self.read(from: connection, into: continuation)
        while head.isEmpty, await receive() {
            guard let end = received.firstRange(of: Array("\r\n\r\n".utf8)) else { continue }
            head = String(decoding: received[..<end.lowerBound], as: UTF8.self)
            received.removeSubrange(..<end.upperBound)
        }
    }

    deinit {
        // The thread that reads closes it.
        if chunks == nil { connection.close() } else { connection.shutdown() }
    }

    /// Goes away without a word.
    func leave() { connection.shutdown() }

    var status: Int? { head.split(separator: " ").dropFirst().first.flatMap { Int($0) } }

    func header(_ name: String) -> String? {
        head.split(separator: "\r\n").first { $0.lowercased().hasPrefix(name.lowercased() + ":") }.map {
            $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces)
        }
    }

    /// The next block; nil: the stream has ended.
    func next() async -> Block? {
        while true {
            if let end = body.firstRange(of: Array("\n\n".utf8)) {
                let block = Block(String(decoding: body[..<end.lowerBound], as: UTF8.self))
                body = body[end.upperBound...]
                return block
            }
            guard takeChunk() else {
                guard !isFinished, await receive() else { return nil }
                continue
            }
        }
    }

    /// The next so many events, without comments and what only has an id.
    func events(_ count: Int) async throws -> [Block] {
        var blocks: [Block] = []
        while blocks.count < count {
            let block = try #require(await next(), "The stream has ended.")
            if block.data != nil { blocks.append(block) }
        }
        return blocks
    }

    /// Everything up to the end.
    func rest() async -> [Block] {
        var blocks: [Block] = []
        while let block = await next() { blocks.append(block) }
        return blocks
    }

    // MARK: - Bytes

    private func receive() async -> Bool {
        guard let chunk = await chunks?.next() else { return false }
        received += chunk
        return true
    }

    /// Takes a chunk of the body off what was received (RFC 9112, section 7.1).
    private func takeChunk() -> Bool {
        let newLine = Array("\r\n".utf8)
        guard let line = received.firstRange(of: newLine), let size = Int(String(decoding: received[..<line.lowerBound], as: UTF8.self), radix: 16),
            received.count >= line.upperBound + size + 2
        else { return false }
        isFinished = size == 0
        body = body + received[line.upperBound..<(line.upperBound + size)]
        received.removeSubrange(..<(line.upperBound + size + 2))
        return size > 0
    }

    private static func read(from connection: Connection, into chunks: AsyncStream<[UInt8]>.Continuation) {
        Thread {
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = recv(connection.descriptor, &buffer, buffer.count, 0)
                guard count > 0 else { break }
                chunks.yield(Array(buffer[..<count]))
            }
            connection.close()
            chunks.finish()
        }.start()
    }

    /// A socket that is not touched any more once it is closed: its number may be another's then.
    private final class Connection: Sendable {
        let descriptor: Int32
        private let isOpen = Mutex(true)

        init(_ descriptor: Int32) { self.descriptor = descriptor }

        func shutdown() {
            isOpen.withLock { isOpen in
                if isOpen { _ = Glibc.shutdown(descriptor, Int32(SHUT_RDWR)) }
            }
        }

        func close() {
            isOpen.withLock { isOpen in
                if isOpen { _ = Glibc.close(descriptor) }
                isOpen = false
            }
        }
    }
}

extension EventClient.Block {
    /// Reads the lines of a block.
    fileprivate init(_ text: some StringProtocol) {
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let value = (parts.count > 1 ? parts[1] : "").trimmingCharacters(in: .whitespaces)
            switch parts[0] {
            case "id": id = Int64(value)
            case "event": type = value
            case "data": data = (try? JSONValue(parsing: value)) ?? .string("no JSON: \(value)")
            case "retry": retry = Int(value)
            default: comment = value
            }
        }
    }

    /// A member of the data.
    subscript(name: String) -> JSONValue? { data?[name] }

    var conversation: String? { data?["conversation_id"]?.string }
}
