import Foundation
import Testing

extension LiveTests {
    @Suite("Saved conversations by the flow of a business")
    struct SavedConversationTests {
        private static let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/stagekeeper/Demo/order-support.test.yaml").standardizedFileURL.path

        @Test("While the server runs, the demo's conversations go by its business's flow as expected, and are kept nowhere")
        func byBusiness() async throws {
            try await withDatabase { database in
                try await withServer(on: database, ["STAGEKEEPER_DEMO": "1"]) { server in
                    let demo = try #require(server.demo)
                    try await withClient { client in
                        let api = API(client: client, url: server.url, key: demo.key)
                        let before = try await api.all("/conversations")
                        let result = try await Stagekeeper.run(["test", Self.file, "--business", demo.business], on: database)
                        #expect(result.ending == .exit(0) && result.errors.isEmpty, "\(result.output)\(result.errors)")
                        #expect(result.output.contains(", all as expected."))
                        #expect(try await api.all("/conversations") == before)
                    }
                }
            }
        }

        @Test("Another's business is an exit status of 2, as a model that the settings do not name is")
        func refusals() async throws {
            try await withDatabase { database in
                let nobody = "123e4567-e89b-42d3-a456-426614174000"
                let unknown = try await Stagekeeper.run(["test", Self.file, "--business", nobody], on: database)
                #expect(unknown.ending == .exit(2) && unknown.errors.contains(nobody), "\(unknown.errors)")
                let model = try await Stagekeeper.run(["test", Self.file, "--model"], on: database)
                #expect(model.ending == .exit(2) && model.errors.contains("STAGEKEEPER_MODEL_URL"), "\(model.errors)")
            }
        }
    }
}
