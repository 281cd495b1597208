@testable import LanguageModelHTTP
import StageModel
import Testing

@Suite("Asking for a form", .timeLimit(.minutes(1)))
struct SchemaTests {
    private let prompt = ModelPrompt.say(schema: ["type": "object"])

    private func hasFormat(_ fixture: ModelFixture) throws -> [Bool] { try fixture.bodies().map { $0["response_format"] != nil } }

    @Test("is given up for good, and said once, when the server knows no such thing", arguments: [400, 404, 422])
    func learns(status: Int) async throws {
        try await withModel([.failure(status), .text("x")], { $0.maximumAttempts = 1 }) { fixture in
            for _ in 0..<3 { #expect(await fixture.ask(prompt).text == "x") }
            let formats = try hasFormat(fixture)
            #expect(formats == [true, false, false, false])
            #expect(fixture.log.all.filter { $0.hasPrefix("notice") }.count == 1)
        }
    }

    @Test("goes on when the server refuses one schema of several")
    func goesOn() async throws {
        try await withModel([.text("x"), .failure(400), .text("x")]) { fixture in
            for _ in 0..<3 { #expect(await fixture.ask(prompt).text == "x") }
            let formats = try hasFormat(fixture)
            #expect(formats == [true, true, false, true])
            #expect(!fixture.log.all.contains { $0.hasPrefix("notice") })
        }
    }

    @Test("is not blamed when the server refuses the request without it as well")
    func doesNotLearnWrongly() async throws {
        try await withModel([.failure(404), .failure(404), .text("x")]) { fixture in
            #expect(await fixture.ask(prompt).cause == .rejected)
            #expect(await fixture.ask(prompt).text == "x")
            let formats = try hasFormat(fixture)
            #expect(formats == [true, false, true])
        }
    }

    @Test("is not left out for another reason", arguments: [401, 403, 413])
    func isKept(status: Int) async throws {
        try await withModel([.failure(status)]) { fixture in
            #expect(await fixture.ask(prompt).cause == .rejected)
            let formats = try hasFormat(fixture)
            #expect(formats == [true])
        }
    }

    @Test("stays left out in the further attempts")
    func staysLeftOut() async throws {
        try await withModel([.failure(400), .failure(500), .text("x")]) { fixture in
            #expect(await fixture.ask(prompt).text == "x")
            let formats = try hasFormat(fixture)
            #expect(formats == [true, false, false])
        }
    }

    @Test("is not asked for when the prompt has none")
    func asksForText() async throws {
        try await withModel([.failure(400)]) { fixture in
            #expect(await fixture.ask().cause == .rejected)
            let formats = try hasFormat(fixture)
            #expect(formats == [false])
        }
    }
}
