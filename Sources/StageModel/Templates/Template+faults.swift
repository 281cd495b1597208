extension Template {
    /// The content, ready to be rendered.
    /// - Throws: the faults of the content.
    public func compiledContent() throws(InvalidInput) -> CompiledTemplate {
        try CompiledTemplate(content, in: .root.appending("content"), allowsUserText: true)
    }

    /// The system prompt, ready to be rendered; nil when there is none.
    /// - Throws: the faults of the system prompt; that it uses a variable which holds a user's text is one.
    public func compiledSystemPrompt() throws(InvalidInput) -> CompiledTemplate? {
        guard let systemPrompt else { return nil }
        return try CompiledTemplate(systemPrompt, in: .root.appending("system_prompt"), allowsUserText: false)
    }

    /// Everything that is wrong with the content and the system prompt.
    public var faults: [InputFault] { parts.flatMap { part in part.faults } }

    /// The variables that the content and the system prompt use, sorted, each once; those of a part with faults are left out.
    public var variablesUsed: [String] { Set(parts.flatMap { $0.compiled?.variablesUsed ?? [] }).sorted() }

    /// What is probably not meant in the content and the system prompt; a part with faults gives none.
    /// - Parameter fieldNames: the names of all fields that the stages declare; nil: not known, so that data of any name pass.
    public func warnings(fieldNames: Set<String>?) -> [TemplateWarning] {
        parts.flatMap { $0.compiled?.warnings(fieldNames: fieldNames) ?? [] }
    }

    private var parts: [(compiled: CompiledTemplate?, faults: [InputFault])] {
        [Self.part { () throws(InvalidInput) in try compiledContent() }, Self.part { () throws(InvalidInput) in try compiledSystemPrompt() }]
    }

    private static func part(
        _ compile: () throws(InvalidInput) -> CompiledTemplate?
    ) -> (compiled: CompiledTemplate?, faults: [InputFault]) {
        do throws(InvalidInput) {
            return (try compile(), [])
        } catch {
            return (nil, error.faults)
        }
    }
}
