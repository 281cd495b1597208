import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import StageModel

/// A client of a server, with a key.
struct API: Sendable {
    struct Answer: Sendable {
        let status: UInt
        let body: JSONValue

        var code: String? { body["code"]?.string }
    }

    let client: HTTPClient
    let url: String
    var key: String

    /// The same client with another key.
    func with(key: String) -> API { API(client: client, url: url, key: key) }

    /// The same client and key at another server.
    func at(_ server: Server) -> API { API(client: client, url: server.url, key: key) }

    func call(_ method: HTTPMethod, _ path: String, _ body: JSONValue? = nil) async throws -> Answer {
        var request = HTTPClientRequest(url: url + path)
        request.method = method
        request.headers.add(name: "Authorization", value: "Bearer \(key)")
        // Answers come from the file, not from what the server remembers.
        request.headers.add(name: "Cache-Control", value: "no-cache")
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(body.jsonBytes)
        }
        let response = try await client.execute(request, timeout: .seconds(60))
        let bytes = try await response.body.collect(upTo: 16 << 20)
        return Answer(status: response.status.code, body: bytes.readableBytes == 0 ? .null : try JSONValue(parsing: bytes.readableBytesView))
    }

    /// Calls, and expects success.
    func get(_ path: String) async throws -> JSONValue { try await succeed(.GET, path) }

    func succeed(_ method: HTTPMethod, _ path: String, _ body: JSONValue? = nil) async throws -> JSONValue {
        let answer = try await call(method, path, body)
        guard (200..<300).contains(answer.status) else { throw StartFailure("\(method) \(path): \(answer.status) \(answer.body.jsonText)") }
        return answer.body
    }

    /// Moves a conversation to a stage.
    func move(_ conversation: String, to stage: String, data: [String: JSONValue] = [:]) async throws -> Answer {
        try await call(.PUT, "/stages/\(stage)/state", ["conversation_id": .string(conversation), "data": .object(data)])
    }

    /// All items of a list, page by page.
    func all(_ path: String) async throws -> [JSONValue] {
        var items: [JSONValue] = []
        var cursor: String?
        repeat {
            let separator = path.contains("?") ? "&" : "?"
            let page = try await get("\(path)\(separator)limit=200\(cursor.map { "&cursor=\($0)" } ?? "")")
            items += page["items"]?.array ?? []
            cursor = page["next_cursor"]?.string
        } while cursor != nil
        return items
    }
}

/// Gives a test an HTTP client that opens up to so many connections and never sends a request twice.
func withClient<Value>(connections: Int = 64, _ body: (HTTPClient) async throws -> Value) async throws -> Value {
    var configuration = HTTPClient.Configuration()
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connections
    configuration.connectionPool.retryConnectionEstablishment = false
    let client = HTTPClient(configuration: configuration)
    do {
        let value = try await body(client)
        try await client.shutdown()
        return value
    } catch {
        try await client.shutdown()
        throw error
    }
}
