import Foundation
import NIOHTTP1
import StageModel
import Testing

extension LiveTests {
    @Suite("Export and import")
    struct FlowFileTests {
        /// A running demo, and a second business without any stage.
        private struct Scene {
            let database: Database
            let demo: String
            let other: String

            func path(_ name: String) -> String { database.folder.appending(path: name).path }

            func export(_ business: String) async throws -> String {
                let exported = try await Stagekeeper.run(["export", business], on: database)
                #expect(exported.ending == .exit(0))
                return exported.output
            }

            func write(_ text: String) throws -> String {
                try Data(text.utf8).write(to: URL(fileURLWithPath: path("flow.json")))
                return path("flow.json")
            }

            func run(_ arguments: [String]) async throws -> Stagekeeper.Result { try await Stagekeeper.run(arguments, on: database) }
        }

        private func withScene(_ body: (Scene, API) async throws -> Void) async throws {
            try await withDatabase { database in
                try await withServer(on: database, ["STAGEKEEPER_DEMO": "1"]) { server in
                    let demo = try #require(server.demo)
                    let other = try await Stagekeeper.run(["business", "create", "Other", "--json"], on: database).json()
                    try await withClient { client in
                        try await body(
                            Scene(database: database, demo: demo.business, other: try #require(other["business_id"]?.string)),
                            API(client: client, url: server.url, key: try #require(other["api_key"]?.string)))
                    }
                }
            }
        }

        @Test("What was exported changes nothing when it is imported")
        func exportsWhatImportsUnchanged() async throws {
            try await withScene { scene, _ in
                let file = scene.path("exported.json")
                let exported = try await scene.run(["export", scene.demo, "--output", file])
                #expect(exported.ending == .exit(0))
                #expect(try String(contentsOfFile: file, encoding: .utf8) == (try await scene.export(scene.demo)))

                let plan = try await scene.run(["import", scene.demo, file, "--dry-run", "--prune", "--json"]).json()
                let steps = try #require(plan["steps"]?.array)
                #expect(plan["dry_run"] == true)
                #expect(steps.count > 10)
                #expect(steps.allSatisfy { $0["action"] == "unchanged" })
                let told = try await scene.run(["import", scene.demo, file, "--dry-run"])
                #expect(told.output.contains("Would be: 0 create, 0 update, 0 delete, \(steps.count) unchanged."), "\(told.output)")

                let before = try await scene.export(scene.demo)
                #expect(try await scene.run(["import", scene.demo, file]).ending == .exit(0))
                #expect(try await scene.export(scene.demo) == before)
            }
        }

        @Test("A flow is brought into another business, where the running server serves it; the first keeps its own")
        func importsIntoAnotherBusiness() async throws {
            try await withScene { scene, api in
                let original = try await scene.export(scene.demo)
                let file = try scene.write(original)
                let dry = try await scene.run(["import", scene.other, file, "--dry-run", "--json"]).json()
                #expect(dry["steps"]?.array?.allSatisfy { $0["action"] == "create" } == true)
                #expect(try await api.all("/stages?business_id=\(scene.other)").isEmpty)

                let imported = try await scene.run(["import", scene.other, file])
                #expect(imported.ending == .exit(0), "\(imported.errors)")
                let wanted = names(try JSONValue(parsing: original))
                #expect(names(try JSONValue(parsing: try await scene.export(scene.other))) == wanted)
                var served: [String] = []
                // The running server hears of it within a second.
                for _ in 0..<50_000 where served.isEmpty {
                    served = try await api.all("/stages?business_id=\(scene.other)").compactMap { $0["stage_name"]?.string }
                }
                #expect(served.sorted() == wanted["stages"])
                #expect(try await scene.export(scene.demo) == original)
            }
        }

        /// The sorted names of all that a file has, by its kind.
        private func names(_ file: JSONValue) -> [String: [String]] {
            let members = ["agents": "agent_name", "templates": "template_name", "stages": "stage_name", "transition_rules": "condition"]
            return members.mapValues { _ in [] }.merging(
                members.map { kind, member in (kind, (file[kind]?.array ?? []).compactMap { $0[member]?.string }.sorted()) }
            ) { $1 }
        }

        @Test("Rules go along: in another business they lead between the stages of the same names, and the server decides by them")
        func bringsRules() async throws {
            try await withScene { scene, api in
                let original = try JSONValue(parsing: try await scene.export(scene.demo))
                #expect(try await scene.run(["import", scene.other, try scene.write(original.jsonText)]).ending == .exit(0))
                let copy = try JSONValue(parsing: try await scene.export(scene.other))
                #expect(try ways(of: copy) == ways(of: original) && names(copy)["transition_rules"]?.isEmpty == false)
                var target: JSONValue?
                // The running server hears of it within a second.
                for _ in 0..<50_000 where target == nil {
                    let body: JSONValue = ["message": ["text": "I want to talk to a human"]]
                    target = try await api.call(.POST, "/flow/simulate", body).body["stage_id"]
                }
                let stage = try #require(copy["stages"]?.array?.first { $0["stage_id"] == target })
                #expect(stage["stage_name"] == "Hand over to a person")
            }
        }

        /// What the rules of a file lead from and to, by the stages' names, with their conditions.
        private func ways(of file: JSONValue) throws -> [String] {
            let names = Dictionary(
                uniqueKeysWithValues: (file["stages"]?.array ?? []).map { ($0["stage_id"] ?? .null, $0["stage_name"]?.string ?? "?") })
            return try (file["transition_rules"]?.array ?? []).map { rule in
                let origin = rule["from_stage_id"] == .null ? "any" : names[rule["from_stage_id"] ?? .null]
                let target = names[rule["to_stage_id"] ?? .null]
                return "\(try #require(origin)) \(rule["condition"]?.string ?? "?") \(try #require(target))"
            }.sorted()
        }

        @Test("A faulty file is refused with every place that is wrong, and nothing is changed")
        func refusesFaultyFile() async throws {
            try await withScene { scene, _ in
                let before = try await scene.export(scene.demo)
                var flow = try #require(try JSONValue(parsing: before).object)
                var stages = try #require(flow["stages"]?.array)
                var templates = try #require(flow["templates"]?.array)
                let nowhere = JSONValue.string("00000000-0000-4000-8000-00000000dead")
                stages[0] = stages[0].setting("stage_name", to: "Renamed")
                stages[1] = stages[1].setting("agent_id", to: nowhere)
                stages[2] = stages[2].setting("response_generation_template_id", to: nowhere)
                templates[1] = templates[1].setting("content", to: "{{#open}}")
                flow["stages"] = .array(stages)
                flow["templates"] = .array(templates)
                // What is wrong in one part must not hide what is wrong in another of the same kind.
                for dryRun in [["--dry-run"], []] {
                    let refused = try await scene.run(["import", scene.demo, try scene.write(JSONValue.object(flow).jsonText)] + dryRun)
                    #expect(refused.ending == .exit(1))
                    #expect(refused.errors.contains("/templates/1/content"), "\(refused.errors)")
                }
                templates[1] = templates[1].setting("content", to: "Fine.")
                flow["templates"] = .array(templates)
                let refused = try await scene.run(["import", scene.demo, try scene.write(JSONValue.object(flow).jsonText)])
                #expect(refused.ending == .exit(1))
                for place in ["/stages/1/agent_id", "/stages/2/response_generation_template_id"] {
                    #expect(refused.errors.contains(place), "\(refused.errors)")
                }
                #expect(try await scene.export(scene.demo) == before)
            }
        }

        @Test(
            "A file that is no flow is refused with the place",
            arguments: [
                ("{\"stages\": [}", "flow.json:1:13:"), ("{\n  \"a\": 1,\n  \"a\": 2\n}", "flow.json:3:"), ("[]", "object"),
                ("{\"format\": \"stagekeeper-flow/99\", \"business_name\": \"x\", \"agents\": [], \"templates\": [], \"stages\": []}", "/format"),
                ("{\"surprise\": 1}", "/surprise"),
            ])
        func refusesOtherFile(text: String, place: String) async throws {
            try await withScene { scene, _ in
                let before = try await scene.export(scene.demo)
                let refused = try await scene.run(["import", scene.demo, try scene.write(text)])
                #expect(refused.ending == .exit(1))
                #expect(refused.errors.contains(place), "\(refused.errors)")
                #expect(try await scene.export(scene.demo) == before)
            }
        }

        @Test("With --prune what the file does not have is deleted, without it is kept")
        func prunes() async throws {
            try await withScene { scene, api in
                let template = try await api.succeed(
                    .POST, "/templates",
                    ["template_name": "Extra", "template_type": "stage_selection", "content": "Hello!", "system_prompt": ""])
                #expect(template["template_id"] != nil)
                let file = try scene.write(
                    #"{"format": "stagekeeper-flow/1", "business_name": "Other", "agents": [], "templates": [], "stages": []}"#)
                let kept = try await scene.run(["import", scene.other, file])
                #expect(kept.output.contains("0 delete"), "\(kept.output)\(kept.errors)")
                let pruned = try await scene.run(["import", scene.other, file, "--prune"])
                #expect(pruned.output.contains("delete  template  Extra"), "\(pruned.output)\(pruned.errors)")
                #expect(names(try JSONValue(parsing: try await scene.export(scene.other)))["templates"] == [])
            }
        }
    }
}

extension JSONValue {
    /// The object with a member replaced.
    fileprivate func setting(_ name: String, to value: JSONValue) -> JSONValue { .object((object ?? [:]).merging([name: value]) { $1 }) }
}
