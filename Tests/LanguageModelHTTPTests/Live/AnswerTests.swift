@testable import LanguageModelHTTP
import NIOCore
import NIOHTTP1
import NIOPosix
import StageModel
import Testing

@Suite("Asking a server", .timeLimit(.minutes(1)))
struct AnswerTests {
    typealias Reply = ScriptedServer.Reply

    @Test("sends one request, and brings text and usage of its answer")
    func asks() async throws {
        try await withModel([.text("Good day.")]) { fixture in
            let prompt = ModelPrompt.say("Hello", system: "Be polite.")
            #expect(await fixture.ask(prompt) == .success(ModelAnswer(text: "Good day.", promptTokens: 9, completionTokens: 4)))
            let request = try #require(fixture.server.requests.first)
            #expect(fixture.requestCount == 1)
            #expect(request.head.method == .POST)
            #expect(request.head.uri == "/v1/chat/completions")
            #expect(request.head.headers["authorization"] == ["Bearer sk-0123456789abcdef"])
            #expect(request.head.headers["content-type"] == ["application/json"])
            #expect(request.head.headers["accept-encoding"] == [])
            #expect(Array(request.body.utf8) == ChatRequest(model: "m", prompt: prompt, form: .text, isStream: false).body)
        }
    }

    @Test("names no key when there is none")
    func hasNoKey() async throws {
        try await withModel([.text("x")], { $0.key = nil }) { fixture in
            #expect(await fixture.ask().text == "x")
            #expect(fixture.server.requests.first?.head.headers["authorization"] == [])
        }
    }

