import Foundation

/// How texts stand out, where they are shown on a terminal.
struct TextStyle: Sendable {
    static let plain = TextStyle(isColoured: false)

    let isColoured: Bool

    /// Colours for standard output if it is a terminal that nobody told to do without.
    static var standardOutput: TextStyle {
        let environment = ProcessInfo.processInfo.environment
        let isUnwanted = environment["NO_COLOR"]?.isEmpty == false || environment["TERM"] == "dumb"
        return TextStyle(isColoured: isatty(STDOUT_FILENO) == 1 && !isUnwanted)
    }

    func good(_ text: String) -> String { styled(text, "32") }

    func bad(_ text: String) -> String { styled(text, "31") }

    func strong(_ text: String) -> String { styled(text, "1") }

    func faint(_ text: String) -> String { styled(text, "90") }

    private func styled(_ text: String, _ code: String) -> String { isColoured ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text }
}
