/// A text with variables that was checked and can be rendered any number of times.
///
/// The language is Mustache without what reaches beyond the text: variables (`{{name}}`, `{{{name}}}` and `{{&name}}` are the same, nothing is
/// escaped), dotted names, sections, inverted sections, `.` and comments; besides, `{name}` of the older form for variables. A section is left
/// out for null, false, and empty texts, lists and objects. Values are printed as they are and never read as templates.
public struct CompiledTemplate: Sendable {
    /// The most faults that are told at once.
    static let mostFaults = 20

    /// The text that was compiled.
    public let source: String
    /// The member of the template's document that holds the text.
    public let place: JSONPointer
    /// The variables that are used, sorted, each once; a datum by its own name: `data.order_id`.
    public let variablesUsed: [String]
    let steps: [TemplateStep]
    let doubts: [TemplateDoubt]

    /// Checks and compiles a text.
    /// - Parameters:
    ///   - source: at most `Template.maximumBytes` of UTF-8, with sections nested at most 16 deep.
    ///   - place: where the faults say it is: `/content` or `/system_prompt`.
    ///   - allowsUserText: whether variables may be used that hold what an end user wrote.
    /// - Throws: the faults of the text in their order, the first twenty of many, each with its line, its column and a caret.
    public init(_ source: String, in place: JSONPointer, allowsUserText: Bool) throws(InvalidInput) {
        guard source.utf8.count <= Template.maximumBytes else {
            throw InvalidInput(place, "Must be at most \(Template.maximumBytes) bytes of UTF-8, not \(source.utf8.count).")
        }
        let text = TemplateSource(source)
        let compiler = TemplateCompiler(TemplateScanner(text.bytes), allowsUserText: allowsUserText)
        guard compiler.flaws.isEmpty else {
            let flaws = compiler.flaws.sorted { $0.offset < $1.offset }.prefix(Self.mostFaults)
            throw InvalidInput(flaws.map { InputFault(place, text.message($0.sentence, at: $0.offset)) })
        }
        self.source = source
        self.place = place
        variablesUsed = compiler.used.sorted()
        steps = compiler.steps
        doubts = compiler.doubts.sorted { $0.offset < $1.offset }
    }
}
