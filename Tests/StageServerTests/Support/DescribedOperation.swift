import HTTPTypes
import StageModel
import Testing

/// An operation as `/openapi.json` describes it.
struct DescribedOperation: Sendable {
    let method: HTTPRequest.Method
    let path: String
    let json: JSONValue

    var id: String { json["operationId"]?.string ?? "" }
    var roles: [String] { (json["x-roles"]?.array ?? []).compactMap(\.string) }
    var isOpen: Bool { json["security"] == [] }
    var isStream: Bool { json["responses"]?["200"]?["content"]?["text/event-stream"] != nil }
    var takesBody: Bool { json["requestBody"] != nil }
    var isBodyRequired: Bool { json["requestBody"]?["required"] == true }

    /// The names of the path's parameters.
    var parameters: [String] { path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) } }

    static func all(of server: TestServer) async throws -> [DescribedOperation] {
        let document = try await server.get("/openapi.json", as: .nobody).json
        let paths = try #require(document["paths"]?.object)
        return try paths.sorted { $0.key < $1.key }.flatMap { path, item in
            try (item.object ?? [:]).sorted { $0.key < $1.key }.map { method, json in
                DescribedOperation(method: try #require(HTTPRequest.Method(method.uppercased())), path: path, json: json)
            }
        }
    }

    /// The path with its parameters filled in: those given, else ids of nothing.
    func filled(_ values: [String: String] = [:]) -> String {
        parameters.reduce(path) { path, name in
            let unknown = name == "conversation_id" ? "nobody" : "123e4567-e89b-42d3-a456-426614174000"
            return path.replacing("{\(name)}", with: values[name] ?? unknown)
        }
    }

    /// Asks for it, about nothing that exists.
    func call(_ server: TestServer, as who: Who) async throws -> Answer {
        let body = id == "putStageState" ? #"{"conversation_id":"nobody"}"# : "{}"
        // A stream is asked for from nowhere, which is refused after everything else: it would go on for ever.
        let headers = isStream ? ["Last-Event-ID": "nowhere"] : [:]
        return try await server.call(method, filled(), takesBody ? body : nil, as: who, headers)
    }
}
