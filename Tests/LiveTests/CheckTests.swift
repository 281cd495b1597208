import Foundation
import StageModel
import Testing

extension LiveTests {
    @Suite("stagekeeper check")
    struct CheckTests {
        private static let demo = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/stagekeeper/Demo/order-support.json").standardizedFileURL.path

        /// The demo's flow, changed, in a file.
        private func check(
            _ options: [String] = [], _ change: (inout [String: JSONValue]) throws -> Void = { _ in }
        ) async throws -> Stagekeeper.Result {
            try await withDatabase { database in
                var flow = try #require(try JSONValue(parsing: Data(contentsOf: URL(filePath: Self.demo))).object)
                try change(&flow)
                let file = database.folder.appending(path: "flow.json")
                try Data(JSONValue.object(flow).jsonBytes).write(to: file)
                let result = try await Stagekeeper.run(["check", file.path] + options, on: database)
                #expect(!FileManager.default.fileExists(atPath: database.path), "A check needs no database.")
                return result
            }
        }

        /// Adds a rule whose condition is faulty, and one that leads to no stage.
        private func spoil(_ flow: inout [String: JSONValue]) throws {
            var rules = try #require(flow["transition_rules"]?.array)
            var first = try #require(rules[0].object)
            first["condition"] = "mesage.text == 'x'"
            rules[0] = .object(first)
            rules.append([
                "rule_id": "11111111-0000-4000-8000-000000000000", "to_stage_id": "22222222-0000-4000-8000-000000000000", "description": "Nowhere",
            ])
            flow["transition_rules"] = .array(rules)
        }

        @Test("Of the demo flow nothing is said, and the exit status is 0")
        func sound() async throws {
            let text = try await check()
            #expect(text.ending == .exit(0) && text.output == "Nothing found.\n" && text.errors.isEmpty, "\(text)")
            let json = try await check(["--json"])
            #expect(json.ending == .exit(0))
            #expect(try json.json() == ["findings": []])
        }

        @Test("Of a faulty flow each finding is told with its code, its place and the remedy, and the exit status is 1")
        func faulty() async throws {
            let text = try await check([], spoil)
            #expect(text.ending == .exit(1) && text.errors.isEmpty, "\(text)")
            let lines = text.output.split(separator: "\n").map(String.init)
            let place = "/transition_rules/11111111-0000-4000-8000-000000000000/to_stage_id"
            let target = try #require(lines.firstIndex { $0.hasPrefix("error: ") && $0.hasSuffix("[target_missing at \(place)]") }, "\(text.output)")
            #expect(lines[target].contains("'Nowhere'") && lines[target + 1].hasPrefix("    "))
            #expect(lines.contains { $0.hasPrefix("error: ") && $0.contains("(line 1, column 1)") && $0.contains("[invalid_condition at ") })
            #expect(lines.contains("    Write 'message', if that is what is meant."))
            #expect(lines.last?.hasPrefix("2 errors, ") == true && !text.output.contains("\u{1B}"))

            let json = try await check(["--json"], spoil)
            #expect(json.ending == .exit(1) && json.errors.isEmpty)
            let errors = try #require(try json.json()["findings"]?.array).filter { $0["severity"] == "error" }
            #expect(Set(errors.map { $0["code"] }) == ["target_missing", "invalid_condition"] && errors.count == 2)
            #expect(errors.contains { $0["place"]?.string == place })
        }

        @Test("Warnings alone are no errors: they are told, and the exit status is 0")
        func warnings() async throws {
            let result = try await check { flow in
                var rules = try #require(flow["transition_rules"]?.array)
                var copy = try #require(rules[0].object)
                copy["rule_id"] = "11111111-0000-4000-8000-000000000000"
                rules.append(.object(copy))
                flow["transition_rules"] = .array(rules)
            }
            #expect(result.ending == .exit(0) && result.output.contains("warning: ") && result.output.contains("[repeated_rule at "), "\(result)")
            #expect(result.output.hasSuffix("0 errors, 1 warning.\n"))
        }

        @Test("A file from before there were rules is checked as well")
        func withoutRules() async throws {
            let result = try await check { $0["transition_rules"] = nil }
            #expect(result.ending == .exit(0) && !result.output.contains("error: ") && result.errors.isEmpty, "\(result)")
        }

        @Test(
            "A file that is no flow is refused with its place, by status 1",
            arguments: [
                ("{\"stages\": [}", "flow.json:1:13:"), ("[]", "object"), ("{\"surprise\": 1}", "/surprise"),
                (
                    """
                    {"format": "stagekeeper-flow/1", "business_name": "x", "agents": [], "templates": [], "stages": [],
                    "transition_rules": [{"rule_id": "11111111-0000-4000-8000-000000000000", "to_stage_id": "here"}]}
                    """, "/transition_rules/0/to_stage_id"
                ),
            ])
        func noFlow(text: String, place: String) async throws {
            try await withDatabase { database in
                let file = database.folder.appending(path: "flow.json")
                try Data(text.utf8).write(to: file)
                let refused = try await Stagekeeper.run(["check", file.path], on: database)
                #expect(refused.ending == .exit(1) && refused.output.isEmpty)
                #expect(refused.errors.contains(place), "\(refused.errors)")
            }
        }
    }
}
