import StageModel
import Testing

@Suite("Conversations: data")
struct ConversationDataTests {
    @Test("Data is kept for the conversation, dropped on leaving the stage, or not kept, as the writing stage's scope says")
    func scopes() throws {
        var rehearsal = try Rehearsal()
        _ = rehearsal.perform(.go(Sample.greeting, ["name": "Eve", "mood": "good"]), at: 0)
        _ = rehearsal.perform(.go(Sample.scratch, ["note": "x", "mood": "bad"]), at: 1)
        #expect(rehearsal.state.data.conversation == ["name": "Eve", "mood": "good"])
        #expect(rehearsal.state.data.stage == ["note": "x", "mood": "bad"])
        #expect(rehearsal.state.data.merged == ["name": "Eve", "note": "x", "mood": "bad"], "The stage's part wins.")
        _ = rehearsal.perform(.go(Sample.scratch, ["note": .null, "more": [1]]), at: 2)
        #expect(rehearsal.state.data.stage == ["mood": "bad", "more": [1]])
        _ = rehearsal.perform(.go(Sample.ghost, ["gone": 1]), at: 3)
        #expect(rehearsal.state.data == ConversationData(conversation: ["name": "Eve", "mood": "good"]))
        _ = rehearsal.perform(.clear, at: 4)
        #expect(rehearsal.state.data == ConversationData())
    }

    @Test("Data is written as a merge patch")
    func patches() throws {
        var rehearsal = try Rehearsal()
        _ = rehearsal.perform(.go(Sample.greeting, ["a": ["b": 1, "c": 2], "d": 1]), at: 0)
        _ = rehearsal.perform(.go(Sample.greeting, ["a": ["b": .null, "e": ["f": .null]], "d": .null]), at: 1)
        #expect(rehearsal.state.data.conversation == ["a": ["c": 2, "e": [:]]])
    }

    @Test("Staying at a stage keeps its data and its visits, leaving and coming back counts a visit")
    func visits() throws {
        var rehearsal = try Rehearsal()
        for (second, stage) in [Sample.greeting, Sample.greeting, Sample.scratch, Sample.greeting].enumerated() {
            _ = rehearsal.perform(.go(stage), at: Int64(second))
        }
        #expect(rehearsal.state.visits == [Sample.greeting: 2, Sample.scratch: 1])
        #expect(rehearsal.state.enteredAt == Sample.start.adding(seconds: 3))
        _ = rehearsal.perform(.rewind(toVersion: 1, stage: Sample.greeting), at: 9)
        #expect(rehearsal.state.visits[Sample.greeting] == 3)
        #expect(rehearsal.state.enteredAt == Sample.start.adding(seconds: 9))
        _ = rehearsal.perform(.clear, at: 10)
        #expect(rehearsal.state.visits.isEmpty)
    }

    /// Data that is written at `order`, and what is refused of it.
    static let written: [([String: JSONValue], String?)] = [
        (["order_id": "AB-1234", "quantity": 2, "card": "4111", "undeclared": [1]], nil), (["order_id": .null, "quantity": .null], nil),
        (["order_id": "1234"], #"/order_id: Must match the pattern [A-Z]{2}-\d{4,} as a whole."#),
        (["quantity": "2", "order_id": 5], #"/order_id: Must be a string, not a number.; /quantity: Must be a number, not "2"."#),
        (["card": SensitiveNames.mask], "/card: Is the mask of a sensitive value"), (["other": SensitiveNames.mask], "/other: Is the mask"),
        (["other": [1, ["deep": SensitiveNames.mask]]], "/other: Is the mask"), (["other": "masked"], nil),
    ]

    @Test("Declared fields are checked, all at once; others are taken as they are", arguments: written)
    func checks(data: [String: JSONValue], fault: String?) throws {
        var rehearsal = try Rehearsal()
        let outcome = rehearsal.perform(.go(Sample.order, data), at: 0)
        if let fault { #expect(outcome.hasPrefix("refused: \(fault)"), "\(outcome)") } else { #expect(outcome.hasPrefix("active at order")) }
        #expect(rehearsal.state.version == (fault == nil ? 1 : 0))
    }

    @Test("Data of 64 KiB is kept, a byte more is refused, both parts counted together")
    func size() throws {
        var rehearsal = try Rehearsal()
        // {"a":"…"} and {} are 10 bytes beside the text.
        let most = ConversationData.maximumBytes - 10
        #expect(
            rehearsal.perform(.go(Sample.greeting, ["a": .string(String(repeating: "x", count: most + 1))]), at: 0).hasPrefix(
                "refused: : The conversation's data"))
        #expect(rehearsal.perform(.go(Sample.greeting, ["a": .string(String(repeating: "x", count: most))]), at: 0).hasPrefix("active"))
        #expect(rehearsal.perform(.go(Sample.scratch, ["b": 1]), at: 1).contains("would be over 64 KiB"))
        #expect(rehearsal.state.stageID == Sample.greeting && rehearsal.state.version == 1)
        #expect(rehearsal.perform(.go(Sample.greeting, ["a": .null, "b": 1]), at: 2).hasPrefix("active"))
    }

    @Test("A transition's trace names what was written, never the values, and stays under 2 KiB")
    func trace() throws {
        var rehearsal = try Rehearsal()
        _ = rehearsal.perform(.go(Sample.order, ["card": "4111-secret", "quantity": 1]), at: 0)
        #expect(rehearsal.history.last?.trace == ["data": ["card", "quantity"]])
        let long = (0..<40).map { (String(repeating: "n", count: 1000) + "\($0)", JSONValue.integer(1)) }
        _ = rehearsal.perform(.go(Sample.greeting, Dictionary(uniqueKeysWithValues: long)), at: 1)
        let last = try #require(rehearsal.history.last)
        #expect(last.version == 2)
        #expect(last.trace.jsonBytes.count <= 2 << 10)
    }
}
