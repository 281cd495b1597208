import HTTPTypes
import HummingbirdTesting
import NIOCore
import StageStoreSQL
import Testing

@testable import StageServer

@Suite("Deleting a stage from its page")
struct StageDeletionPageTests {
    /// Sends the form of the stage's page, or of the question that follows it.
    private static func send(_ fields: [String: String], to path: String, _ browser: Browser) async throws -> Answer {
        var headers: HTTPFields = [.accept: "text/html", .cookie: "\(Browser.name)=\(browser.cookie)", .origin: "http://localhost"]
        headers[.contentType] = "application/x-www-form-urlencoded"
        let all = fields.merging(["csrf_token": browser.token, "action": "delete"]) { $1 }
        let body = all.map { "\($0.key.percentEncoded)=\(browser.server.expand($0.value).percentEncoded)" }.joined(separator: "&")
        return Answer(
            try await browser.server.client.execute(
                uri: browser.server.expand(path), method: .post, headers: headers, body: ByteBuffer(string: body)))
    }

    @Test("Nothing is deleted before it was confirmed")
    func asks() async throws {
        try await TestServer.run { server in
            let browser = try await Browser(server)
            let asked = try await Self.send([:], to: "/stages/<notes>", browser)
            #expect(asked.status == 200 && asked.text.contains("Delete the stage &#39;Notes&#39;?") && !asked.text.contains("name=\"move_to\""))
            #expect(try await server.get("/stages/<notes>?business_id=<shop>").status == 200)
            let done = try await Self.send(["confirmed": "yes"], to: "/stages/<notes>", browser)
            #expect(done.status == 303 && done[header: "Location"] == "/stages")
            #expect(try await server.get("/stages/<notes>?business_id=<shop>").status == 404)
        }
    }

    @Test("While conversations are there it asks where they shall go, until it is told")
    func moves() async throws {
        try await TestServer.run { server in
            try await server.move("c-7", to: "notes")
            while try await server.store.foldStatistics() > 0 {}
            let browser = try await Browser(server)
            let asked = try await Self.send([:], to: "/stages/<notes>", browser)
            #expect(asked.status == 200 && asked.text.contains("1 conversation is here. Where shall they go?"))
            let untold = try await Self.send(["confirmed": "yes", "move_to": ""], to: "/stages/<notes>", browser)
            #expect(untold.status == 422 && untold.text.contains("Choose a stage."))
            #expect(try await server.get("/stages/<notes>?business_id=<shop>").status == 200)
            let done = try await Self.send(["confirmed": "yes", "move_to": "<welcome>"], to: "/stages/<notes>", browser)
            #expect(done.status == 303)
            #expect(try await server.get("/conversations/c-7")["/current_stage_id"] == server.id("welcome"))
        }
    }
}
