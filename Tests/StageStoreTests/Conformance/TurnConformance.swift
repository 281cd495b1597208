import StageModel
import StageStore
import StageStoreSQL
import Testing

extension StageStoreConformance {
    @Suite("Messages that were handled")
    struct Turns {
        /// Commits a turn that stays where the conversation is.
        @discardableResult
        private static func handle(_ texts: [String], in text: String = "c", _ bench: Bench, at seconds: Int64 = 10) async throws -> ConversationState
        {
            let key = try bench.key(text)
            let now = bench.now(seconds)
            return try await bench.store.handle(texts, in: key, at: now) { state, _ throws(ConversationFault) in
                var next = state
                next.version += 1
                next.turns += Int64(texts.count)
                next.updatedAt = now
                next.askedField = "email"
                let messages = texts.enumerated().map { index, text in
                    HandledMessage(
                        messageID: text, number: state.turns + Int64(index) + 1, outcome: index == texts.count - 1 ? .replied : .merged, at: now,
                        text: text, maskedText: "«masked»", userName: "Ada", reply: index == texts.count - 1 ? "reply to \(text)" : nil,
                        maskedReply: nil, stage: state.stageID, answer: Array("{\"to\":\"\(text)\"}".utf8))
                }
                return ConversationCommit(
                    change: ConversationChange(state: next, transitions: []), sensitive: bench.flow.sensitive, messages: messages)
            }
        }

        @Test("A message is told as it was kept, by its id and in its order", arguments: stores)
        func kept(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                try await bench.go(bench.plan.order, "c")
                try await Self.handle(["m1"], bench)
                try await Self.handle(["m2", "m3"], bench, at: 20)
                for store in [bench.store, try await bench.reopen()] {
                    let found = try #require(try await store.turn(of: "m3", in: bench.key("c")))
                    #expect(found.number == 3 && found.outcome == .replied && found.text == "m3" && found.maskedText == "«masked»")
                    #expect(found.reply == "reply to m3" && found.userName == "Ada" && found.at == bench.now(20) && found.stage == bench.plan.order)
                    #expect(found.answer == Array("{\"to\":\"m3\"}".utf8))
                    #expect(try await store.turn(of: "m4", in: bench.key("c")) == nil)
                    #expect(try await store.turn(of: "m3", in: bench.key("d")) == nil)
                    #expect(try await store.turns(of: bench.key("c"), before: nil, limit: 2).map(\.messageID) == ["m3", "m2"])
                    #expect(try await store.turns(of: bench.key("c"), before: 2, limit: 2).map(\.messageID) == ["m1"])
                    #expect(try await store.state(of: bench.key("c"), fresh: true)?.askedField == "email")
                }
            }
        }

        @Test("A message that was handled undoes the turn that has it again, and nothing else of its group", arguments: stores)
        func once(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                for name in ["c", "d"] { try await bench.go(bench.plan.order, name) }
                try await Self.handle(["m1"], bench)
                await #expect(throws: StoreError.alreadyHandled) { try await Self.handle(["m0", "m1"], bench, at: 20) }
                let outcomes = await withTaskGroup(of: Bool.self) { group in
                    for number in 0..<20 {
                        group.addTask {
                            (try? await Self.handle([number == 7 ? "m1" : "n\(number)"], in: number == 7 ? "c" : "d", bench, at: 30)) != nil
                        }
                    }
                    return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
                }
                #expect(outcomes == 19)
                #expect(try await bench.state("c", fresh: true)?.version == 2)
                #expect(try await bench.state("d", fresh: true)?.version == 20)
                #expect(try await bench.store.turn(of: "m0", in: bench.key("c")) == nil)
            }
        }

        @Test("A version without a transition leaves the history as it was, in the cache as well as in the database", arguments: stores)
        func withoutTransition(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                try await bench.go(bench.plan.order, "c")
                #expect(try await bench.history("c").map(\.version) == [1])
                try await Self.handle(["m1"], bench)
                #expect(try await bench.history("c").map(\.version) == [1])
                try await bench.go(bench.plan.greeting, "c", at: 20)
                #expect(try await bench.history("c").map(\.version) == [3, 1])
                #expect(try await bench.reopen().history(of: bench.key("c"), before: nil, limit: 10).map(\.version) == [3, 1])
            }
        }

        @Test("Erasing a conversation erases what was said in it", arguments: stores)
        func erased(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                try await bench.go(bench.plan.order, "c")
                try await Self.handle(["m1"], bench)
                _ = try await bench.store.erase(bench.key("c"), audit: bench.plan.audit("conversation.erase"), answer: nil, at: bench.now(20))
                #expect(try await bench.store.turn(of: "m1", in: bench.key("c")) == nil)
                #expect(try await bench.store.turns(of: bench.key("c"), before: nil, limit: 10).isEmpty)
            }
        }

        @Test("What was said is sealed anew by another master key", arguments: stores)
        func resealed(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let store = try #require(bench.store as? SQLStageStore)
                try await bench.go(bench.plan.order, "c")
                for number in 0..<250 { try await Self.handle(["m\(number)"], bench) }
                let before = try await bench.store.turns(of: bench.key("c"), before: nil, limit: 1000)
                store.replaceKeys(by: try Resealing.keys("k2", "k1"))
                #expect(try await store.reseal { _ in } >= 250)
                #expect(try await store.sealingKeys().keys.sorted() == ["k2"])
                store.replaceKeys(by: try Resealing.keys("k2"))
                #expect(try await bench.store.turns(of: bench.key("c"), before: nil, limit: 1000) == before)
            }
        }
    }
}
