import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import StageModel

/// One request and its answer, with their headers.
struct Exchange: Sendable {
    let status: UInt
    let headers: HTTPHeaders
    let body: JSONValue

    var code: String? { body["code"]?.string }

    /// Sends a request, once.
    /// - Parameter limit: how long the whole answer may take.
    static func send(
        _ method: HTTPMethod, _ url: String, by client: HTTPClient, headers: [String: String] = [:], body: JSONValue? = nil, within limit: Duration
    ) async throws -> Exchange {
        var request = HTTPClientRequest(url: url)
        request.method = method
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(body.jsonBytes)
        }
        let response = try await client.execute(request, deadline: .now() + TimeAmount(limit))
        let bytes = try await response.body.collect(upTo: 16 << 20)
        let isJSON = response.headers.first(name: "Content-Type")?.contains("json") ?? false
        return Exchange(
            status: response.status.code, headers: response.headers,
            body: isJSON ? try JSONValue(parsing: bytes.readableBytesView) : .string(String(buffer: bytes)))
    }
}
