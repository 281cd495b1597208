import StageModel
import Testing

@Suite("What is learned in a conversation")
struct DataTests {
    @Test("Data is merged: null deletes, objects merge, the rest is replaced")
    func merge() async throws {
        try await TestServer.run { server in
            try await server.move("c-3", to: "welcome", data: #"{"a":1,"b":{"x":1,"y":[1,2]},"c":"old","gone":true}"#)
            let patch = #"{"b":{"x":null,"y":[3],"z":{"n":null}},"c":{"new":1.5},"gone":null,"never":null}"#
            let merged = try await server.move("c-3", to: "order", data: patch)
            #expect(merged["/data"] == ["a": 1, "b": ["y": [3], "z": [:]], "c": ["new": .number(1.5)]])
            #expect(try await server.get("/conversations/c-3")["/data"] == merged["/data"])
        }
    }

    @Test("A number keeps its value: integers of 64 bits exactly")
    func numbers() async throws {
        try await TestServer.run { server in
            let data = #"{"big":9223372036854775807,"small":-9223372036854775808,"half":0.5}"#
            try await server.move("c-3", to: "welcome", data: data)
            let state = try await server.get("/conversations/c-3", ["Cache-Control": "no-cache"])
            #expect(state["/data"] == ["big": .integer(.max), "small": .integer(.min), "half": .number(0.5)])
        }
    }

    @Test("A stage of scope 'stage' keeps its data to itself, over the conversation's")
    func stageScope() async throws {
        try await TestServer.run { server in
            try await server.move("c-3", to: "welcome", data: #"{"x":1,"y":1}"#)
            #expect(try await server.move("c-3", to: "notes", data: #"{"x":2,"z":2}"#)["/data"] == ["x": 2, "y": 1, "z": 2])
            #expect(try await server.move("c-3", to: "notes", data: #"{"x":null,"y":null}"#)["/data"] == ["x": 1, "y": 1, "z": 2])
            #expect(try await server.move("c-3", to: "welcome")["/data"] == ["x": 1, "y": 1])
            #expect(try await server.move("c-3", to: "notes")["/data"] == ["x": 1, "y": 1])
        }
    }

    @Test("A stage of scope 'none' keeps nothing")
    func noScope() async throws {
        try await TestServer.run { server in
            try await server.move("c-3", to: "welcome", data: #"{"x":1}"#)
            #expect(try await server.move("c-3", to: "whisper", data: #"{"x":2,"y":2}"#)["/data"] == ["x": 1])
            #expect(try await server.get("/conversations/c-3")["/data"] == ["x": 1])
        }
    }

    @Test("A declared field takes what its type allows, and a value that it does not leaves no trace")
    func field() async throws {
        try await TestServer.run { server in
            for (index, (field, value, isGood)) in Self.values.enumerated() {
                let answer = try await server.move("new-\(index)", to: "order", data: #"{"\#(field)":\#(value),"undeclared":[null]}"#)
                #expect(answer.status == (isGood ? 200 : 422), "\(field): \(value)")
                #expect(answer.faults == (isGood ? [] : ["/data/\(field)"]), "\(field): \(value)")
                #expect(try await server.get("/conversations/new-\(index)").status == (isGood ? 200 : 404), "\(field): \(value)")
            }
        }
    }

    private static let values: [(String, String, Bool)] = [
        ("order_id", #""AB-1234""#, true), ("order_id", #""AB-123456""#, true), ("order_id", #""AB-123""#, false),
        ("order_id", #""xAB-1234""#, false), ("order_id", #""AB-1234 ""#, false), ("order_id", #""AB-1234\n""#, false), ("order_id", #""""#, false),
        ("order_id", "1234", false),
        ("order_id", "null", true), ("choice", #""yes""#, true), ("choice", #""no""#, true), ("choice", #""yesno""#, false),
        ("choice", #""yes!""#, false), ("choice", #""is no""#, false), ("amount", "5", true), ("amount", "-0.5", true), ("amount", "1e3", true),
        ("amount", #""5""#, false), ("amount", "true", false), ("amount", "[5]", false), ("urgent", "true", true), ("urgent", "false", true),
        ("urgent", #""true""#, false), ("urgent", "1", false), ("due", #""2026-01-31""#, true), ("due", #""2024-02-29""#, true),
        ("due", #""2026-01-31T10:00:00Z""#, true), ("due", #""2026-02-29""#, false), ("due", #""2026-1-31""#, false),
        ("due", #""31.01.2026""#, false), ("due", #""tomorrow""#, false), ("due", "20260131", false),
        ("contact", #""jo@example.com""#, true), ("contact", #""jo+x@mail.example.com""#, true),
        ("contact", #""jo@example""#, false), ("contact", #""example.com""#, false), ("contact", #""jo@@example.com""#, false),
        ("contact", #""jo @example.com""#, false), ("contact", #""@example.com""#, false), ("contact", #""jo@example..com""#, false),
        ("contact", "7", false), ("size", #""M""#, true), ("size", #""m""#, false), ("size", #""XL""#, false), ("size", #"["M"]"#, false),
        ("undeclared2", #"{"any":"thing"}"#, true),
    ]

    @Test("Every wrong field is named at once, and nothing of the write is kept")
    func severalFaults() async throws {
        try await TestServer.run { server in
            let answer = try await server.move("c-2", to: "order", data: #"{"amount":"x","due":7,"size":"XL","topic":"new","urgent":true}"#)
            #expect(answer.status == 422 && answer.faults == ["/data/amount", "/data/due", "/data/size"])
            let state = try await server.get("/conversations/c-2")
            #expect(state["/version"] == 1 && state["/data/topic"] == nil && state["/data/urgent"] == nil)
        }
    }

    @Test("Fields are those of the stage that is moved to")
    func fieldsOfTarget() async throws {
        try await TestServer.run { server async throws in
            #expect(try await server.move("c-3", to: "welcome", data: #"{"amount":"plenty"}"#).status == 200)
            #expect(try await server.move("c-3", to: "order").status == 200)
            #expect(try await server.move("c-3", to: "order", data: #"{"amount":"plenty"}"#).status == 422)
        }
    }

    @Test("Data over 64 KiB is refused, counted over all writes")
    func size() async throws {
        try await TestServer.run { server in
            let half = String(repeating: "x", count: 33_000)
            #expect(try await server.move("c-3", to: "welcome", data: #"{"a":"\#(half)"}"#).status == 200)
            let answer = try await server.move("c-3", to: "welcome", data: #"{"b":"\#(half)"}"#)
            #expect(answer.status == 422 && answer.faults == ["/data"])
            #expect(try await server.move("c-3", to: "notes", data: #"{"b":"\#(half)"}"#).status == 422)
            let state = try await server.get("/conversations/c-3")
            #expect(state["/version"] == 1 && state["/data/b"] == nil)
            #expect(try await server.move("c-3", to: "welcome", data: #"{"a":null,"b":"\#(half)"}"#).status == 200)
        }
    }

    @Test("A name that can't stand in a path is named by its pointer")
    func pointer() async throws {
        try await TestServer.run { server in
            let field = #"{"configuration":{"fields":[{"name":"a_b","type":"number"}]}}"#
            try await server.patch("/stages/<notes>", field)
            let answer = try await server.move("c-3", to: "notes", data: #"{"a_b":"x","a/b~c":1}"#)
            #expect(answer.faults == ["/data/a_b"])
            #expect(try await server.move("c-3", to: "notes", data: #"{"a/b~c":1}"#)["/data/a~1b~0c"] == 1)
        }
    }
}
