/// The secret that a language model's server asks for; no text shows it: not `print`, not `dump`, not a log.
public struct ModelKey: Hashable, Sendable, ExpressibleByStringLiteral {
    let text: String

    /// Hides a text.
    public init(_ text: String) { self.text = text }

    /// Hides a literal.
    public init(stringLiteral text: String) { self.text = text }
}

extension ModelKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The same for every key.
    public var description: String { "(a key)" }
    /// The same for every key.
    public var debugDescription: String { description }
    /// Shows nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
