extension FlowMap {
    /// Templates that are not valid, variables that there are not, and data that may be missing where they are used.
    var templateFindings: [Finding] {
        let fieldNames = Set(stages.flatMap { $0.configuration.fields.map(\.name) })
        var findings: [Finding] = []
        var uses: [Template.ID: [String]] = [:]
        for template in flow.templates.all {
            let title = "the template '\(template.name)'"
            func add(_ compiled: CompiledTemplate) {
                findings += compiled.warnings(fieldNames: fieldNames).map { Self.finding($0, in: template, fieldNames: fieldNames) }
                let names = TemplateUses(compiled).names.intersection(fieldNames)
                if !names.isEmpty { uses[template.id, default: []] += names.sorted() }
            }
            do throws(InvalidInput) {
                add(try template.body.compiledContent())
            } catch {
                findings += error.faults.map { Finding(invalid: $0, of: title, at: template.place("content")) }
            }
            do throws(InvalidInput) {
                if let systemPrompt = try template.body.compiledSystemPrompt() { add(systemPrompt) }
            } catch {
                findings += error.faults.map { Finding(invalid: $0, of: title, at: template.place("system_prompt")) }
            }
        }
        return findings + unfilledFindings(uses)
    }

    private static func finding(_ warning: TemplateWarning, in template: Saved<Template>, fieldNames: Set<String>) -> Finding {
        let place = warning.pointer.inside(template.id.description).inside(Template.kind.collection)
        let sentence = warning.message.prefix { !$0.isNewline }
        let remedy = warning.suggestion.map { "Write '\($0)', if that is what is meant." }
        return Finding(
            .unknownVariable, .warning, at: place, "In the template '\(template.name)': \(sentence)",
            remedy: remedy ?? "Use one of the variables that templates have, or declare a field of that name at the stage that learns it.")
    }
}

// MARK: - Data that nothing has filled

extension FlowMap {
    /// A template of a stage that needs a datum.
    private struct Need {
        let stage: Int
        let template: Saved<Template>
        /// The member of the stage that names the template.
        let field: String
    }

    /// Data that templates use, and the paths on which nothing fills them.
    /// - Parameter uses: the data that each template needs.
    private func unfilledFindings(_ uses: [Template.ID: [String]]) -> [Finding] {
        guard !uses.isEmpty else { return [] }
        var needs: [String: [Need]] = [:]
        for (number, stage) in stages.enumerated() {
            for (field, id, _) in stage.templates {
                guard let template = flow.templates[id] else { continue }
                for name in uses[id] ?? [] { needs[name, default: []].append(Need(stage: number, template: template, field: field)) }
            }
        }
        var search = PathSearch(self)
        return needs.keys.sorted().flatMap { name -> [Finding] in
            let needs = needs[name] ?? []
            let paths = search.pathsWithout(name, to: Set(needs.map(\.stage)))
            return needs.compactMap { need in paths[need.stage].map { finding(need, name, on: $0) } }
        }
    }

    private func finding(_ need: Need, _ name: String, on path: [Int]) -> Finding {
        let stage = stages[need.stage]
        let section = "{{#data.\(name)}}…{{/data.\(name)}}"
        return Finding(
            .unfilledVariable, .warning, at: stage.place(need.field),
            "The template '\(need.template.name)' of the stage '\(stage.name)' uses 'data.\(name)', which nothing may have filled by then.",
            remedy: "Declare the field '\(name)' at the stage or at one before it, or put the text into a section '\(section)'.",
            example: self.path(path))
    }
}
