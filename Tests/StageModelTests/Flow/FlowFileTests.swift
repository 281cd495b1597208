@testable import StageModel
import Testing

@Suite("Flow files")
struct FlowFileTests {
    private static func json(_ file: FlowFile) throws -> JSONValue { try JSONValue(parsing: file.jsonBytes) }

    private static func changed(_ file: FlowFile, _ patch: JSONValue) throws -> JSONValue { try json(file).merging(patch) }

    @Test("A flow is written whole and read back as the same")
    func roundTrip() throws {
        let file = FlowFile(Sample.flow)
        let json = try Self.json(file)
        #expect(json["format"] == "stagekeeper-flow/1")
        #expect(json["business_name"] == "Acme")
        #expect(json["stages"]?.array?.count == Sample.stages.count)
        #expect(try FlowFile(json: json) == file)
    }

    @Test("The text has no times and no revisions, so that it changes only when the flow does")
    func noNoise() throws {
        let text = String(decoding: FlowFile(Sample.flow).jsonBytes, as: UTF8.self)
        for name in ["created_at", "updated_at", "revision", "business_id"] { #expect(!text.contains(name)) }
    }

    @Test("An id that is given twice is told at its second place, of every kind at once")
    func repeated() throws {
        var file = FlowFile(Sample.flow)
        file.agents.append(file.agents[0])
        file.templates.insert(file.templates[2], at: 0)
        file.stages.append(file.stages[3])
        let json = try Self.json(file)
        let error = try #require(throws: InvalidInput.self) { try FlowFile(json: json) }
        #expect(error.faults.map(\.pointer.description) == ["/agents/2/agent_id", "/templates/3/template_id", "/stages/8/stage_id"])
        #expect(error.faults.allSatisfy { $0.message == "Is given twice; ids must differ." })
    }

    static let refused: [(JSONValue, [String])] = [
        (["format": "stagekeeper-flow/2"], ["/format"]), (["stages": .null], ["/stages"]),
        (["business_name": "", "extra": 1], ["/business_name", "/extra"]),
        (["agents": [["agent_id": "x", "agent_nam": "A"]]], ["/agents/0/agent_id", "/agents/0/agent_name", "/agents/0/agent_nam"]),
    ]

    @Test("A document of another form is refused with every fault", arguments: refused)
    func refuses(patch: JSONValue, places: [String]) throws {
        let json = try Self.changed(FlowFile(Sample.flow), patch)
        let error = try #require(throws: InvalidInput.self) { try FlowFile(json: json) }
        #expect(error.faults.map(\.pointer.description) == places)
    }

    @Test("Renamed definitions have new ids, and everything that names them names the new ones")
    func renaming() throws {
        var file = FlowFile(Sample.flow)
        let waiting = try #require(file.stages.firstIndex { $0.id == Sample.greeting })
        file.stages[waiting].body.configuration.timeout = StageConfiguration.Timeout(seconds: 5, toStageID: Sample.done)
        let renamed = file.renaming { _, _ in false }

        #expect(renamed.agents.map(\.body) == file.agents.map(\.body))
        #expect(renamed.templates.map(\.body) == file.templates.map(\.body))
        #expect(Set(renamed.stages.map(\.id)).isDisjoint(with: file.stages.map(\.id)))
        #expect(Set(renamed.agents.map(\.id)).isDisjoint(with: file.agents.map(\.id)))
        let agents = Dictionary(uniqueKeysWithValues: zip(file.agents.map(\.id), renamed.agents.map(\.id)))
        let templates = Dictionary(uniqueKeysWithValues: zip(file.templates.map(\.id), renamed.templates.map(\.id)))
        let stages = Dictionary(uniqueKeysWithValues: zip(file.stages.map(\.id), renamed.stages.map(\.id)))
        for (old, new) in zip(file.stages, renamed.stages) {
            #expect(new.body.name == old.body.name)
            #expect(new.body.agentID == old.body.agentID.flatMap { agents[$0] })
            #expect(new.body.templates.map(\.id) == old.body.templates.compactMap { templates[$0.id] })
            #expect(new.body.configuration.timeout?.toStageID == old.body.configuration.timeout.flatMap { stages[$0.toStageID] })
        }
        #expect(try FlowFile(json: Self.json(renamed)) == renamed)
    }

    @Test("What is kept keeps its id, and references to what the file does not have stay as they are")
    func keeping() throws {
        var file = FlowFile(Sample.flow)
        file.templates.removeAll { $0.id == Sample.response }
        let renamed = file.renaming { kind, id in kind == .stage && id == Sample.order.description }
        let order = try #require(renamed.stages.first { $0.body.name == "order" })
        #expect(order.id == Sample.order)
        #expect(order.body.responseTemplateID == Sample.response)
        #expect(order.body.selectionTemplateID != Sample.selection)
        #expect(renamed.stages.count { Sample.stages.map(\.id).contains($0.id) } == 1)
    }

    @Test("A definition is written with its own properties and read back, as a draft and as saved", arguments: Sample.stages)
    func definitions(stage: Saved<Stage>) throws {
        let json = try JSONValue(parsing: stage.jsonBytes)
        #expect(throws: Never.self) { try Stage.savedSchema.check(json) }
        #expect(throws: Never.self) { try Stage.draftSchema.check(json) }
        #expect(try Stage(json: json) == stage.body)
        #expect(json["stage_id"] == .string(stage.id.description))
        #expect(json["revision"] == 1)
    }

    // MARK: - Rules

    private static let rules = [
        Sample.saved(Sample.id(1), TransitionRule(from: Sample.greeting, to: Sample.order, condition: "data.n > 1", selection: .model, priority: 5)),
        Sample.saved(Sample.id(2), TransitionRule(from: nil, to: Sample.done, description: "Any stage")),
        Sample.saved(Sample.id(3), TransitionRule(from: Sample.order, to: Sample.order)),
    ]

    @Test("Rules are written in the order in which they are tried, and read back")
    func rulesRoundTrip() throws {
        let file = FlowFile(Sample.flow.saving(rules: Self.rules))
        let json = try Self.json(file)
        #expect(
            json["transition_rules"]?.array?.compactMap { $0["rule_id"]?.identifier() } == [Sample.id(1), Sample.id(3), Sample.id(2)]
                as [TransitionRule.ID])
        #expect(json["transition_rules"]?.array?.map { $0["from_stage_id"]?.isNull } == [false, false, true])
        #expect(try FlowFile(json: json) == file)
        #expect(file.rules.map(\.body).contains(Self.rules[0].body))
    }

