import StageModel
import StageStore
import Testing

@Suite("Sensitive data")
struct SensitiveDataTests {
    private static let mask: JSONValue = "«masked»"

    @Test("A sensitive value is masked in every answer, whatever stage it is written at")
    func masked() async throws {
        try await TestServer.run { server in
            let answers = [
                try await server.move("c-2", to: "welcome", data: #"{"pin":"9753","profile":{"email":"deep@example.com"},"list":[{"pin":"8642"}]}"#),
                try await server.get("/conversations/c-2"), try await server.get("/stages/<order>/state?conversation_id=c-2"),
                try await server.post("/conversations/c-2/pause"), try await server.get("/conversations"),
                try await server.get("/conversations/c-2/history"), try await server.get("/stages/<welcome>/state"),
            ]
            for answer in answers {
                #expect(answer.status == 200)
                for secret in ["jo@example.com", "9753", "deep@example.com", "8642"] { #expect(!answer.text.contains(secret)) }
            }
            #expect(answers[1]["/data"] == ["order_id": "AB-1234", "email": Self.mask, "pin": Self.mask, "profile": Self.mask, "list": Self.mask])
        }
    }

    @Test("The mask is no value: written back it is refused, at any depth", arguments: masks)
    func maskWritten(_ data: String, _ pointer: String) async throws {
        try await TestServer.run { server in
            try await server.move("c-2", to: "order", data: #"{"profile":{"email":"deep@example.com"}}"#)
            let answer = try await server.move("c-2", to: "order", data: data)
            #expect(answer.status == 422)
            #expect(answer.faults.allSatisfy { $0.hasPrefix(pointer) } && !answer.faults.isEmpty)
            let revealed = try await server.post("/conversations/c-2/reveal")
            #expect(revealed["/data/email"] == "jo@example.com" && revealed["/data/profile/email"] == "deep@example.com")
        }
    }

    private static let masks = [
        (#"{"email":"«masked»"}"#, "/data/email"), (#"{"profile":"«masked»"}"#, "/data/profile"),
        (#"{"profile":{"email":"«masked»"}}"#, "/data/profile"),
    ]

    @Test("Where a value is refused, the message does not repeat it")
    func refused() async throws {
        try await TestServer.run { server in
            let answer = try await server.move("c-2", to: "order", data: #"{"email":"topsecret","pin":"13579"}"#)
            #expect(answer.faults == ["/data/email", "/data/pin"])
            #expect(!answer.text.contains("topsecret") && !answer.text.contains("13579"))
        }
    }

    @Test("It is revealed only when asked for, which is audited")
    func reveal() async throws {
        try await TestServer.run { server in
            let answer = try await server.post("/conversations/c-2/reveal", as: .editor)
            #expect(answer.status == 200 && answer["/data/email"] == "jo@example.com" && answer[header: "Cache-Control"] == "private, no-store")
            #expect(answer["/version"] == 1)
            let log = try await server.get("/audit-log?limit=1")
            #expect(log["/items/0/action"] == "conversation.reveal" && log["/items/0/subject"] == "c-2")
            #expect(log["/items/0/actor"]?.string?.hasPrefix("api_key:sk_") == true)
            for who in [Who.viewer, .runtime] { #expect(try await server.post("/conversations/c-2/reveal", as: who).status == 403) }
            #expect(try await server.post("/conversations/c-9/reveal").status == 404)
        }
    }

    @Test("The database holds no sensitive value")
    func sealed() async throws {
        let text = try await TestServer.run { server in
            try await server.move("c-2", to: "order", data: #"{"pin":"4711","topic":"Lamp-in-plain"}"#, ["Idempotency-Key": "k1"])
            try await server.post("/conversations/c-2/reveal")
            return try await server.parts.database.rawText()
        }
        let found = ["Lamp-in-plain", "jo@example.com", "4711"].filter { text.contains($0) }
        #expect(found == ["Lamp-in-plain"])
    }

    @Test("A name that becomes sensitive later is masked from then on, and its value is kept")
    func sensitiveLater() async throws {
        try await TestServer.run { server in
            try await server.move("c-1", to: "welcome", data: #"{"nickname":"Bumblebee"}"#)
            try await server.patch("/stages/<notes>", #"{"configuration":{"fields":[{"name":"nickname","sensitive":true}]}}"#)
            for headers in [[:], ["Cache-Control": "no-cache"]] {
                #expect(try await server.get("/conversations/c-1", headers)["/data/nickname"] == Self.mask)
            }
            #expect(try await server.post("/conversations/c-1/reveal")["/data/nickname"] == "Bumblebee")
        }
    }

    @Test("In a stage's own data, too, a sensitive name is masked and sealed, and its mask is refused")
    func ownState() async throws {
        let text = try await TestServer.run { server in
            let own = try await server.put("/stages/<order>/state", #"{"data":{"email":"desk@example.com","note":"Plain-note"}}"#)
            #expect(own["/data"] == ["email": Self.mask, "note": "Plain-note"])
            #expect(try await server.put("/stages/<order>/state", #"{"data":{"email":"«masked»"}}"#).status == 422)
            return try await server.parts.database.rawText()
        }
        let found = ["Plain-note", "desk@example.com"].filter { text.contains($0) }
        #expect(found == ["Plain-note"])
    }
}
