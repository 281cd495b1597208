/// What a decision is about.
public struct ConversationEvent: Sendable, Equatable {
    /// The message that is being handled; nil: none, as when the time is up.
    public var message: Message?
    /// The stages that the conversation has left or entered in the same turn: rules do not lead there again.
    public var passed: Set<Stage.ID>

    public init(message: Message? = nil, passed: Set<Stage.ID> = []) {
        self.message = message
        self.passed = passed
    }
}

/// What an end user sent.
public struct Message: Sendable, Equatable {
    public var text: String
    /// What kind of message it is, in the caller's words: `text`, `image`, `button`.
    public var type: String
    public var metadata: [String: JSONValue]
    public var receivedAt: Timestamp

    public init(text: String, type: String = "text", metadata: [String: JSONValue] = [:], receivedAt: Timestamp) {
        self.text = text
        self.type = type
        self.metadata = metadata
        self.receivedAt = receivedAt
    }
}
