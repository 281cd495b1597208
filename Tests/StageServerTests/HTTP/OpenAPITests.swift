import HTTPTypes
import Hummingbird
import StageModel
@testable import StageServer
import Testing

@Suite("The description of the API against its routes")
struct OpenAPITests {
    @Test("Every route but those of pages is described, but the two that describe, and nothing is described that is no route")
    func routes() async throws {
        try await TestServer.run { server in
            let described = try await DescribedOperation.all(of: server).map { "\($0.method) \($0.path)" }
            let routes = server.parts.server.router().routes.map { "\($0.method) \($0.path)" }
            let pages = Set(server.parts.server.pages.map { "\($0.method) \($0.path)" }).subtracting(described)
            let others = routes.filter { !pages.contains($0) && !$0.hasPrefix("GET /assets/") }
            #expect(Set(others) == Set(described + ["GET /openapi.json", "GET /docs"]))
            #expect(described.count == Set(described).count && described.count > 40)
        }
    }

    @Test("Every operation that is described is there")
    func answers() async throws {
        try await TestServer.run { server in
            for operation in try await DescribedOperation.all(of: server) {
                let answer = try await operation.call(server, as: operation.roles.isEmpty ? .platform : .owner)
                #expect(answer.status != 405, "\(operation.id)")
                #expect(answer["/detail"]?.string?.contains("nothing at this path") != true, "\(operation.id)")
            }
        }
    }

    @Test("It is OpenAPI 3.1, and every operation has a name of its own, a summary and described answers")
    func form() async throws {
        try await TestServer.run { server in
            let answer = try await server.get("/openapi.json", as: .nobody)
            #expect(answer.status == 200 && answer[header: "Content-Type"] == "application/json")
            #expect(answer["/openapi"] == "3.1.0" && answer["/info/title"] == "Stagekeeper" && answer["/info/version"] == "0.0.0")
            let operations = try await DescribedOperation.all(of: server)
            #expect(Set(operations.map(\.id)).count == operations.count && !operations.contains { $0.id.isEmpty })
            for operation in operations {
                #expect(operation.json["summary"]?.string?.isEmpty == false, "\(operation.id)")
                let responses = try #require(operation.json["responses"]?.object)
                #expect(responses.keys.contains { $0.hasPrefix("2") } && responses["default"] != nil, "\(operation.id)")
                let parameters = operation.json["parameters"]?.array ?? []
                let inPath = parameters.filter { $0["in"] == "path" }.compactMap { $0["name"]?.string }
                #expect(inPath == operation.parameters, "\(operation.id)")
                let hasKey = parameters.contains { $0["name"] == "Idempotency-Key" }
                #expect(hasKey == (operation.method != .get), "\(operation.id)")
            }
        }
    }

    @Test("If-Match and If-None-Match are described where they are taken")
    func conditions() async throws {
        try await TestServer.run { server in
            let operations = try await DescribedOperation.all(of: server)
            let ids = operations.filter { $0.json["parameters"]?.array?.contains { $0["name"] == "If-Match" } == true }.map(\.id)
            let definitions = ["Stage", "Template", "Agent", "TransitionRule"].flatMap { kind in
                ["replace", "patch", "delete", "restore"].map { $0 + kind }
            }
            let states = ["putStageState", "clearStageState", "pauseConversation", "resumeConversation", "rewindConversation"]
            #expect(Set(ids) == Set(definitions + states))
            let readers = operations.filter { $0.json["responses"]?["304"] != nil }.map(\.id)
            #expect(Set(readers).isSuperset(of: ["getStage", "getTemplate", "getAgent", "getTransitionRule", "getStageState", "getConversation"]))
        }
    }

    @Test("Every reference leads to a schema, and every schema is referred to")
    func references() async throws {
        try await TestServer.run { server in
            let document = try await server.get("/openapi.json", as: .nobody).json
            let used = Set(Self.references(in: document))
            let schemas = Set(try #require(document.value(at: "/components/schemas")?.object).keys.map { "#/components/schemas/\($0)" })
            #expect(used == schemas)
            let wanted = [
                "Stage", "Template", "Agent", "TransitionRule", "Conversation", "StageState", "Transition", "Problem", "Finding", "FlowGraph",
                "TraceCandidate", "Simulation", "SimulationOutcome",
            ]
            for name in wanted {
                #expect(schemas.contains("#/components/schemas/\(name)"))
            }
        }
    }

    private static func references(in value: JSONValue) -> [String] {
        switch value {
        case .object(let members): members.flatMap { $0 == "$ref" ? [$1.string ?? "?"] : references(in: $1) }
        case .array(let elements): elements.flatMap(references)
        case .null, .bool, .integer, .number, .string: []
        }
    }

    @Test("business_id is required for reading stages, as the specification has it, and optional elsewhere")
    func businessID() async throws {
        try await TestServer.run { server in
            for operation in try await DescribedOperation.all(of: server) where !operation.roles.isEmpty {
                let parameter = operation.json["parameters"]?.array?.first { $0["name"] == "business_id" && $0["in"] == "query" }
                let isRequired = ["listStages", "getStage"].contains(operation.id)
                #expect(parameter?["required"] == .bool(isRequired), "\(operation.id)")
            }
        }
    }

    @Test("The page for people is HTML that loads nothing and names every operation")
    func documentation() async throws {
        try await TestServer.run { server in
            let page = try await server.get("/docs", as: .nobody)
            #expect(page.status == 200 && page[header: "Content-Type"] == "text/html; charset=utf-8")
            #expect(page.text.hasPrefix("<!doctype html>") && page.text.contains("<html lang=\"en\">"))
            for loader in ["src=", "http:", "https:", "//", "@import", "url(", "<script", "<link", "<img", "<iframe"] {
                #expect(!page.text.contains(loader), "\(loader)")
            }
            let targets = page.text.matches(of: /href="([^"]*)"/).map { String($0.1) }
            #expect(targets.allSatisfy { $0.hasPrefix("#") || $0 == "/openapi.json" } && targets.contains("/openapi.json"))
            for target in targets where target.hasPrefix("#") { #expect(page.text.contains("id=\"\(target.dropFirst())\""), "\(target)") }
            for operation in try await DescribedOperation.all(of: server) {
                #expect(page.text.contains("id=\"\(operation.id)\"") && page.text.contains("<code>\(operation.path)</code>"), "\(operation.id)")
            }
        }
    }
}
