import Foundation
import StageEngine
import StageModel
import Testing

@testable import stagekeeper

@Suite("The demo's saved conversations")
struct DemoConversationTests {
    private static let path = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Sources/stagekeeper/Demo/order-support.test.yaml").standardizedFileURL.path

    @Test("All go as expected without a model, and come through every stage")
    func run() async throws {
        try await withFolder { folder in
            let result = try await Program.run(["test", Self.path, "--coverage", "70"], in: folder)
            #expect(result.status == 0 && result.errors.isEmpty, "\(result.output)\(result.errors)")
            #expect(result.output.contains(", all as expected.") && !result.output.contains("✗"))
            #expect(result.output.contains("stages touched: 12 of 12, 100 %"), "\(result.output)")
        }
    }

    @Test("They go the same way by the flow that is compiled in")
    func compiledIn() throws {
        let file = try Data(contentsOf: URL(filePath: Self.path).deletingLastPathComponent().appending(path: "order-support.json"))
        let flow = try FlowFile(json: try JSONValue(parsing: file))
        #expect(try FlowFile.demo() == flow)
    }

    @Test("One has thirty messages, and each of them expects something")
    func thirtyMessages() throws {
        let saved = try SavedConversations(try Document(path: Self.path))
        #expect(saved.conversations.count >= 5)
        let long = try #require(saved.conversations.first { $0.messages.count == 30 })
        #expect(long.messages.allSatisfy { $0.expected.stages != nil })
    }

    @Test("Every reply of theirs reads as a whole: no marks of templates, no double blanks, nothing said twice")
    func replies() async throws {
        let saved = try SavedConversations(try Document(path: Self.path))
        let flow = try FlowFile.demo().flow()
        for conversation in saved.conversations {
            let run = await ConversationRun(conversation, in: flow, model: nil, from: saved.start)
            for step in run.steps {
                let reply = try #require(step.turn?.outcome.reply)
                for flaw in ["{", "}", "  ", " .", " ,", "\n\n\n", "Please tell me: ", "masked"] {
                    #expect(!reply.contains(flaw), "\(step.message.text): \(reply)")
                }
                #expect(reply.last.map { ".?!".contains($0) } == true, "\(step.message.text): \(reply)")
                let sentences = reply.split { ".?!\n".contains($0) }.map { String($0).trimmed }.filter { !$0.isEmpty }
                #expect(Set(sentences).count == sentences.count, "\(step.message.text): \(reply)")
            }
        }
    }
}
