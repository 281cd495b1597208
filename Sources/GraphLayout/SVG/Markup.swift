/// XML that is being written.
struct Markup {
    private(set) var text = ""

    /// Appends what is markup already.
    mutating func add(_ markup: String) { text += markup }

    /// Appends an attribute, with the blank before it.
    mutating func add(_ name: String, _ value: String) {
        text += " \(name)=\""
        addEscaped(value)
        text += "\""
    }

    mutating func add(_ name: String, _ value: Int) { text += " \(name)=\"\(value)\"" }

    /// Appends a class attribute of a fixed class and of those that a caller gave.
    mutating func add(class name: String, _ others: [String] = []) {
        let names = [name] + others.flatMap { $0.split(whereSeparator: \.isWhitespace).map(String.init) }
        add("class", names.joined(separator: " "))
    }

    /// Appends an element that holds only text.
    mutating func add(element name: String, text content: String) {
        text += "<\(name)>"
        addEscaped(content)
        text += "</\(name)>"
    }

    /// Appends text or an attribute's value; characters that XML 1.0 does not allow are left out.
    mutating func addEscaped(_ content: String) {
        for scalar in content.unicodeScalars {
            switch scalar {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            case "\t", "\n": text += "&#\(scalar.value);"
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": continue
            default: text.unicodeScalars.append(scalar)
            }
        }
    }
}
