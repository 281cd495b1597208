public import StageModel
import StageStore

/// What the caller of a turn is answered, and every repetition again.
public struct TurnAnswer: JSONEncodable {
    let messageID: String
    let kind: HandledMessage.Outcome
    /// The message that has the reply.
    let by: String
    let outcome: TurnOutcome
    let flow: Flow
    let work: TurnWork

    public static let schema = Schema.named(
        "Turn",
        .object([
            .required("message_id", .text(1...InboundMessage.longestID), "The message."),
            .required(
                "status", .choice(HandledMessage.Outcome.allCases.map(\.rawValue)),
                "replied; paused: the conversation is paused, and the message was stored; merged: the reply is that of a later message; "
                    + "interrupted: a later message came before there was a reply."),
            .required("reply", .nullable(.text(0...1_000_000)), "What is to be said to the end user; null: nothing."),
            .optional("replied_to", .text(1...InboundMessage.longestID), "The later message that has the reply."),
            .required("stage_id", .optionalIdentifier, "The stage that the conversation is at."),
            .required("stages", .array(of: .identifier, count: 0...100), "The stages that it was at in this turn, in order."),
            .required("data", .map(of: .anything), "What is known about the conversation; what is sensitive is masked."),
            .required("extracted", .map(of: TurnOutcome.Learned.schema), "What was learned in this turn."),
            .required("missing_fields", .array(of: .fieldName, count: 0...100), "The required fields of the stage that are not known yet."),
            .required("version", .integer(1...Int64.max), "The conversation's version."),
            .required("trace", .array(of: TurnStep.schema, count: 0...100), "Why, step by step."),
            .required(
                "timings",
                .object([
                    .required("waited_ms", .number, "How long the message waited for its turn, in milliseconds."),
                    .required("engine_ms", .number, "How long it took to decide, in milliseconds."),
                    .required("model_ms", .number, "How long the model took, in milliseconds."),
                ]), "Where the time went."),
            .required(
                "usage",
                .object([
                    .required("prompt_tokens", .integer(0...Int64.max), "The tokens that the model read."),
                    .required("completion_tokens", .integer(0...Int64.max), "The tokens that the model wrote."),
                    .required("calls", .array(of: TurnWork.Call.schema, count: 0...100), "What the model was asked, in order."),
                ]), "What the model was used for."),
        ]))

    public func encode(into json: inout JSONWriter) {
        let isReplied = kind == .replied
        json.object { json in
            json.field("message_id", messageID)
            json.field("status", kind.rawValue)
            json.field("reply", isReplied ? outcome.reply : nil)
            if kind == .merged || kind == .interrupted { json.field("replied_to", by) }
            json.field("stage_id", outcome.state.stageID)
            json.field("stages", array: isReplied ? outcome.stages : [])
            json.field("data", flow.sensitive.masking(outcome.state.data.merged))
            json.field(
                "extracted",
                object: { json in
                    for (name, learned) in (isReplied ? outcome.learned : [:]).sorted(by: { $0.key < $1.key }) {
                        json.field(name, learned.masked(name, flow.sensitive))
                    }
                })
            json.field("missing_fields", array: outcome.missing)
            json.field("version", outcome.state.version)
            json.name("trace")
            json.array { json in for step in isReplied ? outcome.steps : [] { step.encode(into: &json, flow.sensitive) } }
            json.field(
                "timings",
                object: { json in
                    json.field("waited_ms", work.waiting.milliseconds)
                    json.field("engine_ms", work.deciding.milliseconds)
                    json.field("model_ms", work.calls.reduce(.zero) { $0 + $1.duration }.milliseconds)
                })
            json.field(
                "usage",
                object: { json in
                    let calls = isReplied ? work.calls : []
                    json.field("prompt_tokens", calls.reduce(0) { $0 + $1.promptTokens })
                    json.field("completion_tokens", calls.reduce(0) { $0 + $1.completionTokens })
                    json.field("calls", array: calls)
                })
        }
    }
}

extension TurnWork.Call: JSONEncodable {
    static let schema = Schema.named(
        "ModelCall",
        .object([
            .required("stage_id", .identifier, "The stage whose template it was."),
            .required("purpose", .choice(ModelPrompt.Purpose.allCases.map(\.rawValue)), "What for."),
            .required("outcome", .text(1...100), "answered, or why not."),
            .required("prompt_tokens", .integer(0...Int64.max), "The tokens read."),
            .required("completion_tokens", .integer(0...Int64.max), "The tokens written."),
            .required("milliseconds", .number, "How long it took."),
        ]))

    public var promptTokens: Int { if case .success(let answer) = answer { answer.promptTokens } else { 0 } }

    public var completionTokens: Int { if case .success(let answer) = answer { answer.completionTokens } else { 0 } }

    /// `answered`, or the cause of the failure.
    public var outcome: String { if case .failure(let failure) = answer { failure.cause.rawValue } else { "answered" } }

    public func encode(into json: inout JSONWriter) {
        json.object { json in
            json.field("stage_id", prompt.stage)
            json.field("purpose", prompt.purpose.rawValue)
            json.field("outcome", outcome)
            json.field("prompt_tokens", promptTokens)
            json.field("completion_tokens", completionTokens)
            json.field("milliseconds", duration.milliseconds)
        }
    }
}

extension Duration {
    /// Rounded to a thousandth.
    fileprivate var milliseconds: Double {
        let microseconds = Double(components.seconds) * 1e6 + Double(components.attoseconds) / 1e12
        return microseconds.rounded() / 1000
    }
}
