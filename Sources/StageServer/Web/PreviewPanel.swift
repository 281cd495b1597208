import StageEngine
import StageModel
import StageStore

/// What a template's text comes to, as the pages show it.
struct PreviewPanel: Sendable {
    let previewer: TemplatePreviewer

    /// - Parameter typed: the id of the conversation whose values are wanted; empty: sample values.
    /// - Returns: the panel, and what is wrong with the conversation if anything is.
    func model(of content: String, for typed: String, by caller: Caller) async throws(EngineError) -> (model: PageValue, fault: String?) {
        let trimmed = String(typed[...].trimming(while: \.isWhitespace))
        let conversation = ConversationID(trimmed)
        guard conversation != nil || trimmed.isEmpty else { return (.none, "Must be \(ConversationID.rule).") }
        let source: PageValue = .text(conversation.map { "with the values of \($0)" } ?? "sample values")
        do throws(EngineError) {
            let preview = try await previewer.preview(content, of: conversation, by: caller)
            let warnings = preview.warnings.map { warning in
                let fault = CaretFault(warning.message)
                return PageValue.text("\(fault.message)\(fault.position.map { " (\($0))" } ?? "")")
            }
            return (["source": source, "rendered": .text(preview.rendered), "warnings": .list(warnings)], nil)
        } catch {
            switch error.code {
            case .notFound: return (.none, error.message)
            case .invalidInput: return (["source": source, "rendered_error": CaretFault(error.faults.first?.message ?? error.message).model], nil)
            default: throw error
            }
        }
    }
}
