import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import StageModel
@testable import StageServer
import Synchronization
import Testing

@Suite("Overload: more is asked at once than the server takes", .timeLimit(.minutes(1)))
struct OverloadTests {
    /// Holds requests until it lets them go.
    private final class Hold: Sendable {
        private struct State {
            var waiting: [CheckedContinuation<Void, Never>] = []
            var isOpen = false
        }

        private let state = Mutex(State())

        var count: Int { state.withLock { $0.waiting.count } }

        func wait() async {
            await withCheckedContinuation { continuation in
                let isOpen = state.withLock { state in
                    if !state.isOpen { state.waiting.append(continuation) }
                    return state.isOpen
                }
                if isOpen { continuation.resume() }
            }
        }

        func open() {
            let waiting = state.withLock { state in
                defer { state = State(isOpen: true) }
                return state.waiting
            }
            for continuation in waiting { continuation.resume() }
        }
    }

    /// A server whose work stands still until it is let go on.
    private static func serve(
        requests: Int = 1000, turns: Int = 1000, _ test: @Sendable (any TestClientProtocol, Hold, PrometheusMetrics) async throws -> Void
    ) async throws {
        var limits = ConnectionLimits()
        (limits.requests, limits.turns) = (requests, turns)
        let (hold, metrics) = (Hold(), PrometheusMetrics())
        let router = Router()
        for path in ["/work", "/stream"] {
            router.get(RouterPath(path)) { _, _ in
                if path == "/work" { await hold.wait() }
                return Response(
                    status: .ok,
                    body: ResponseBody { writer in
                        if path == "/stream" { await hold.wait() }
                        try await writer.write(ByteBuffer(string: "done"))
                        try await writer.finish(nil)
                    })
            }
        }
        router.post("/conversations/{id}/messages") { _, _ in
            await hold.wait()
            return "said"
        }
        for path in ["/health", "/ready", "/metrics"] { router.get(RouterPath(path)) { _, _ in "ok" } }
        let application = Application(
            router: router, server: ServerChannel.builder(limits, metrics: metrics, logger: LoggedLines().logger),
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)))
        try await application.test(.ahc(.http)) { client in
            do { try await test(client, hold, metrics) } catch {
                hold.open()
                throw error
            }
            hold.open()
        }
    }

    private static func get(_ path: String, _ client: any TestClientProtocol) async throws -> Answer {
        Answer(try await client.execute(uri: path, method: .get, headers: [:], body: nil))
    }

    private static func say(_ client: any TestClientProtocol) async throws -> Answer {
        Answer(try await client.execute(uri: "/conversations/c/messages", method: .post, headers: [:], body: ByteBuffer(string: "{}")))
    }

    private static func until(_ hold: Hold, holds count: Int) async { while hold.count < count { await Task.yield() } }

    @Test("While as many requests are held as the server takes, one more is 503 at once; when they are let go, all are answered")
    func flood() async throws {
        try await Self.serve(requests: 3) { client, hold, metrics in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<3 { group.addTask { try await Self.get("/work", client).status } }
                await Self.until(hold, holds: 3)
                for _ in 0..<3 {
                    let refused = try await Self.get("/work", client)
                    #expect(refused.status == 503 && refused.code == "overloaded" && refused[header: "Retry-After"] == "1", "\(refused.text)")
                    #expect(refused[header: "Content-Type"] == "application/problem+json" && refused["/retry_after"] == 1)
                    #expect(refused[header: "X-Request-Id"] == refused["/request_id"]?.string)
                    #expect(refused[header: "X-Content-Type-Options"] == "nosniff")
                    #expect(Problem.schema.faults(of: refused.json, at: .root).isEmpty)
                }
                // What tells how the server is doing is not kept out, and messages are counted apart.
                for path in ["/health", "/ready", "/metrics"] { #expect(try await Self.get(path, client).status == 200, "\(path)") }
                #expect(hold.count == 3 && metrics.text().contains("stagekeeper_requests_under_way{kind=\"request\"} 3"))
                hold.open()
                for try await status in group { #expect(status == 200) }
            }
            #expect(try await Self.get("/work", client).status == 200)
            #expect(metrics.text().contains("stagekeeper_requests_refused_total{kind=\"request\"} 3\n"))
            #expect(metrics.text().contains("stagekeeper_requests_under_way{kind=\"request\"} 0"))
        }
    }

    @Test("Messages of end users that wait keep nothing else out")
    func turns() async throws {
        try await Self.serve(requests: 1, turns: 2) { client, hold, metrics in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<2 { group.addTask { try await Self.say(client).status } }
                await Self.until(hold, holds: 2)
                #expect(try await Self.say(client).code == "overloaded")
                #expect(try await Self.get("/nothing", client).status == 404)
                hold.open()
                for try await status in group { #expect(status == 200) }
            }
            #expect(metrics.text().contains("stagekeeper_requests_refused_total{kind=\"turn\"} 1\n"))
        }
    }

    @Test("An answer that goes on and on keeps nothing out once it has begun")
    func streams() async throws {
        try await Self.serve(requests: 1) { client, hold, _ in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<3 {
                    let count = hold.count
                    group.addTask { try await Self.get("/stream", client).status }
                    await Self.until(hold, holds: count + 1)
                }
                #expect(try await Self.get("/nothing", client).status == 404)
                hold.open()
                for try await status in group { #expect(status == 200) }
            }
        }
    }

    @Test("What a request is counted as", arguments: kinds)
    func kind(_ method: HTTPRequest.Method, _ path: String, _ kind: String) {
        let head = HTTPRequest(method: method, scheme: "http", authority: "localhost", path: path)
        #expect(AdmissionGate.Kind(head).rawValue == kind)
    }

    private static let kinds: [(HTTPRequest.Method, String, String)] = [
        (.get, "/health", "exempt"), (.get, "/ready", "exempt"), (.get, "/metrics", "exempt"), (.get, "/metricsx", "request"),
        (.post, "/conversations/c/messages", "turn"), (.get, "/conversations/c/messages", "request"), (.put, "/stages/1/state", "request"),
        (.get, "/", "request"), (.get, "*", "request"),
    ]
}
