/// What a form has sent: `application/x-www-form-urlencoded`, where a `+` is a blank. Names with dots stand for members of members, and
/// numbers in them for places in lists: `fields.0.name`.
struct Form: Sendable, Equatable {
    /// As they came.
    private(set) var entries: [(name: String, value: String)] = []

    init() {}

    /// - Returns: nil when something is not percent-encoded UTF-8, or has the character NUL in it, which can't be stored.
    init?(_ text: some StringProtocol) {
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let decoded = parts.map { Substring(String($0.map { $0 == "+" ? " " : $0 })).percentDecoded }
            guard let name = decoded[0], let value = decoded.count > 1 ? decoded[1] : "", !name.utf8.contains(0), !value.utf8.contains(0) else {
                return nil
            }
            // Browsers send line ends as CR LF.
            entries.append((name, value.replacing("\r\n", with: "\n")))
        }
    }

    static func == (left: Form, right: Form) -> Bool {
        left.entries.elementsEqual(right.entries) { $0.name == $1.name && $0.value == $1.value }
    }

    mutating func set(_ value: String, for name: String) {
        entries.removeAll { $0.name == name }
        entries.append((name, value))
    }

    /// The value of a name; of several the last, as a check box behind a hidden field has it.
    subscript(name: String) -> String? { entries.last { $0.name == name }?.value }

    /// The value of a name without blanks around it; nil when there is nothing else.
    func filled(_ name: String) -> String? {
        guard let value = self[name] else { return nil }
        let trimmed = String(value[...].trimming(while: \.isWhitespace))
        return trimmed.isEmpty ? nil : trimmed
    }

    /// Whether a check box is ticked.
    func isOn(_ name: String) -> Bool { self[name].map { $0 != "" && $0 != "false" && $0 != "off" } ?? false }

    /// The forms of a list's elements, in the order of their numbers.
    func elements(of list: String) -> [Form] {
        var elements: [Int: Form] = [:]
        for (name, value) in entries where name.hasPrefix("\(list).") {
            let parts = name.dropFirst(list.count + 1).split(separator: ".", maxSplits: 1)
            guard parts.count == 2, let index = Int(parts[0]), (0..<10_000).contains(index) else { continue }
            elements[index, default: Form()].entries.append((String(parts[1]), value))
        }
        return elements.sorted { $0.key < $1.key }.map(\.value)
    }
}
