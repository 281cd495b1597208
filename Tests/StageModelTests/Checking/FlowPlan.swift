@testable import StageModel
import Testing

/// A flow in a few words. Agents, templates and stages go by their names, and their ids grow in the order in which they are told; rules go
/// by `r1`, `r2` and so on. What names something that is not told gets an id that there is not.
struct FlowPlan {
    enum Trait {
        case entry, final, disabled, strict, stageScope
        case of(String)
        case fields([String])
        case visits(Int)
        case timeout(String)
        /// The template of the reply, by its text.
        case says(String)
        /// The template that selects a stage, by its text.
        case asks(String)
        /// The template that extracts data, by its text.
        case notes(String)
        /// A template that is told by itself, by its name.
        case uses(String)
    }

    private struct PlannedStage {
        let name: String
        let traits: [Trait]
    }

    private struct PlannedRule {
        let from: String?
        let to: String
        let condition: String
        let selection: TransitionRule.Selection
        let priority: Int64
        let description: String
    }

    private var agents: [String] = []
    private var templates: [Template] = [
        Template(name: "Select", purpose: .stageSelection, content: "{{message_content}}"),
        Template(name: "Extract", purpose: .dataExtraction, content: "{{message_content}}"),
        Template(name: "Respond", purpose: .responseGeneration, content: "Hello {{user_name}}"),
    ]
    private var stages: [PlannedStage] = []
    private var rules: [PlannedRule] = []

    func agent(_ name: String) -> FlowPlan { changed { $0.agents.append(name) } }

    func template(_ name: String, _ content: String, systemPrompt: String? = nil) -> FlowPlan {
        changed { $0.templates.append(Template(name: name, purpose: .responseGeneration, content: content, systemPrompt: systemPrompt)) }
    }

    func stage(_ name: String, _ traits: Trait...) -> FlowPlan { stage(name, traits) }

    func stage(_ name: String, _ traits: [Trait]) -> FlowPlan {
        changed { plan in
            plan.stages.append(PlannedStage(name: name, traits: traits))
            for trait in traits {
                switch trait {
                case .says(let text): plan.templates.append(Template(name: "Says \(name)", purpose: .responseGeneration, content: text))
                case .asks(let text): plan.templates.append(Template(name: "Asks \(name)", purpose: .stageSelection, content: text))
                case .notes(let text): plan.templates.append(Template(name: "Notes \(name)", purpose: .dataExtraction, content: text))
                case .entry, .final, .disabled, .strict, .stageScope, .of, .fields, .visits, .timeout, .uses: break
                }
            }
        }
    }

    /// - Parameters:
    ///   - from: nil: any stage.
    ///   - condition: nil: one that no other rule has.
    func rule(
        _ from: String?, _ to: String, if condition: String? = nil, _ selection: TransitionRule.Selection = .automatic, priority: Int64 = 0,
        description: String = ""
    ) -> FlowPlan {
        changed { plan in
            let condition = condition ?? "message.text == \"\(plan.rules.count)\""
            plan.rules.append(
                PlannedRule(from: from, to: to, condition: condition, selection: selection, priority: priority, description: description))
        }
    }

    private func changed(_ change: (inout FlowPlan) -> Void) -> FlowPlan {
        var plan = self
        change(&plan)
        return plan
    }
}

extension FlowPlan {
    private static func id<Entity>(_ index: Int?, _ kind: Int) -> Identifier<Entity> {
        Sample.id(kind * 1_000_000 + (index.map { $0 + 1 } ?? 999_999))
    }

    private func stageID(_ name: String) -> Stage.ID { Self.id(stages.firstIndex { $0.name == name }, 0) }

    private func agentID(_ name: String) -> Agent.ID { Self.id(agents.firstIndex(of: name), 1) }

    private func templateID(_ name: String) -> Template.ID { Self.id(templates.firstIndex { $0.name == name }, 2) }

    /// The flow, with its definitions given in the order of the plan or another.
    func flow(shuffledBy generator: SeededGenerator? = nil) -> Flow {
        func arranged<Element>(_ elements: [Element]) -> [Element] {
            guard var generator else { return elements }
            return elements.shuffled(using: &generator)
        }
        let disabled = stages.filter { $0.traits.contains { if case .disabled = $0 { true } else { false } } }.map { stageID($0.name) }
        let state = StageState(status: .disabled, data: [:], version: 1, updatedAt: Sample.start)
        return Flow(
            business: Sample.business,
            agents: arranged(agents.indices.map { Sample.saved(Self.id($0, 1), Agent(name: agents[$0], description: "")) }),
            templates: arranged(templates.indices.map { Sample.saved(Self.id($0, 2), templates[$0]) }),
            stages: arranged(stages.map { Sample.saved(stageID($0.name), stage($0)) }),
            rules: arranged(rules.indices.map { Sample.saved(Self.id($0, 3), rule(rules[$0])) }),
            states: Dictionary(uniqueKeysWithValues: disabled.map { ($0, state) }))
    }

    private func rule(_ planned: PlannedRule) -> TransitionRule {
        TransitionRule(
            from: planned.from.map(stageID), to: stageID(planned.to), condition: planned.condition, selection: planned.selection,
            priority: planned.priority, description: planned.description)
    }

    private func stage(_ planned: PlannedStage) -> Stage {
        var stage = Stage(
            name: planned.name, description: "", style: .conversation, selectionTemplateID: templateID("Select"),
            extractionTemplateID: templateID("Extract"), responseTemplateID: templateID("Respond"))
        for trait in planned.traits {
            switch trait {
            case .entry: stage.isEntry = true
            case .final: stage.configuration.isFinal = true
            case .disabled: break
            case .strict: stage.configuration.transitionPolicy = .strict
            case .stageScope: stage.configuration.persistence.scope = .stage
            case .of(let agent): stage.agentID = agentID(agent)
            case .fields(let names): stage.configuration.fields = names.map { DataField(name: $0) }
            case .visits(let count): stage.configuration.maximumVisits = count
            case .timeout(let target): stage.configuration.timeout = StageConfiguration.Timeout(seconds: 60, toStageID: stageID(target))
            case .says: stage.responseTemplateID = templateID("Says \(planned.name)")
            case .asks: stage.selectionTemplateID = templateID("Asks \(planned.name)")
            case .notes: stage.extractionTemplateID = templateID("Notes \(planned.name)")
            case .uses(let template): stage.responseTemplateID = templateID(template)
            }
        }
        return stage
    }

    /// A finding on one line, with names in place of ids: `endless_cycle /stages/A: A → B → A`.
    func line(_ finding: Finding) -> String {
        var place = finding.place.description
        for (index, stage) in stages.enumerated() { place = place.replacing("\(Self.id(index, 0) as Stage.ID)", with: stage.name) }
        for (index, agent) in agents.enumerated() { place = place.replacing("\(Self.id(index, 1) as Agent.ID)", with: agent) }
        for (index, template) in templates.enumerated() {
            place = place.replacing("\(Self.id(index, 2) as Template.ID)", with: template.name)
        }
        for index in rules.indices { place = place.replacing("\(Self.id(index, 3) as TransitionRule.ID)", with: "r\(index + 1)") }
        return "\(finding.code.rawValue) \(place)\(finding.example.map { ": \($0)" } ?? "")"
    }
}
