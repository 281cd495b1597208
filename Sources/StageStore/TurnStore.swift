public import StageModel

/// Keeps the messages that were handled, for good.
public protocol TurnStore: Sendable {
    /// A message that was handled; nil: it was not.
    func turn(of messageID: String, in key: ConversationKey) async throws(StoreError) -> HandledMessage?

    /// Messages that were handled, the last first.
    /// - Parameter before: the number of the message at which the page before ended.
    func turns(of key: ConversationKey, before: Int64?, limit: Int) async throws(StoreError) -> [HandledMessage]

    /// Changes a conversation by the turn of messages, as `ConversationStore.update` does.
    /// - Throws: `.alreadyHandled` when one of them was handled before, and whatever `decide` throws.
    func handle<Failure: Error>(
        _ messages: [String], in key: ConversationKey, at now: Timestamp,
        _ decide: @escaping @Sendable (_ state: ConversationState, _ exists: Bool) throws(Failure) -> ConversationCommit?
    ) async throws -> ConversationState
}

/// A message that was handled, and what came of it.
public struct HandledMessage: Sendable, Equatable {
    public enum Outcome: String, CaseIterable, Sendable {
        case replied
        /// The conversation is paused: it was stored, and nothing was said.
        case paused
        /// It became part of the turn of a later message, which has the reply.
        case merged
        /// A later message ended its turn before it had a reply.
        case interrupted
    }

    public let messageID: String
    /// Counts the messages of the conversation, from 1.
    public let number: Int64
    public let outcome: Outcome
    public let at: Timestamp
    /// What the end user wrote, and what is shown of it where nothing sensitive may stand.
    public let text: String
    public let maskedText: String
    public let userName: String?
    /// What was said to the end user, and what is shown of it; nil: nothing.
    public let reply: String?
    public let maskedReply: String?
    /// The stage that the reply is of.
    public let stage: Stage.ID?
    /// What the caller was answered: a JSON object, which every repetition gets again.
    public let answer: [UInt8]

    public init(
        messageID: String, number: Int64, outcome: Outcome, at: Timestamp, text: String, maskedText: String, userName: String?, reply: String?,
        maskedReply: String?, stage: Stage.ID?, answer: [UInt8]
    ) {
        self.messageID = messageID
        self.number = number
        self.outcome = outcome
        self.at = at
        self.text = text
        self.maskedText = maskedText
        self.userName = userName
        self.reply = reply
        self.maskedReply = maskedReply
        self.stage = stage
        self.answer = answer
    }
}
