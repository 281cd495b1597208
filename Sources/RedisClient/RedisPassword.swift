/// A password that no text shows: not `print`, not `dump`, not a log.
public struct RedisPassword: Hashable, Sendable, ExpressibleByStringLiteral {
    let text: String

    /// Hides a text.
    public init(_ text: String) { self.text = text }

    /// Hides a literal.
    public init(stringLiteral text: String) { self.text = text }
}

extension RedisPassword: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The same for every password.
    public var description: String { "(a password)" }
    /// The same for every password.
    public var debugDescription: String { description }
    /// Shows nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
