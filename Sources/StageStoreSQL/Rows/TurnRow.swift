import Sealing
import StageModel
import StageStore

/// A handled message's row: all that was said is sealed as one.
struct TurnRow {
    static let columns = "turn, message_id, outcome, stage_id, sealed, at"

    /// Writes a message that was not handled before.
    static func insertion(
        of message: HandledMessage, in key: ConversationKey, _ sealer: Sealer, salt: [UInt8]
    ) throws -> SQLStatement {
        let json = JSONWriter.bytes { json in
            json.object { json in
                json.field("text", message.text)
                if message.maskedText != message.text { json.field("masked_text", message.maskedText) }
                if let name = message.userName { json.field("user_name", name) }
                json.field("reply", message.reply)
                if message.maskedReply != message.reply { json.field("masked_reply", message.maskedReply) }
                json.field("answer", String(decoding: message.answer, as: UTF8.self))
            }
        }
        let sealed = try sealer.seal(json, salt: salt, place: place(key, message.number))
        return SQLStatement(
            """
            INSERT INTO turns (business_id, conversation_id, turn, message_id, outcome, stage_id, sealed, at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (business_id, conversation_id, message_id) DO NOTHING
            """,
            [
                SQLValue(key.business), SQLValue(key.conversation), .integer(message.number), .text(message.messageID),
                .text(message.outcome.rawValue), SQLValue(message.stage), .blob(sealed), .timestamp(message.at),
            ], otherwise: StoreError.alreadyHandled)
    }

    /// A row's columns as they lie there.
    struct Sealed: Sendable {
        let number: Int64
        let messageID: String
        let outcome: HandledMessage.Outcome
        let stage: Stage.ID?
        let envelope: [UInt8]
        let at: Timestamp

        /// Reads the columns above, in their order.
        init(_ row: any SQLRow) throws(SQLError) {
            number = row.integer(0)
            messageID = row.text(1)
            outcome = try row.choice(2)
            stage = try row.optionalIdentifier(3)
            envelope = row.blob(4)
            at = row.timestamp(5)
        }

        func open(in key: ConversationKey, _ sealer: Sealer, salt: [UInt8]) throws -> HandledMessage {
            let json = try JSONValue(parsing: try sealer.open(envelope, salt: salt, place: TurnRow.place(key, number)))
            let text = try json.member("text", \.string)
            let reply = try json.optional("reply", \.string)
            return HandledMessage(
                messageID: messageID, number: number, outcome: outcome, at: at, text: text,
                maskedText: try json.optional("masked_text", \.string) ?? text, userName: try json.optional("user_name", \.string), reply: reply,
                maskedReply: try json.optional("masked_reply", \.string) ?? reply, stage: stage,
                answer: Array(try json.member("answer", \.string).utf8))
        }
    }

    /// What an envelope is bound to, so that it opens nowhere else.
    static func place(_ key: ConversationKey, _ number: Int64) -> [UInt8] {
        Array("turns/\(key.business)/\(number)/\(key.conversation)".utf8)
    }
}
