import StageEngine
import StageModel
import StageStore

/// A text rendered as a template would be.
struct TemplatePreview: Sendable {
    let rendered: String
    let variablesUsed: [String]
    let warnings: [TemplateWarning]
}

/// Renders texts as templates, with sample values, given ones, or those of a real conversation.
struct TemplatePreviewer: Sendable {
    let configuration: ConfigurationService
    let stages: StageService

    /// - Parameters:
    ///   - variables: values by the names of variables; others are the conversation's, else samples.
    ///   - conversation: whose values are taken; sensitive ones are masked.
    /// - Throws: every fault of the text at `/content`, and `not_found` for a conversation that does not exist.
    func preview(
        _ content: String, variables: [String: JSONValue] = [:], of conversation: ConversationID?, by caller: Caller
    ) async throws(EngineError) -> TemplatePreview {
        let template: CompiledTemplate
        do throws(InvalidInput) {
            template = try CompiledTemplate(content, in: JSONPointer.root.appending("content"), allowsUserText: true)
        } catch {
            throw .invalid(error.faults)
        }
        let flow = try await configuration.flow(of: caller.business)
        var values = TemplateVariable.samples
        values["business_name"] = .string(flow.business.name)
        if let conversation { values.merge(Self.values(of: try await stages.state(of: conversation, by: caller), in: flow)) { $1 } }
        values.merge(variables) { $1 }
        do throws(TemplateRenderError) {
            return TemplatePreview(
                rendered: try template.render(values), variablesUsed: template.variablesUsed,
                warnings: template.warnings(fieldNames: flow.fieldNames))
        } catch {
            throw .invalid("content", error.description)
        }
    }

    /// What a template sees of a conversation; sensitive values are masked.
    private static func values(of state: ConversationState, in flow: Flow) -> [String: JSONValue] {
        let data = flow.sensitive.masking(state.data.merged)
        var values: [String: JSONValue] = ["data": .object(data), "extracted_data": .object(data)]
        if let agent = state.agentID.flatMap({ flow.agents[$0] }) { values["agent_name"] = .string(agent.name) }
        if let stage = state.stageID.flatMap({ flow.stages[$0] }) {
            values["current_stage"] = TemplateValues.stage(stage)
            values["fields"] = TemplateValues.fields(stage.configuration.fields, data: data)
        }
        values["available_stages"] = TemplateValues.stages(
            flow.stages(for: state.agentID).filter { $0.id != state.stageID })
        return values
    }
}
