import HTTPTypes
import HummingbirdTesting
import StageEngine
import StageModel
import StageStore
import StageStoreSQL
import Testing

@Suite("Asking for events", .timeLimit(.minutes(10)))
struct EventRequestTests {
    @Test("What is wrong with the request is told, as everywhere")
    func refusals() async throws {
        try await Scenario.run([
            Scenario(
                "a header that is no number", .get, "/events", nil, ["Last-Event-ID": "abc"], status: 400, code: "invalid_parameter",
                faults: ["/Last-Event-ID"]),
            Scenario("a negative one", .get, "/events", nil, ["Last-Event-ID": "-1"], status: 400, faults: ["/Last-Event-ID"]),
            Scenario(
                "one that is too large", .get, "/events", nil, ["Last-Event-ID": "9223372036854775808"], status: 400, faults: ["/Last-Event-ID"]
            ),
            Scenario("a parameter that is no number", .get, "/events?last_event_id=1.5", status: 400, faults: ["/last_event_id"]),
            Scenario("an empty parameter", .get, "/events?last_event_id=", status: 400, faults: ["/last_event_id"]),
            Scenario(
                "filters that are no ids", .get, "/events?stage_id=x&conversation_id=a%20b&agent_id=", status: 400,
                faults: ["/agent_id", "/conversation_id", "/stage_id"]),
            Scenario("an unknown parameter", .get, "/events?limit=5", status: 400, faults: ["/limit"]),
            Scenario("another's business", .get, "/events?business_id=<other>", status: 403, code: "forbidden"),
            Scenario("the platform key", .get, "/events", as: .platform, status: 403, code: "forbidden"),
            Scenario("no key", .get, "/events", as: .nobody, status: 401, code: "unauthorized"),
            Scenario("a body", .get, "/events", nil, ["Content-Length": "2"], status: 400, code: "unexpected_body"),
            Scenario("a body of any length", .get, "/events", nil, ["Transfer-Encoding": "chunked"], status: 400, code: "unexpected_body"),
            Scenario("another method", .post, "/events", "{}", status: 405, answers: ["Allow": "GET, HEAD"]),
        ])
    }

    @Test("HEAD has the headers of the stream, and ends")
    func head() async throws {
        for setup in [false, true] {
            try await TestServer.run(setup ? .live : .router) { server in
                let head = try await server.call(.head, "/events")
                #expect(head.status == 200 && head.bytes.isEmpty && head[header: "Content-Type"] == "text/event-stream")
                #expect(head[header: "X-Accel-Buffering"] == "no" && server.parts.events.subscriberCount == 0)
                #expect(try await server.call(.head, "/events?last_event_id=x").status == 400)
            }
        }
    }

    @Test("The header Last-Event-ID comes before the parameter, which is there for those who can't send it")
    func resumes() async throws {
        try await TestServer.run(.live) { server in
            let start = try await server.store.eventExtent().last
            for stage in ["order", "welcome", "order"] { try await server.move("c-1", to: stage) }
            let both = try await EventClient(server, "/events?last_event_id=\(start)", ["Last-Event-ID": "\(start + 2)"])
            #expect(try await both.events(1).map(\.id) == [start + 3])
            let parameter = try await EventClient(server, "/events?last_event_id=\(start + 1)")
            #expect(await parameter.next()?.id == start + 1)
            #expect(try await parameter.events(2).map(\.id) == [start + 2, start + 3])
            let all = try await EventClient(server, "/events?last_event_id=0")
            #expect(try await all.events(3).first?.id == 1)
        }
    }

    @Test("A stream is counted when it ends, with how long it went on")
    func counted() async throws {
        try await TestServer.run(.live) { server in
            func count(_ what: String) async throws -> Double? {
                let metrics = try PrometheusText(try await server.get("/metrics", as: .nobody).text)
                return metrics.values["stagekeeper_request\(what)"]
            }
            let client = try await EventClient.following(server)
            #expect(try await count(#"s_total{class="stream",operation="followEvents",status="2xx"}"#) == 0)
            server.clock.advance(seconds: 30)
            server.parts.events.close()
            _ = await client.rest()
            while server.parts.events.subscriberCount > 0 { await Task.yield() }
            while try await count(#"s_total{class="stream",operation="followEvents",status="2xx"}"#) == 0 { await Task.yield() }
            #expect(try await count(#"s_total{class="stream",operation="followEvents",status="2xx"}"#) == 1)
            #expect(try await count(#"_seconds_sum{class="stream",operation="followEvents"}"#) == 30)
            try await server.get("/events?last_event_id=x")
            #expect(try await count(#"s_total{class="stream",operation="followEvents",status="4xx"}"#) == 1)
        }
    }

    @Test("It is described as a stream, with the data of its events")
    func described() async throws {
        try await TestServer.run { server in
            let operation = try #require(try await DescribedOperation.all(of: server).first { $0.id == "followEvents" })
            let content = operation.json.value(at: "/responses/200/content")?.object ?? [:]
            #expect(Array(content.keys) == ["text/event-stream"])
            #expect(content["text/event-stream"]?["schema"] == ["type": "string"])
            #expect(content["text/event-stream"]?["x-event-data"]?["$ref"] == "#/components/schemas/TransitionEvent")
            let parameters = operation.json["parameters"]?.array ?? []
            #expect(parameters.contains { $0["name"] == "Last-Event-ID" && $0["in"] == "header" && $0["required"] == false })
        }
    }
}
