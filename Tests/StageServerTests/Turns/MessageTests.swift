import HTTPTypes
import HummingbirdTesting
import StageModel
@testable import StageServer
import StageStore
import StageStoreSQL
import Testing

@Suite("Messages of end users")
struct MessageTests {
    static let scenarios: [Scenario] = [
        Scenario(
            "The first message begins a conversation at the entry", .post, "/conversations/new-1/messages",
            #"{"message_id":"m1","text":"Hello!","user_name":"Ada"}"#, status: 200,
            has: [
                "/message_id": "m1", "/status": "replied", "/reply": "*", "/stage_id": "<welcome>", "/stages/0": "<welcome>", "/version": 1,
                "/missing_fields": [], "/extracted": [:], "/trace/0/step": "started", "/usage/prompt_tokens": 0, "/timings/engine_ms": "*",
            ]),
        Scenario(
            "A rule leads on, and the form asks for what it misses", .post, "/conversations/c-1/messages",
            #"{"message_id":"m1","text":"It is about a lamp."}"#, status: 200,
            has: ["/stage_id": "<order>", "/missing_fields": ["order_id"], "/version": 2, "/data/topic": "lamp"]),
        Scenario(
            "What is known and sensitive is masked in the answer", .post, "/conversations/c-2/messages",
            #"{"message_id":"m1","text":"Any news?"}"#, as: .runtime, status: 200, has: ["/data/email": "«masked»", "/data/order_id": "AB-1234"]),
        Scenario(
            "A conversation that begins can be given an agent", .post, "/conversations/new-2/messages",
            #"{"message_id":"m1","text":"Hello!","agent_id":"<mara>"}"#, status: 200, has: ["/status": "replied"]),
        Scenario(
            "One that has begun keeps its agent", .post, "/conversations/c-1/messages",
            #"{"message_id":"m2","text":"Hello!","agent_id":"<mara>"}"#, status: 422, code: "invalid_input", faults: ["/agent_id"]),
        Scenario(
            "An agent that there is not is told", .post, "/conversations/new-3/messages",
            #"{"message_id":"m1","text":"Hello!","agent_id":"<other_agent>"}"#, status: 422, faults: ["/agent_id"]),
        Scenario(
            "All that is wrong with a body is told at once", .post, "/conversations/new-4/messages", #"{"message_id":"","type":7,"metadata":[]}"#,
            status: 422, code: "invalid_input", faults: ["/message_id", "/metadata", "/text", "/type"]),
        Scenario(
            "Who only reads may not speak for an end user", .post, "/conversations/c-1/messages", #"{"message_id":"m3","text":"Hello!"}"#,
            as: .viewer, status: 403, code: "forbidden"),
        Scenario(
            "What was said is listed for those who read", .get, "/conversations/c-1/messages", as: .viewer, status: 200, has: ["/next_cursor": .null]),
        Scenario("Of a conversation that never was nothing was said", .get, "/conversations/nobody/messages", status: 404, code: "not_found"),
    ]

    @Test("A message is handled as its scenario says", arguments: scenarios)
    func scenario(_ scenario: Scenario) async throws { try await Scenario.run([scenario]) }

    @Test("The same message gets the same bytes again, whatever else it says, and moves nothing")
    func replays() async throws {
        try await TestServer.run { server in
            let first = try await server.post("/conversations/x/messages", #"{"message_id":"m1","text":"Hello!"}"#)
            let again = try await server.post("/conversations/x/messages", #"{"message_id":"m1","text":"Something else"}"#)
            #expect(first.status == 200 && again.status == 200 && again.bytes == first.bytes)
            #expect(first[header: "Idempotency-Replayed"] == nil && again[header: "Idempotency-Replayed"] == "true")
            #expect(try await server.get("/conversations/x")["/version"] == 1)
            #expect(try await server.get("/conversations/x/messages").column("message_id") == ["m1"])
        }
    }

    @Test("A message to a paused conversation is stored and answered 202 without a reply")
    func paused() async throws {
        try await TestServer.run { server in
            try await server.post("/conversations/c-1/pause")
            let answer = try await server.post("/conversations/c-1/messages", #"{"message_id":"m1","text":"Hello?"}"#)
            #expect(answer.status == 202 && answer["/status"] == "paused" && answer["/reply"] == .null)
            #expect(try await server.get("/conversations/c-1/messages").column("status") == ["paused"])
        }
    }

    @Test("What was said is listed page by page, the last first, without what is sensitive in it")
    func pages() async throws {
        try await TestServer.run { server in
            for (number, text) in ["Hello", "email: eva@example.com", "thanks"].enumerated() {
                try await server.post("/conversations/c-2/messages", #"{"message_id":"m\#(number)","text":"\#(text)"}"#)
            }
            let first = try await server.get("/conversations/c-2/messages?limit=2")
            #expect(first.column("text") == ["thanks", "email: «masked»"])
            let cursor = try #require(first["/next_cursor"]?.string)
            let rest = try await server.get("/conversations/c-2/messages?limit=2&cursor=\(cursor)")
            #expect(rest.column("text") == ["Hello"] && rest["/next_cursor"] == .null)
        }
    }

    @Test("With 'Accept: text/event-stream' the stages, the data and the reply come as events, and then the answer")
    func streams() async throws {
        try await TestServer.run(.live) { server in
            let answer = try await server.post(
                "/conversations/c-1/messages", #"{"message_id":"m1","text":"It is AB-1234."}"#, as: .owner, ["Accept": "text/event-stream"])
            #expect(answer.status == 200 && answer[header: "Content-Type"] == "text/event-stream")
            let events = answer.text.split(separator: "\n\n").filter { $0.hasPrefix("event: ") }
            #expect(events.map { $0.dropFirst(7).prefix { $0 != "\n" } } == ["stage", "stage", "data", "reply", "done"])
            let done = try #require(events.last?.split(separator: "data: ", maxSplits: 1).last)
            let business = try #require(server.names["shop"].flatMap { Business.ID($0) })
            let key = ConversationKey(business: business, conversation: try #require(ConversationID("c-1")))
            #expect(try await server.store.turn(of: "m1", in: key)?.answer == Array(done.utf8))
        }
    }

    @Test("What goes wrong in a stream is told as an event")
    func streamsErrors() async throws {
        try await TestServer.run(.live) { server in
            let answer = try await server.post(
                "/conversations/c-1/messages", #"{"message_id":"m1","text":"Hello","agent_id":"<mara>"}"#, as: .owner, ["Accept": "text/event-stream"]
            )
            let event = try #require(answer.text.split(separator: "\n\n").last)
            #expect(event.hasPrefix("event: error\n"))
            let problem = try JSONValue(parsing: Array(try #require(event.split(separator: "data: ", maxSplits: 1).last).utf8))
            #expect(problem["status"] == 422 && problem["code"] == "invalid_input")
        }
    }
}
