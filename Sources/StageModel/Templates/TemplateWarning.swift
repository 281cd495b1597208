/// Something in a template that is probably not meant.
public struct TemplateWarning: Equatable, Sendable {
    /// The member of the template's document that it is in.
    public let pointer: JSONPointer
    /// The name that is doubtful.
    public let variable: String
    /// What is meant instead, if something is near.
    public let suggestion: String?
    /// Counted from 1.
    public let line: Int
    /// Counted from 1, in Unicode scalars.
    public let column: Int
    /// All of it in a sentence, with the place, and under it the line with a caret.
    public let message: String
}

extension TemplateWarning: JSONEncodable {
    public func encode(into json: inout JSONWriter) {
        json.object { json in
            json.field("pointer", pointer)
            json.field("message", message)
            json.field("variable", variable)
            json.field("suggestion", suggestion)
            json.field("line", line)
            json.field("column", column)
        }
    }
}

extension CompiledTemplate {
    /// The most warnings that are given at once.
    static let mostWarnings = 20

    /// What is probably not meant, in the order of the text, each name once.
    /// - Parameter fieldNames: the names of all fields that the stages declare; nil: not known, so that data of any name pass.
    public func warnings(fieldNames: Set<String>?) -> [TemplateWarning] {
        guard !doubts.isEmpty else { return [] }
        let text = TemplateSource(source)
        var warnings: [TemplateWarning] = []
        for doubt in doubts {
            guard warnings.count < Self.mostWarnings else { break }
            guard let (sentence, suggestion) = doubt.explained(fieldNames: fieldNames) else { continue }
            let (line, column) = text.place(of: doubt.offset)
            let hint = suggestion.map { "; did you mean '\($0)'?" } ?? "."
            warnings.append(
                TemplateWarning(
                    pointer: place, variable: doubt.name, suggestion: suggestion, line: line, column: column,
                    message: text.message(sentence, hint: hint, at: doubt.offset)))
        }
        return warnings
    }
}

extension TemplateDoubt {
    /// The doubt as a sentence without its full stop, and the nearest name that would be right; nil when there is no doubt after all.
    fileprivate func explained(fieldNames: Set<String>?) -> (sentence: String, suggestion: String?)? {
        switch reason {
        case .unknown(let candidates):
            let datum = fieldNames.flatMap { $0.contains(name) ? "data.\(name)" : nil }
            return ("There is no variable '\(name)'; it is printed as nothing", datum ?? name.nearest(of: candidates))
        case .datum(let isDotted):
            let prefix = isDotted ? name.prefix { $0 != "." } + "." : ""
            let datum = String(name.dropFirst(prefix.count))
            guard let fieldNames, !fieldNames.contains(datum) else { return nil }
            return ("No stage declares a field '\(datum)'", datum.nearest(of: fieldNames).map { prefix + $0 })
        case .noMember(let whole, let candidates):
            let member = name.dropFirst(whole.count + 1)
            return (
                "'\(whole)' has nothing called '\(member)'; it is printed as nothing",
                String(member).nearest(of: candidates).map { "\(whole).\($0)" }
            )
        case .list(let whole):
            return ("'\(whole)' is a list, whose elements only a section '{{#\(whole)}}…{{/\(whole)}}' reaches", nil)
        case .braced:
            guard let nearest = name.nearest(of: TemplateVariable.allCases.map(\.name)) else { return nil }
            return ("'{\(name)}' is no variable and is printed as it stands", "{\(nearest)}")
        }
    }
}

extension String {
    /// The nearest of some names, if one is near enough to be meant.
    fileprivate func nearest(of names: some Sequence<String>) -> String? {
        let limit = Swift.max(1, utf8.count / 3)
        let near = names.lazy.filter { abs($0.utf8.count - utf8.count) <= limit }.map { (name: $0, distance: editDistance(to: $0)) }
        return near.filter { $0.distance <= limit }.min { ($0.distance, $0.name) < ($1.distance, $1.name) }?.name
    }
}
