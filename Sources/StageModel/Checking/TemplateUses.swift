/// The data that a template needs: those that it uses where no section around tests whether they are there.
struct TemplateUses {
    private(set) var names: Set<String> = []
    /// The sections around, the innermost last; the shapes of their elements.
    private var scopes: [TemplateShape] = []
    /// How many of the sections around test each datum.
    private var tested: [String: Int] = [:]

    init(_ template: CompiledTemplate) { add(template.steps) }

    private mutating func add(_ steps: [TemplateStep]) {
        for step in steps {
            switch step {
            case .text: break
            case .value(let reference):
                if let name = datum(of: reference), tested[name] == nil { names.insert(name) }
            case .section(let reference, let isInverted, let steps):
                // Also where a section stands for what is missing, that the datum may be missing was thought of.
                let name = datum(of: reference)
                if let name { tested[name, default: 0] += 1 }
                if !isInverted { scopes.append(reference.shape.element ?? reference.shape) }
                add(steps)
                if !isInverted { scopes.removeLast() }
                if let name { tested[name] = tested[name].flatMap { $0 > 1 ? $0 - 1 : nil } }
            }
        }
    }

    /// The datum that a tag surely refers to, looking at the sections around as rendering does.
    private func datum(of reference: TemplateReference) -> String? {
        guard let first = reference.parts.first else { return nil }
        for scope in scopes.reversed() {
            switch scope {
            // Without a dot and inside a section over the data, any name that is not a variable's is that of a datum.
            case .data: return TemplateVariable(rawValue: first) == nil ? first : member(of: reference)
            // There may be a member of that name inside.
            case .anything: return TemplateVariable(rawValue: first) == nil ? nil : member(of: reference)
            case .text, .stage, .stages, .message, .messages, .field, .fields:
                if scope.members.contains(where: { $0.name == first }) { return nil }
            }
        }
        return member(of: reference)
    }

    /// The name behind `data.` or `extracted_data.`.
    private func member(of reference: TemplateReference) -> String? {
        guard reference.parts.count > 1, let variable = TemplateVariable(rawValue: reference.parts[0]) else { return nil }
        switch variable {
        case .data, .extractedData: return reference.parts[1]
        case .messageContent, .conversationHistory, .last10Messages, .currentStage, .availableStages, .agentName, .businessName, .userName,
            .fields, .askedField, .fieldError, .currentDate, .currentTime:
            return nil
        }
    }
}
