import Foundation

/// The standard error for a log, of which each entry is one line whatever is in it: what ends a line, or tells a terminal to do something, is
/// written as an escape. Else whoever gets a text into the log, by a name that a database quotes, say, could write entries of their own.
struct OneLineOutput: TextOutputStream, Sendable {
    /// Control characters, ends of lines and paragraphs, what turns the direction of the text behind it, and what nobody knows.
    private static let unprintable: Set<Unicode.GeneralCategory> = [
        .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned,
    ]

    /// - Parameter text: an entry with the line feed at its end.
    func write(_ text: String) {
        var rest = Array((Self.line(text) + "\n").utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            // A log that can't be written is no reason to stop serving.
            guard count > 0 || (count < 0 && errno == EINTR) else { return }
            rest = rest.dropFirst(max(0, count))
        }
    }

    /// An entry as one line, without its end.
    static func line(_ entry: String) -> String {
        let scalars = entry.unicodeScalars.last == "\n" ? entry.unicodeScalars.dropLast() : entry.unicodeScalars[...]
        guard scalars.contains(where: isUnprintable) else { return String(scalars) }
        return scalars.reduce(into: "") { line, scalar in
            if isUnprintable(scalar) { line += escape(scalar) } else { line.unicodeScalars.append(scalar) }
        }
    }

    private static func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII ? !(0x20...0x7E).contains(scalar.value) : unprintable.contains(scalar.properties.generalCategory)
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        default: "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
        }
    }
}
