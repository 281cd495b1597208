import Mustache

/// Fills templates with models.
struct PageRenderer: Sendable {
    private let library: MustacheLibrary

    /// - Throws: what is wrong with a template.
    init() throws {
        MustacheContentTypes.register(PageEscaping(), named: "PAGE")
        var library = MustacheLibrary()
        for (name, source) in Self.sources { try library.register(String(decoding: source, as: UTF8.self), named: name) }
        self.library = library
    }

    /// A page; nil when there is no such template.
    func render(_ template: String, _ model: PageValue) -> String? {
        model.rendered.flatMap { library.render($0, withTemplate: template) }
    }
}

/// Escapes scalar by scalar: a mark with a combining accent behind it is still a mark.
private struct PageEscaping: MustacheContentType {
    func escapeText(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == 0x26 || $0 == 0x3C || $0 == 0x3E || $0 == 0x22 || $0 == 0x27 }) else { return text }
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped.append(contentsOf: "&amp;".unicodeScalars)
            case "<": escaped.append(contentsOf: "&lt;".unicodeScalars)
            case ">": escaped.append(contentsOf: "&gt;".unicodeScalars)
            case "\"": escaped.append(contentsOf: "&quot;".unicodeScalars)
            case "'": escaped.append(contentsOf: "&#39;".unicodeScalars)
            default: escaped.append(scalar)
            }
        }
        return String(escaped)
    }
}