    @Test("A file from before there were rules is read as one without")
    func older() throws {
        let file = FlowFile(Sample.flow)
        let json = try Self.changed(file, ["transition_rules": .null])
        #expect(json["transition_rules"] == nil)
        #expect(try FlowFile(json: json) == file)
        #expect(file.rules.isEmpty)
    }

    @Test("Faults of rules are told at their places")
    func faultyRules() throws {
        var file = FlowFile(Sample.flow.saving(rules: Self.rules))
        file.rules.append(file.rules[0])
        let repeated = try Self.json(file)
        let error = try #require(throws: InvalidInput.self) { try FlowFile(json: repeated) }
        #expect(error.faults.map(\.line) == ["/transition_rules/3/rule_id: Is given twice; ids must differ."])
        let wrong = try Self.changed(file, ["transition_rules": [["rule_id": "x", "to": 1, "priority": "high"]]])
        let other = try #require(throws: InvalidInput.self) { try FlowFile(json: wrong) }
        #expect(
            other.faults.map(\.pointer.description).sorted() == [
                "/transition_rules/0/priority", "/transition_rules/0/rule_id", "/transition_rules/0/to", "/transition_rules/0/to_stage_id",
            ])
    }

    @Test("Renamed rules name the renamed stages; from any stage stays from any")
    func renamedRules() throws {
        let file = FlowFile(Sample.flow.saving(rules: Self.rules))
        let renamed = file.renaming { kind, id in
            [Self.rules[1].id.description, Sample.done.description].contains(id) && (kind == .rule || kind == .stage)
        }
        let stages = Dictionary(uniqueKeysWithValues: zip(file.stages.map(\.id), renamed.stages.map(\.id)))
        for (old, new) in zip(file.rules, renamed.rules) {
            #expect((new.id == old.id) == (old.id == Sample.id(2)))
            #expect(new.body.fromStageID == old.body.fromStageID.flatMap { stages[$0] })
            #expect(new.body.toStageID == stages[old.body.toStageID])
            #expect(new.body.condition == old.body.condition && new.body.priority == old.body.priority && new.body.selection == old.body.selection)
        }
        #expect(renamed.rules.count { $0.body.toStageID == Sample.done } == 1, "The stage was kept.")
        #expect(try FlowFile(json: Self.json(renamed)) == renamed)
    }
}
