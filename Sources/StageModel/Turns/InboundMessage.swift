/// A message of an end user, which is handled once however often it is delivered.
public struct InboundMessage: Sendable, Equatable {
    /// The caller's own name for it, unique in the conversation.
    public let id: String
    public let message: Message
    /// What the end user is called, when the caller knows.
    public let userName: String?

    /// The longest id, in characters.
    public static let longestID = 200
    /// The longest text, in bytes of UTF-8.
    public static let maximumBytes = 64 << 10

    public init(id: String, message: Message, userName: String? = nil) {
        self.id = id
        self.message = message
        self.userName = userName
    }
}
