import HTTPTypes
import StageModel
import StageStore

/// The API as people read it: one page that loads nothing.
struct DocumentationPage {
    let operations: [Operation]
    let version: String

    var html: String {
        let byTag = Dictionary(grouping: operations, by: \.tag)
        // In the order in which the operations are listed: what matters most comes first.
        let tags = operations.map(\.tag).reduce(into: [String]()) { tags, tag in if !tags.contains(tag) { tags.append(tag) } }
        let contents = tags.map { "<li><a href=\"#\($0.html)\">\($0.html)</a></li>" }.joined()
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Stagekeeper API</title><style>\(Self.style)</style></head>
            <body><header><h1>Stagekeeper API</h1><p>Version \(version.html) · <a href="/openapi.json">openapi.json</a></p></header>
            <p>Send a business's API key as <code>Authorization: Bearer sk_…</code>. Errors are <code>application/problem+json</code> with a stable
            <code>code</code> and, for input, every fault at once in <code>errors</code>.</p>
            <nav aria-label="Contents"><ul>\(contents)</ul></nav>
            <main>\(tags.map { group($0, byTag[$0] ?? []) }.joined())</main></body></html>
            """
    }

    private func group(_ tag: String, _ operations: [Operation]) -> String {
        "<section id=\"\(tag.html)\"><h2>\(tag.html)</h2>\(operations.map(describe).joined())</section>"
    }

    private func describe(_ operation: Operation) -> String {
        """
        <details id="\(operation.id)"><summary><code class="method">\(operation.method.rawValue)</code><code>\(operation.path.html)</code>\
        <span>\(operation.summary.html)</span></summary>
        <p>\(Self.access(operation.access))\(operation.takesIfMatch ? " Takes If-Match with the ETag of what is changed." : "")</p>
        \(table("Query", operation.parameters.map { ($0.name, $0.schema, $0.isRequired, $0.summary) }))
        \(table("Body", (operation.body?.properties ?? []).map { ($0.name, $0.schema, $0.presence == .required, $0.summary) }))
        \(table("Answer \(operation.success.code)", (operation.answer?.properties ?? []).map { ($0.name, $0.schema, true, $0.summary) }))
        </details>
        """
    }

    private func table(_ title: String, _ rows: [(name: String, schema: Schema, isRequired: Bool, summary: String)]) -> String {
        guard !rows.isEmpty else { return "" }
        let lines = rows.map { row in
            """
            <tr><td><code>\(row.name.html)</code>\(row.isRequired ? "" : " <small>optional</small>")</td>\
            <td>\(row.schema.words.html)</td><td>\(row.summary.html)</td></tr>
            """
        }
        return "<h3>\(title)</h3><div class=\"wide\"><table><tbody>\(lines.joined())</tbody></table></div>"
    }

    private static func access(_ access: Operation.Access) -> String {
        switch access {
        case .open: "Open to anybody."
        case .platform: "Takes the platform key."
        case .roles(let roles): "Takes a key of the role \(roles.map(\.rawValue).sorted().joined(separator: ", "))."
        }
    }

    private static let style = """
        :root{color-scheme:light dark;--line:color-mix(in srgb,currentColor 18%,transparent)}
        body{font:15px/1.5 system-ui,sans-serif;max-width:64rem;margin:0 auto;padding:1.5rem}
        code{font:13px/1.5 ui-monospace,monospace;overflow-wrap:anywhere}.method{font-weight:700}
        details{border-top:1px solid var(--line);padding:.5rem 0}
        summary{cursor:pointer;display:grid;grid-template-columns:4.5rem minmax(0,1fr) minmax(0,1.6fr);gap:0 1rem;align-items:baseline}
        summary:hover{background:color-mix(in srgb,currentColor 6%,transparent)}
        @media(max-width:44rem){summary{grid-template-columns:4.5rem minmax(0,1fr)}summary span{grid-column:1/-1}}
        .wide{overflow-x:auto}table{border-collapse:collapse;width:100%}td{border-top:1px solid var(--line);padding:.3rem .8rem .3rem 0;vertical-align:top}
        h2{margin-top:2.5rem}h3{font-size:1rem;margin:.8rem 0 .2rem}nav ul{display:flex;flex-wrap:wrap;gap:.3rem 1rem;padding:0;list-style:none}
        """
}

extension Schema {
    /// What a value must be, in a few words.
    fileprivate var words: String {
        switch self {
        case .anything: "anything"
        case .boolean: "boolean"
        case .integer: "integer"
        case .number: "number"
        case .text(let count): "text, \(count.lowerBound)–\(count.upperBound)"
        case .identifier: "UUID"
        case .conversationID: "conversation id"
        case .fieldName: "field name"
        case .timestamp: "time"
        case .choice(let words): words.joined(separator: " | ")
        case .array(let element, _): "array of \(element.words)"
        case .map: "object"
        case .object(let properties): "object of \(properties.map(\.name).joined(separator: ", "))"
        case .nullable(let schema): "\(schema.words) or null"
        case .anyOf(let schemas): schemas.map(\.words).joined(separator: " or ")
        case .named(let name, _): name
        }
    }
}

extension String {
    /// The text as HTML shows it.
    fileprivate var html: String {
        replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
    }
}
