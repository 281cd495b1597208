import HTTPTypes
import HummingbirdTesting
@testable import StageServer
import Testing

@Suite("Requests are counted by what kind of work they are")
struct RequestMetricsTests {
    /// A request, and the labels that it is counted by.
    struct Case: Sendable {
        let method: HTTPRequest.Method
        let path: String
        var body: String?
        /// Whether a browser asks, which nobody has signed in with.
        var isPage = false
        let labels: String
        let status: String
    }

    static let cases = [
        Case(method: .get, path: "/agents", labels: #"class="read",operation="listAgents""#, status: "2xx"),
        Case(method: .get, path: "/agents?limit=0", labels: #"class="read",operation="listAgents""#, status: "4xx"),
        Case(method: .get, path: "/stages/<welcome>/state", labels: #"class="read",operation="getStageState""#, status: "2xx"),
        Case(method: .post, path: "/flow/check", body: "{}", labels: #"class="write",operation="checkFlow""#, status: "2xx"),
        Case(
            method: .post, path: "/conversations/c-1/messages", body: #"{"message_id":"m","text":"x"}"#,
            labels: #"class="turn",operation="handleMessage""#, status: "2xx"),
        Case(method: .get, path: "/health", labels: #"class="server",operation="getHealth""#, status: "2xx"),
        Case(method: .get, path: "/events?last_event_id=x", labels: #"class="stream",operation="followEvents""#, status: "4xx"),
        Case(method: .get, path: "/login", isPage: true, labels: #"class="page",operation="page""#, status: "2xx"),
        Case(method: .get, path: "/stages", isPage: true, labels: #"class="page",operation="page""#, status: "3xx"),
        Case(method: .get, path: "/nowhere", labels: #"class="none",operation="none""#, status: "4xx"),
        Case(method: .delete, path: "/agents", labels: #"class="none",operation="none""#, status: "4xx"),
    ]

    @Test("Once, with the class of their status and the time that they took", arguments: cases)
    func counts(_ request: Case) async throws {
        try await TestServer.run { server in
            func values() async throws -> (requests: Double?, times: Double?) {
                let values = try PrometheusText(try await server.get("/metrics", as: .nobody).text).values
                return (
                    values["stagekeeper_requests_total{\(request.labels),status=\"\(request.status)\"}"],
                    values["stagekeeper_request_seconds_count{\(request.labels)}"]
                )
            }
            #expect(try await values() == (0, 0))
            if request.isPage {
                _ = try await server.client.execute(uri: request.path, method: request.method, headers: [.accept: "text/html"], body: nil)
            } else {
                try await server.call(request.method, request.path, request.body)
            }
            #expect(try await values() == (1, 1))
        }
    }

    @Test("A label has no more values than are known beforehand, whatever is asked for")
    func bounded() async throws {
        try await TestServer.run { server in
            func names() async throws -> Set<String> { Set(try PrometheusText(try await server.get("/metrics", as: .nobody).text).values.keys) }
            let before = try await names()
            for path in ["/nowhere", "/stages/none", "/agents?x=y", "/conversations/\(server.expand("<welcome>"))", "/stages?q=a"] {
                try await server.get(path)
                try await server.call(.delete, path)
            }
            #expect(try await names() == before)
        }
    }
}
