/// Why a template could not be rendered with some values.
public enum TemplateRenderError: Error, Equatable, Sendable, CustomStringConvertible {
    case outputTooLong
    case tooManySteps

    /// What happened, in a sentence.
    public var description: String {
        switch self {
        case .outputTooLong: "The rendered template is longer than \(CompiledTemplate.maximumOutput) bytes."
        case .tooManySteps: "The template needs more than \(CompiledTemplate.maximumSteps) steps; its sections repeat too often."
        }
    }
}

extension CompiledTemplate {
    /// The longest text that rendering makes, in bytes of UTF-8.
    public static let maximumOutput = 256 << 10
    /// The most pieces that rendering puts together: texts, variables, and turns of a section.
    public static let maximumSteps = 200_000

    /// Renders the template.
    /// - Parameter values: by the names of `TemplateVariable`; others are not looked at, and what is missing is printed as nothing.
    /// - Throws: when the text gets longer than `maximumOutput`, or takes more than `maximumSteps`.
    public func render(_ values: [String: JSONValue]) throws(TemplateRenderError) -> String {
        var renderer = TemplateRenderer(values: values)
        try renderer.run(steps)
        return renderer.output
    }
}

/// A rendering under way.
private struct TemplateRenderer {
    let values: [String: JSONValue]
    private(set) var output = ""
    /// The elements of the sections around, the innermost last.
    private var elements: [JSONValue] = []
    private var stepsLeft = CompiledTemplate.maximumSteps

    init(values: [String: JSONValue]) { self.values = values }

    mutating func run(_ steps: [TemplateStep]) throws(TemplateRenderError) {
        for step in steps {
            try count()
            switch step {
            case .text(let text): try append(text)
            case .value(let reference): try append(reference.shape.text(of: value(of: reference.parts)))
            case .section(let reference, let isInverted, let steps):
                let value = value(of: reference.parts)
                if isInverted {
                    if value.isNothing { try run(steps) }
                } else if !value.isNothing {
                    try repeated(steps, over: value)
                }
            }
        }
    }

    private mutating func repeated(_ steps: [TemplateStep], over value: JSONValue) throws(TemplateRenderError) {
        guard case .array(let elements) = value else { return try run(steps, with: value) }
        for element in elements { try run(steps, with: element) }
    }

    private mutating func run(_ steps: [TemplateStep], with element: JSONValue) throws(TemplateRenderError) {
        try count()
        elements.append(element)
        try run(steps)
        elements.removeLast()
    }

    /// The value at a path: the first part is looked for in the elements around from the inside out, then among the variables.
    private func value(of parts: [String]) -> JSONValue {
        guard let first = parts.first else { return elements.last ?? .null }
        let inside = elements.reversed().lazy.compactMap { $0[first] }.first
        var value = inside ?? (TemplateVariable(rawValue: first) == nil ? nil : values[first])
        for part in parts.dropFirst() { value = value?[part] }
        return value ?? .null
    }

    private mutating func append(_ text: String) throws(TemplateRenderError) {
        guard output.utf8.count + text.utf8.count <= CompiledTemplate.maximumOutput else { throw .outputTooLong }
        output += text
    }

    private mutating func count() throws(TemplateRenderError) {
        stepsLeft -= 1
        if stepsLeft < 0 { throw .tooManySteps }
    }
}
