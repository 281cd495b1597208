import HTTPTypes
import StageModel
import Testing

/// Ids in bodies and queries, wherever `/openapi.json` says that one may be; those in paths are tried by `EveryOperationTests`.
@Suite("Ids of another business's things")
struct ForeignIDTests {
    @Test("Wherever an id is given, another business's does what an unknown one does; another business itself is refused")
    func everywhere() async throws {
        try await TestServer.run { server in
            let components = try #require(try await server.get("/openapi.json", as: .nobody)["/components"])
            let before = try await Self.others(server)
            var (number, places) = (0, 0)
            for operation in try await DescribedOperation.all(of: server) where operation.roles.contains("owner") {
                let row = try #require(AccessTable.rows[operation.id])
                for place in IDPlace.all(of: operation, components: components) where !row.isStream {
                    let foreign = try #require(place.foreign, "IDPlace does not know what \(place) of \(operation.id) is the id of.")
                    var told: [String] = []
                    for id in [foreign, place.unknown] {
                        number += 1
                        let target = try await AccessTarget.fresh(for: operation, row, number: number, server)
                        let answer = try await Self.ask(operation, row, target, place, id, server)
                        if place.path == ["business_id"] { #expect(answer.status == 403 && answer.code == "forbidden", "\(operation.id) \(place)") }
                        #expect(answer.status != 500 && !answer.text.contains("Elsewhere"), "\(operation.id) \(place): \(answer.text)")
                        told.append(Self.told(answer, target, id, server))
                    }
                    #expect(told[0] == told[1], "\(operation.id) \(place)")
                    places += 1
                }
            }
            #expect(places > 100)
            #expect(try await Self.others(server) == before)
        }
    }

    private static func ask(
        _ operation: DescribedOperation, _ row: AccessRow, _ target: AccessTarget, _ place: IDPlace, _ id: String, _ server: TestServer
    ) async throws -> Answer {
        var request = AccessRequest(operation: operation, row: row, target: target)
        switch place.part {
        case .body: request.body = try place.body(with: id, server)
        case .query:
            // In place of the one that the row has.
            let isInRow = row.query?.hasPrefix("\(place.name)=") ?? false
            if isInRow {
                request.target.names[place.name == "business_id" ? "business" : "conversation"] = id
            } else {
                request.query = ["\(place.name)=\(server.expand(id))"]
            }
        }
        return try await request.ask(server, as: .key(.owner))
    }

    /// An answer without what has to differ.
    private static func told(_ answer: Answer, _ target: AccessTarget, _ id: String, _ server: TestServer) -> String {
        let created = ["stage_id", "template_id", "agent_id", "rule_id"].compactMap { answer["/\($0)"]?.string }
        let values = [server.expand(id)] + target.ids.values.map(server.expand) + target.names.values.filter { !$0.hasPrefix("<") } + created
        let text = answer.text.replacing(answer["/request_id"]?.string ?? "no id", with: "REQUEST")
        return "\(answer.status) " + values.sorted { $0.count > $1.count }.reduce(text) { $0.replacing($1, with: "ID") }
    }

    private static func others(_ server: TestServer) async throws -> [String] {
        var texts: [String] = []
        for path in [
            "/stages?business_id=<other>", "/templates", "/agents", "/transition-rules", "/conversations", "/conversations/c-9/history",
            "/conversations/c-9/messages", "/api-keys", "/sessions", "/audit-log", "/stages/<other_stage>/state",
        ] { texts.append(try await server.get(path, as: .other).text) }
        return texts
    }

    @Test("The name of a stage in what a simulation counts is an id, too")
    func visits() async throws {
        try await TestServer.run { server in
            var told: [String] = []
            for id in ["<other_stage>", IDPlace.unknownID] {
                let answer = try await server.post("/flow/simulate", #"{"message":{"text":"x"},"visits":{"\#(id)":3}}"#)
                let text = answer.text.replacing(answer["/request_id"]?.string ?? "no id", with: "REQUEST")
                told.append("\(answer.status) \(text.replacing(server.expand(id), with: "ID"))")
            }
            #expect(told[0] == told[1])
        }
    }
}
