import HTTPTypes
import NIOCore
import StageEngine
import StageModel
import StageStore

/// Messages of end users: each is a turn of its conversation.
struct TurnAPI: Sendable {
    let turns: TurnService
    let configuration: ConfigurationService

    private static let path = "/conversations/{conversation_id}/messages"

    var operations: [Operation] {
        [
            Operation(
                id: "handleMessage", method: .post, path: Self.path,
                summary: """
                    Handles a message of the end user, once: selects the stage, extracts the data, replies, and commits. The same message_id gets \
                    the same answer again, whatever else the body says. With 'Accept: text/event-stream' the stages, the data and the reply are \
                    sent as they come, as events of the types stage, data, reply and reset (what came before is void); done has the answer, \
                    error the problem.
                    """,
                access: .runners, body: Self.body, answer: TurnAnswer.schema, otherTypes: ["text/event-stream"],
                otherSuccesses: [.accepted], handler: handle),
            Operation(
                id: "listMessages", method: .get, path: Self.path,
                summary: "Lists what was said in a conversation, the last first; what is sensitive in it is masked.", access: .everyone,
                query: Operation.pageParameters, answer: .page(of: MessageView.schema), handler: list),
        ]
    }

    // MARK: - Handlers

    private func handle(_ call: Call) async throws -> Reply {
        let conversation = try call.pathConversation()
        let message = try InboundMessage(json: call.body, at: call.now)
        let agent: Agent.ID? = try call.body.optional("agent_id") { $0.identifier() }
        let caller = try call.caller
        guard call.wantsEvents else {
            let handled = try await turns.handle(message, in: conversation, agent: agent, by: caller)
            return Self.reply(handled.message, isRepeated: handled.isRepeated)
        }
        let flow = try await configuration.flow(of: caller.business)
        var reply = Reply(headers: [.accelBuffering: "no"], contentType: "text/event-stream")
        reply.stream = TurnStream(flow: flow) { [turns] watch in
            try await turns.handle(message, in: conversation, agent: agent, by: caller, watch: watch).message
        }
        return reply
    }

    private func list(_ call: Call) async throws -> Reply {
        let conversation = try call.pathConversation()
        let before = try call.cursor(keys: 1).flatMap { Int64($0.keys[0]) }
        let found = try await turns.messages(of: conversation, before: before, limit: call.limit + 1, by: try call.caller)
        return call.page(found, keys: { [String($0.number)] }) { $1.value(MessageView(message: $0)) }
    }

    private static func reply(_ message: HandledMessage, isRepeated: Bool) -> Reply {
        var reply = Reply(status: message.outcome == .replied ? .ok : .accepted, body: ByteBuffer(bytes: message.answer))
        if isRepeated { reply.headers[.idempotencyReplayed] = "true" }
        return reply
    }

    // MARK: - Bodies

    private static let body = Schema.named(
        "InboundMessage",
        .object([
            .required("message_id", .text(1...InboundMessage.longestID), "The caller's own name for the message, unique in the conversation."),
            .required("text", .text(0...InboundMessage.maximumBytes), "What the end user wrote."),
            .optional("type", .text(1...100), "What kind of message it is: text (default), image, button, …"),
            .optional("agent_id", .optionalIdentifier, "Who the conversation is held with, if it begins with this message."),
            .optional("user_name", .nullable(.text(1...200)), "What the end user is called."),
            .optional("metadata", .map(of: .anything), "What conditions may ask for as message.metadata; at most 16 KiB."),
            .optional("business_id", .identifier, "Must be the key's own."),
        ]))
}

extension InboundMessage {
    private static let maximumMetadata = 16 << 10

    /// Reads the body of a request.
    init(json: JSONValue, at now: Timestamp) throws {
        let metadata = try json.optional("metadata", \.object) ?? [:]
        guard metadata.jsonBytes.count <= Self.maximumMetadata else {
            throw EngineError.invalid("metadata", "Must be at most \(Self.maximumMetadata / 1024) KiB of JSON.")
        }
        self.init(
            id: try json.member("message_id", \.string),
            message: Message(
                text: try json.member("text", \.string), type: try json.optional("type", \.string) ?? "text", metadata: metadata, receivedAt: now),
            userName: try json.optional("user_name", \.string))
    }
}

/// A message that was handled, as it is listed.
struct MessageView: JSONEncodable {
    let message: HandledMessage

    static let schema = Schema.named(
        "Message",
        .object([
            .required("message_id", .text(1...InboundMessage.longestID), "The caller's own name for it."),
            .required("number", .integer(1...Int64.max), "Counts the messages of the conversation."),
            .required("status", .choice(HandledMessage.Outcome.allCases.map(\.rawValue)), "What came of it."),
            .required("text", .text(0...InboundMessage.maximumBytes), "What the end user wrote."),
            .required("user_name", .nullable(.text(0...200)), "What the end user is called."),
            .required("reply", .nullable(.text(0...1_000_000)), "What was said to the end user; null: nothing."),
            .required("stage_id", .optionalIdentifier, "The stage that the conversation was at then."),
            .required("at", .timestamp, "When it was handled, in UTC."),
        ]))

    func encode(into json: inout JSONWriter) {
        json.object { json in
            json.field("message_id", message.messageID)
            json.field("number", message.number)
            json.field("status", message.outcome.rawValue)
            json.field("text", message.maskedText)
            json.field("user_name", message.userName)
            json.field("reply", message.maskedReply)
            json.field("stage_id", message.stage)
            json.field("at", message.at)
        }
    }
}

extension Call {
    /// Whether the client wants server-sent events rather than one answer.
    fileprivate var wantsEvents: Bool {
        WeightedValue.list(head.headerFields[.accept] ?? "").contains { $0.value == "text/event-stream" && $0.weight > 0 }
    }
}
