@testable import StageModel
import Testing

@Suite("Transition rules")
struct TransitionRuleTests {
    private static let to = JSONValue.string(Sample.order.description)

    static let rules = [
        TransitionRule(from: Sample.greeting, to: Sample.order), TransitionRule(from: nil, to: Sample.order, condition: "data.n > 1"),
        TransitionRule(
            from: Sample.order, to: Sample.order, condition: "message.text.contains(\"ü\\n\")\n  && true", selection: .model, priority: -1_000_000,
            description: "Says „ü“"), TransitionRule(from: nil, to: Sample.done, priority: 1_000_000, description: " "),
    ]

    @Test("Every part is written and read back, as a draft and as saved", arguments: rules)
    func roundTrip(rule: TransitionRule) throws {
        let saved = Sample.saved(Sample.id(1), rule, revision: 3)
        let json = try JSONValue(parsing: saved.jsonBytes)
        #expect(throws: Never.self) { try TransitionRule.savedSchema.check(json) }
        #expect(throws: Never.self) { try TransitionRule.draftSchema.check(json) }
        #expect(try TransitionRule(json: json) == rule)
        #expect(json["rule_id"] == .string(saved.id.description) && json["revision"] == 3)
        #expect(json["from_stage_id"] == (rule.fromStageID.map { .string($0.description) } ?? .null), "A rule from any stage says so.")
        #expect(
            Set(try rule.json.object.map(\.keys) ?? [:].keys) == [
                "from_stage_id", "to_stage_id", "condition", "selection", "priority", "description",
            ])
    }

    @Test("What is not said has its default")
    func defaults() throws {
        let rule = try TransitionRule(json: ["to_stage_id": Self.to])
        #expect(rule == TransitionRule(from: nil, to: Sample.order, condition: "true", selection: .automatic, priority: 0, description: ""))
        #expect(throws: Never.self) { try TransitionRule.draftSchema.check(["to_stage_id": Self.to]) }
    }

    /// What the schema refuses, and where.
    static let refused: [(JSONValue, [String])] = [
        ([:], ["/to_stage_id"]), (["to_stage_id": .null], ["/to_stage_id"]),
        (["to_stage_id": "x", "from_stage_id": 1], ["/from_stage_id", "/to_stage_id"]),
        (["to_stage_id": to, "condition": ""], ["/condition"]), (["to_stage_id": to, "condition": "  "], ["/condition"]),
        (["to_stage_id": to, "condition": .string(String(repeating: "x", count: 10_001))], ["/condition"]),
        (["to_stage_id": to, "condition": true], ["/condition"]), (["to_stage_id": to, "selection": "manual"], ["/selection"]),
        (["to_stage_id": to, "priority": 1_000_001], ["/priority"]), (["to_stage_id": to, "priority": -1_000_001], ["/priority"]),
        (["to_stage_id": to, "priority": .number(0.5)], ["/priority"]), (["to_stage_id": to, "priority": "1"], ["/priority"]),
        (["to_stage_id": to, "agent_id": .null], ["/agent_id"]), (["to_stage_id": to, "from_stage_id": .null, "priority": 1_000_000], []),
        (["to_stage_id": to, "condition": .string(String(repeating: "x", count: 10_000))], []),
    ]

    @Test("The schema refuses what is of the wrong kind, each at its place", arguments: refused)
    func refuses(json: JSONValue, places: [String]) {
        var found: [String] = []
        do throws(InvalidInput) { try TransitionRule.draftSchema.check(json) } catch { found = error.faults.map(\.pointer.description) }
        #expect(found == places)
    }

    @Test("A rule is called what it is for, else by its condition")
    func name() {
        #expect(Self.rules.map(\.name) == ["true", "data.n > 1", "Says „ü“", " "])
        #expect(DefinitionKind.rule.collection == "transition_rules" && DefinitionKind.rule.path == "transition-rules")
        #expect(DefinitionKind.rule.idName == "rule_id" && DefinitionKind.rule.noun == "transition rule")
    }

    @Test("Rules are listed in the order in which they are tried: priority, own before any, id", arguments: 0..<20)
    func order(seed: Int) {
        var generator = SeededGenerator(seed: seed)
        let priorities: [Int64] = [-1_000_000, -999_999, -100, -10, -9, -1, 0, 1, 2, 9, 10, 11, 99, 100, 999_999, 1_000_000]
        let rules = (0..<60).map { number in
            let priority = number % 3 == 0 ? Int64.random(in: -1_000_000...1_000_000, using: &generator) : generator.pick(priorities, else: 0)
            let rule = TransitionRule(
                from: generator.chance(50) ? nil : generator.pick([Sample.order, Sample.done], else: Sample.order), to: Sample.order,
                selection: generator.chance(50) ? .model : .automatic, priority: priority, description: generator.text())
            return Sample.saved(generator.chance(90) ? Sample.id(number) : Identifier(), rule)
        }
        let listed = Sample.flow.saving(rules: rules).rules.all
        #expect(listed.map(\.id) == ReferenceDecision.ordered(rules).map(\.id))
        #expect(listed.map(\.id) == Sample.flow.saving(rules: rules.shuffled(using: &generator)).rules.all.map(\.id))
    }

    @Test("Keys sort as the order says, to the ends of the range")
    func sortKeys() {
        let keys = [1_000_000, 999_999, 10, 9, 1, 0, -1, -9, -10, -1_000_000].flatMap { (priority: Int64) in
            [Sample.greeting, nil].map { TransitionRule(from: $0, to: Sample.order, priority: priority).sortKey }
        }
        #expect(keys == keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        #expect(Set(keys).count == keys.count)
    }
}
