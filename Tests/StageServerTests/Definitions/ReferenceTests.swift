import StageModel
import Testing

@Suite("Definitions that others refer to")
struct ReferenceTests {
    @Test("What is in use can't be deleted, and who uses it is said", arguments: uses)
    func inUse(_ path: String, _ user: String) async throws {
        try await TestServer.run { server in
            try await server.patch("/stages/<notes>", #"{"configuration":{"timeout":{"seconds":9,"to_stage_id":"<brief>"}}}"#)
            let answer = try await server.delete(path)
            #expect(answer.status == 409 && answer.code == "in_use" && answer["/detail"]?.string?.contains("'\(user)'") == true)
            let reading = path.hasPrefix("/stages") ? path + "?business_id=<shop>" : path
            #expect(try await server.get(reading).status == 200)
        }
    }

    private static let uses = [
        ("/templates/<selection>", "Brief"), ("/templates/<extraction>", "Order"), ("/templates/<response>", "Goodbye"),
        ("/agents/<mara>", "Mara's desk"), ("/stages/<brief>", "Notes"),
    ]

    @Test("An agent that conversations are held with can't be deleted")
    func agentWithConversations() async throws {
        try await TestServer.run { server in
            try await server.put("/stages/<welcome>/state", #"{"conversation_id":"c-3","agent_id":"<idle>"}"#)
            let answer = try await server.delete("/agents/<idle>")
            #expect(answer.status == 409 && answer.code == "conversations_here")
            #expect(try await server.delete("/conversations/c-3").status == 204)
            #expect(try await server.delete("/agents/<idle>").status == 204)
        }
    }

    @Test("What is not used any more can be deleted")
    func noLongerInUse() async throws {
        try await TestServer.run { server in
            try await server.patch("/stages/<maras>", #"{"agent_id":null}"#)
            #expect(try await server.delete("/agents/<mara>").status == 204)
        }
    }

    @Test("A template keeps its type while stages use it")
    func typeInUse() async throws {
        try await TestServer.run { server in
            let refused = try await server.patch("/templates/<selection>", #"{"template_type":"data_extraction"}"#)
            #expect(refused.status == 422 && refused.faults == ["/template_type"])
            #expect(try await server.patch("/templates/<spare>", #"{"template_type":"data_extraction"}"#).status == 200)
        }
    }

    @Test("A stage may name itself as the target of its timeout")
    func ownTimeout() async throws {
        try await TestServer.run { server async throws in
            let patch = #"{"configuration":{"timeout":{"seconds":9,"to_stage_id":"<notes>"}}}"#
            #expect(try await server.patch("/stages/<notes>", patch).status == 200)
            #expect(try await server.delete("/stages/<notes>").status == 204)
        }
    }
}
