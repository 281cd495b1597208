@testable import LanguageModelHTTP
import StageModel
import Testing

@Suite("Asking for a stream", .timeLimit(.minutes(1)))
struct StreamTests {
    typealias Reply = ScriptedServer.Reply

    private static let answer = ModelAnswer(text: "Grüße!", promptTokens: 9, completionTokens: 4)
    private static let events = Reply.piece("Gr") + ": still there\r\n\r\n" + Reply.piece("üße") + Reply.piece("!") + Reply.stop + Reply.usage

    @Test("hands out the pieces in their order")
    func streams() async throws {
        try await withModel([.stream([Self.events + Reply.done])]) { fixture in
            let pieces = Recorder<String>()
            #expect(await fixture.ask(each: { pieces.add($0) }) == .success(Self.answer))
            #expect(pieces.all == ["Gr", "üße", "!"])
            let body = try #require(try fixture.bodies().first)
            #expect(body["stream"] == true)
            #expect(body["stream_options"] == ["include_usage": true])
        }
    }

    @Test("brings the same in pieces of any size", arguments: [1, 2, 3, 7, 50])
    func splits(size: Int) async throws {
        let bytes = Array((Self.events + Reply.done).utf8)
        let parts = stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) }
        let reply = Reply(status: 200, headers: [("content-type", "TEXT/event-stream")], parts: parts)
        try await withModel([reply]) { fixture in
            let pieces = Recorder<String>()
            #expect(await fixture.ask(each: { pieces.add($0) }) == .success(Self.answer))
            #expect(pieces.all == ["Gr", "üße", "!"])
        }
    }

    @Test("hands out a piece when it has come, not when all have")
    func isPrompt() async throws {
        try await withModel([.stream([Reply.piece("x")], .hang)]) { fixture in
            let (pieces, hand) = AsyncStream<String>.makeStream()
            let task = Task { await fixture.ask(each: { hand.yield($0) }) }
            for await piece in pieces {
                #expect(piece == "x")
                break
            }
            task.cancel()
            #expect(await task.value.cause == .timeout)
        }
    }

    @Test("takes an answer that comes as a whole as one piece")
    func takesAWhole() async throws {
        try await withModel([.text("all of it")]) { fixture in
            let pieces = Recorder<String>()
            #expect(await fixture.ask(each: { pieces.add($0) }).text == "all of it")
            #expect(pieces.all == ["all of it"])
        }
    }

    @Test("takes a stream that nobody asked for")
    func takesAStream() async throws {
        try await withModel([.stream([Self.events + Reply.done])]) { fixture in
            #expect(await fixture.ask() == .success(Self.answer))
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let replies: [Reply]
        let cause: ModelFailure.Cause?
        let pieces: [String]
        let requests: Int

        init(_ description: String, _ replies: [Reply], _ cause: ModelFailure.Cause?, _ pieces: [String], requests: Int = 1) {
            testDescription = description
            self.replies = replies
            self.cause = cause
            self.pieces = pieces
            self.requests = requests
        }
    }

    private static let whole = Reply.stream([Reply.piece("x"), Reply.stop, Reply.done])

    static let cases = [
        Case("an end without a mark", [.stream([Reply.piece("x"), Reply.stop])], nil, ["x"]),
        Case("a mark without a reason", [.stream([Reply.piece("x"), Reply.done])], nil, ["x"]),
        Case("a mark, and the server stays", [.stream([Reply.piece("x"), Reply.stop, Reply.done], .hang)], nil, ["x"]),
        Case("a mark, and more", [.stream([Reply.piece("x"), Reply.done, Reply.piece("y"), "data: {"])], nil, ["x"]),
        Case("an end in the middle", [.stream([Reply.piece("x")]), whole], .truncated, ["x"]),
        Case("an end in the middle of an event", [.stream([Reply.piece("x"), "data: {\"cho"]), whole], .truncated, ["x"]),
        Case("a cut before any", [.stream([": hello\n\n"], .cut), whole], nil, ["x"], requests: 2),
        Case("an error before any", [.failure(503), whole], nil, ["x"], requests: 2),
        Case("an error in the stream", [.stream(["data: {\"error\":{\"message\":\"overloaded\"}}\n\n"]), whole], nil, ["x"], requests: 2),
        Case(
            "an error behind a piece", [.stream([Reply.piece("x"), "data: {\"error\":{\"message\":\"overloaded\"}}\n\n"]), whole], .unavailable,
            ["x"]),
        Case("nothing", [.stream([])], .malformed, []), Case("only the mark", [.stream([Reply.done])], .malformed, []),
        Case("no JSON", [.stream([Reply.piece("x"), "data: hello\n\n"])], .malformed, ["x"]),
        Case("a cut answer", [.stream([Reply.piece("x"), #"data: {"choices":[{"finish_reason":"length"}]}"# + "\n\n"])], .truncated, ["x"]),
        Case("a filter", [.stream([#"data: {"choices":[{"finish_reason":"content_filter"}]}"# + "\n\n"])], .refused, []),
        Case("a refusal", [.stream([#"data: {"choices":[{"delta":{"refusal":"I"}}]}"# + "\n\n"])], .refused, []),
        Case("a line without end", [.stream(["data: " + String(repeating: "x", count: 2 << 20)])], .malformed, []),
        Case(
            "a text without end",
            [.stream(Array(repeating: Reply.piece(String(repeating: "x", count: 100_000)), count: 3))], .malformed,
            Array(repeating: String(repeating: "x", count: 100_000), count: 2)),
    ]

    @Test("tells what came of it, and does not begin anew behind a piece", arguments: cases)
    func outcomes(of scenario: Case) async throws {
        try await withModel(scenario.replies) { fixture in
            let pieces = Recorder<String>()
            let result = await fixture.ask(each: { pieces.add($0) })
            #expect(result.cause == scenario.cause)
            #expect(pieces.all == scenario.pieces)
            if scenario.cause == nil { #expect(result.text == scenario.pieces.joined()) }
            #expect(fixture.requestCount == scenario.requests)
        }
    }

    @Test("does not begin anew when the connection breaks behind a piece")
    func breaksOff() async throws {
        try await withModel([.stream([Reply.piece("x")], .hang), Self.whole]) { fixture in
            let pieces = Recorder<String>()
            let result = await fixture.ask { piece in
                pieces.add(piece)
                await fixture.server.hangUp()
            }
            #expect(result.cause == .unavailable)
            #expect(pieces.all == ["x"])
            #expect(fixture.requestCount == 1)
        }
    }

    @Test("may be longer than an answer that comes as a whole, as little of it is text")
    func isLong() async throws {
        let events = (0..<5000).map { _ in ": " + String(repeating: "x", count: 300) + "\n\n" + Reply.piece("y") }.joined()
        try await withModel([.stream([events, Reply.stop, Reply.done])]) { fixture in
            #expect(events.utf8.count > ModelExchange.maximumLength)
            #expect(await fixture.ask(each: { _ in }).text?.count == 5000)
        }
    }
}
