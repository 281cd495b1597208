import NIOCore
import StageModel
import StageStore

/// Events as `text/event-stream` has them (HTML, section 9.2).
struct EventText {
    /// How long a client waits before it comes back, in milliseconds.
    private static let retry = 2000

    private(set) var buffer = ByteBuffer()

    /// The start of a stream, from which a client that is cut before the first event goes on.
    static func begin(at position: Int64) -> ByteBuffer { ByteBuffer(string: "retry: \(retry)\nid: \(position)\n\n") }

    static func beat(at position: Int64) -> ByteBuffer { ByteBuffer(string: ": ping\nid: \(position)\n\n") }

    static func reset(at position: Int64) -> ByteBuffer { ByteBuffer(string: "id: \(position)\nevent: reset\ndata: {}\n\n") }

    /// A line that clients pass over, for people who look at the stream.
    static func comment(_ text: String) -> ByteBuffer { ByteBuffer(string: ": \(text)\n\n") }

    static func transitions(of events: [Event]) -> ByteBuffer {
        var text = EventText()
        for event in events { text.append(event) }
        return text.buffer
    }

    /// One event for each transition. The last alone has the id: a client that is cut between two of a commit gets both again.
    private mutating func append(_ event: Event) {
        for (index, transition) in event.transitions.enumerated() {
            if index == event.transitions.indices.last { buffer.writeString("id: \(event.position)\n") }
            buffer.writeString("event: transition\ndata: ")
            // JSON is written without line breaks.
            buffer.writeBytes(EventView(event: event, transition: transition).jsonBytes)
            buffer.writeString("\n\n")
        }
    }
}

/// A transition as followers get it.
struct EventView: JSONEncodable {
    let event: Event
    let transition: Transition

    static let schema = Schema.named(
        "TransitionEvent",
        .object([
            .required("conversation_id", .nullable(.conversationID), "Whose; null: it was erased."),
            .required("agent_id", .optionalIdentifier, "The agent that the conversation is held with; null: none."),
            .required("version", .integer(1...Int64.max), "The version that the conversation has since."),
            .required("seq", .integer(0...Int64.max), "Counts the transitions of one version, from 0."),
            .required("transition_id", .identifier, "The id of the transition."),
            .required("from_stage_id", .optionalIdentifier, "The stage before; null: none."),
            .required("to_stage_id", .optionalIdentifier, "The stage after; null: none; the same: it stayed."),
            .required("cause", .choice(Transition.Cause.allCases.map(\.rawValue)), "What led to it."),
            .required("actor", .text(0...200), "Who did it."),
            .required("rule_id", .optionalIdentifier, "The rule that led to it or allowed it; null: none."),
            .required("at", .timestamp, "When it was done, in UTC."),
        ]))

    func encode(into json: inout JSONWriter) {
        json.object { json in
            json.field("conversation_id", event.conversation)
            json.field("agent_id", event.agent)
            json.field("version", transition.version)
            json.field("seq", transition.sequence)
            json.field("transition_id", transition.id)
            json.field("from_stage_id", transition.from)
            json.field("to_stage_id", transition.to)
            json.field("cause", transition.cause.rawValue)
            json.field("actor", transition.actor)
            json.field("rule_id", transition.rule)
            json.field("at", transition.at)
        }
    }
}
