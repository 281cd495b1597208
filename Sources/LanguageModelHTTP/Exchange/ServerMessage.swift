import StageModel

/// What a server says of its error, made safe to show: short, without control characters, and without the key or what the prompt says.
struct ServerMessage {
    /// The most characters that are shown.
    static let maximumLength = 200
    /// So many bytes that are the same as in a secret are no accident.
    private static let window = 12

    /// - Returns: nil when there is no message, or none that can be shown.
    static func read(_ body: some Collection<UInt8>, hiding key: ModelKey?, _ prompt: ModelPrompt) -> String? {
        guard let document = try? JSONValue(parsing: body), var message = find(in: document) else { return nil }
        if let key { message = message.replacing(key.text, with: "(the key)") }
        let shown = printable(message)
        guard !shown.isEmpty else { return nil }
        // Servers like to quote what they could not use. The schema may be quoted: it is what the operator wants to see.
        let secrets = [key?.text, prompt.system].compactMap(\.self) + prompt.lines.map(\.text)
        return quotes(Array(shown.utf8), anyOf: secrets) ? nil : shown
    }

    private static func find(in document: JSONValue) -> String? {
        document["error"]?["message"]?.string ?? document["error"]?.string ?? document["message"]?.string ?? document["detail"]?.string
    }

    /// In one line, cut to the length.
    private static func printable(_ text: String) -> String {
        var shown = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if shown.count == maximumLength { break }
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
                if shown.last != " " { shown.append(" ") }
            default: shown.append(scalar)
            }
        }
        return String(shown).trimmed
    }

    private static func quotes(_ message: [UInt8], anyOf secrets: [String]) -> Bool {
        let windows = Set(message.indices.dropLast(window - 1).map { message[$0..<($0 + window)] })
        return secrets.contains { secret in
            // As it looks in one line.
            let bytes = secret.utf8.map { max($0, 0x20) }
            // A short line is quoted as a whole or not at all; of one or two letters nobody can say.
            guard bytes.count >= window else {
                return bytes.count > 3 && message.indices.contains { message[$0...].starts(with: bytes) }
            }
            return bytes.indices.dropLast(window - 1).contains { windows.contains(bytes[$0..<($0 + window)]) }
        }
    }
}

extension String {
    fileprivate var trimmed: String {
        let start = drop { $0.isWhitespace }
        return String(start.reversed().drop { $0.isWhitespace }.reversed())
    }
}