    @Test("uses a connection again")
    func keepsConnections() async throws {
        let stream = Reply.stream([Reply.piece("x"), Reply.stop, Reply.usage, Reply.done], .late)
        try await withModel([.text("x"), .failure(401), stream, stream, .text("x")], grace: .seconds(600)) { fixture in
            for _ in 0..<2 { _ = await fixture.ask() }
            for _ in 0..<2 { #expect(await fixture.ask(each: { _ in }).text == "x") }
            #expect(await fixture.ask().text == "x")
            #expect(fixture.server.connectionCount == 1)
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let replies: [Reply]
        let cause: ModelFailure.Cause?
        let requests: Int

        init(_ description: String, _ replies: [Reply], _ cause: ModelFailure.Cause?, requests: Int = 1) {
            testDescription = description
            self.replies = replies
            self.cause = cause
            self.requests = requests
        }
    }

    private static let half = Array(#"{"choices":[{"message":{"content":"ha"#.utf8)

    static let cases = [
        Case("a wrong key", [.failure(401)], .rejected), Case("no right", [.failure(403)], .rejected),
        Case("an unknown model", [.failure(404)], .rejected), Case("a wrong request", [.failure(400)], .rejected),
        Case("too large a request", [.failure(413)], .rejected),
        Case("no more patience", [.failure(500)], .unavailable, requests: 3),
        Case("back after an error", [.failure(500), .text("x")], nil, requests: 2),
        Case("back after two", [.failure(503), .failure(502), .text("x")], nil, requests: 3),
        Case("a slow server", [.failure(408), .text("x")], nil, requests: 2),
        Case("too many requests", [.failure(429, [("retry-after", "0")]), .text("x")], nil, requests: 2),
        Case("too many requests for long", [.failure(429, [("retry-after", "3600")]), .text("x")], .unavailable),
        Case("away for long", [.failure(503, [("retry-after", "3600")]), .text("x")], .unavailable),
        Case("an error, then a wrong key", [.failure(500), .failure(401)], .rejected, requests: 2),
        Case("a redirect", [.json("{}", status: 302, [("location", "/elsewhere")])], .rejected),
        Case("a redirect that keeps the method", [.json("{}", status: 307, [("location", "/elsewhere")])], .rejected),
        Case("no head", [Reply(status: nil, ending: .cut)], .unavailable, requests: 3),
        Case("half an answer", [Reply(status: 200, parts: [half], ending: .cut)], .unavailable, requests: 3),
        Case(
            "half an answer of a known length", [Reply(status: 200, headers: [("content-length", "200")], parts: [half], ending: .cut)],
            .unavailable, requests: 3),
        Case("half an answer, then a whole one", [Reply(status: 200, parts: [half], ending: .cut), .text("x")], nil, requests: 2),
        Case("half an answer as if it were all", [Reply(status: 200, parts: [half])], .malformed),
        Case("no JSON", [Reply(status: 200, headers: [("content-type", "text/html")], parts: [Array("<html>".utf8)])], .malformed),
        Case("nothing", [Reply(status: 200)], .malformed), Case("no content", [Reply(status: 204)], .malformed),
        Case("no text", [.text("")], .malformed),
        Case("bytes that are no text", [Reply(status: 200, parts: [[0xFF, 0xFE, 0x00]])], .malformed),
        Case("a refusal", [.json(#"{"choices":[{"message":{"refusal":"No."},"finish_reason":"stop"}]}"#)], .refused),
        Case("a filter", [.json(#"{"choices":[{"message":{"content":""},"finish_reason":"content_filter"}]}"#)], .refused),
        Case("a cut answer", [.json(#"{"choices":[{"message":{"content":"x"},"finish_reason":"length"}]}"#)], .truncated),
        Case("an error that looks well", [.json(#"{"error":{"message":"overloaded"}}"#), .text("x")], nil, requests: 2),
        Case("a body over 1 MiB", [Reply(status: 200, parts: [Array(repeating: 0x20, count: (1 << 20) + 1)])], .malformed),
        Case("a length over 1 MiB", [Reply(status: 200, headers: [("content-length", "1048577")], ending: .hang)], .malformed),
        Case("an error over 64 KiB", [Reply(status: 401, parts: [Array(repeating: 0x20, count: 1 << 20)])], .rejected),
    ]

    @Test("tells what came of it", arguments: cases)
    func outcomes(of scenario: Case) async throws {
        try await withModel(scenario.replies) { fixture in
            let result = await fixture.ask()
            #expect(result.cause == scenario.cause)
            if scenario.cause == nil { #expect(result.text == "x") }
            #expect(fixture.requestCount == scenario.requests)
            #expect(Set(fixture.server.requests.map(\.head.uri)) == ["/v1/chat/completions"])
        }
    }

    @Test("says what the server says, but never the key")
    func tellsTheMessage() async throws {
        let quoting = Reply.json(#"{"error":{"message":"Incorrect key: sk-0123456789abcdef.\n"}}"#, status: 401)
        try await withModel([.failure(401), quoting]) { fixture in
            #expect(await fixture.ask() == .failure(ModelFailure(.rejected, "The language model's server answers with status 401: It is so.")))
            #expect(
                await fixture.ask()
                    == .failure(ModelFailure(.rejected, "The language model's server answers with status 401: Incorrect key: (the key).")))
        }
    }

    @Test("finds nobody where no server is")
    func findsNobody() async throws {
        let server = ScriptedServer([])
        // Where a client is, no server can be.
        let client = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: try await server.start()).get()
        let port = try #require(client.localAddress?.port)
        try await withModel([], { $0.url = "http://127.0.0.1:\(port)" }) { fixture in
            #expect(await fixture.ask().cause == .unavailable)
            #expect(fixture.requestCount == 0)
        }
        try await client.close()
        try await server.stop()
    }

    @Test("finds nobody any more once it is closed, and can be closed twice")
    func isClosed() async throws {
        try await withModel([.text("x")]) { fixture in
            #expect(await fixture.ask().text == "x")
            await fixture.model.shutdown()
            #expect(await fixture.ask() == .failure(ModelFailure(.unavailable, "The client of the language model is closed.")))
        }
    }

    @Test("counts what came of it, and how long it took unless nobody was asked")
    func counts() async throws {
        try await withModel([.text("x"), .failure(401), .failure(500)], { $0.failuresUntilOpen = 3 }) { fixture in
            for _ in 0..<4 { _ = await fixture.ask() }
            #expect(
                fixture.metrics.counts.all == [
                    "stagekeeper_model_requests_total{outcome=answered}", "stagekeeper_model_seconds",
                    "stagekeeper_model_requests_total{outcome=rejected}", "stagekeeper_model_seconds",
                    "stagekeeper_model_requests_total{outcome=unavailable}", "stagekeeper_model_seconds",
                    "stagekeeper_model_requests_total{outcome=circuit_open}",
                ])
        }
    }

    @Test("logs neither the prompt nor the answer nor the key")
    func logsNoSecrets() async throws {
        let replies: [Reply] = [
            .failure(400), .text("answer-text"), .failure(500), .json(#"{"error":"question-text"}"#, status: 500),
            Reply(status: 200, parts: [Self.half], ending: .cut), .failure(401),
        ]
        try await withModel(replies, { $0.failuresUntilOpen = 3 }) { fixture in
            let prompt = ModelPrompt.say("question-text", system: "system-text", schema: ["title": "schema-text"])
            for _ in 0..<4 {
                let result = await fixture.ask(prompt)
                if case .failure(let failure) = result { #expect(!failure.reason.contains("-text")) }
            }
            #expect(fixture.log.all.count >= 4)
            for line in fixture.log.all {
                #expect(!line.contains("-text"))
                #expect(!line.contains("0123456789"))
            }
        }
    }
}
