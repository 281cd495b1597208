import HTTPTypes
import StageModel
import StageStore

/// A conversation's state as it is answered: sensitive values are masked.
struct ConversationView: JSONEncodable {
    let state: ConversationState
    /// The stage that was asked about.
    let stage: Stage.ID?
    let sensitive: SensitiveNames

    static let properties: [Schema.Property] = [
        .required("conversation_id", .conversationID, "The caller's own id of the conversation."),
        .required("business_id", .identifier, "The business that it belongs to."),
        .required("agent_id", .optionalIdentifier, "The agent that it is held with; null: none."),
        .required("current_stage_id", .optionalIdentifier, "The stage that it is at; null: not started, cleared or expired."),
        .required("stage_id", .optionalIdentifier, "The stage that was asked about."),
        .required("is_current", .boolean, "Whether it is at that stage."),
        .required("status", .choice(ConversationState.Status.allCases.map(\.rawValue)), "Whether it takes messages."),
        .required("version", .integer(0...Int64.max), "Grows by one with every change, and never goes back."),
        .required("data", .map(of: .anything), "What was learned; the stage's own part wins. Sensitive values are masked."),
        .required("visits", .map(of: .integer(0...Int64.max)), "How often each stage was entered since the start."),
        .required("entered_at", .nullable(.timestamp), "When the current stage was entered, in UTC."),
        .required("created_at", .timestamp, "When it was first written, in UTC."),
        .required("updated_at", .timestamp, "When it was last written, in UTC."),
        .required("timeout_at", .nullable(.timestamp), "When the current stage's timeout takes it elsewhere; null: never."),
        .required("expires_at", .nullable(.timestamp), "When the state is dropped unless something is written before; null: never."),
    ]

    static let schema = Schema.named("Conversation", .object(properties))

    func encode(into json: inout JSONWriter) {
        json.object { json in
            json.field("conversation_id", state.key.conversation)
            json.field("business_id", state.key.business)
            json.field("agent_id", state.agentID)
            json.field("current_stage_id", state.stageID)
            json.field("stage_id", stage)
            json.field("is_current", stage != nil && stage == state.stageID)
            json.field("status", state.status.rawValue)
            json.field("version", state.version)
            json.field("data", sensitive.masking(state.data.merged))
            json.field("visits") { json in
                for (stage, count) in state.visits.sorted(by: { $0.key < $1.key }) { json.field(stage.description, count) }
            }
            json.field("entered_at", state.enteredAt)
            json.field("created_at", state.createdAt)
            json.field("updated_at", state.updatedAt)
            json.field("timeout_at", state.timeoutAt)
            json.field("expires_at", state.expiresAt)
        }
    }
}

/// A stage's own state as it is answered.
struct StageStateView: JSONEncodable {
    let stage: Stage.ID
    let flow: Flow
    let state: StageState
    let statistics: StageStatistics

    static let schema = Schema.named(
        "StageState",
        .object([
            .required("stage_id", .identifier, "The stage."),
            .required("business_id", .identifier, "The business that it belongs to."),
            .required("status", .choice(StageState.Status.allCases.map(\.rawValue)), "disabled: closed to conversations."),
            .required("data", .map(of: .anything), "What operators keep with the stage."),
            .required("version", .integer(0...Int64.max), "How often status or data were set."),
            .required("updated_at", .nullable(.timestamp), "When they were last set, in UTC; null: never."),
            .required(
                "conversations_here", .integer(0...Int64.max),
                "How many conversations are at the stage; a second old, or up to a minute where thousands of stages are in use."),
            .required("entered", .integer(0...Int64.max), "How often it was entered."),
            .required("left", .integer(0...Int64.max), "How often it was left."),
            .required(
                "time_in_stage",
                .object([
                    .required("count", .integer(0...Int64.max), "How many stays have ended."),
                    .required("median_seconds", .nullable(.number), "Half of them were shorter; exact to a factor of 1.5."),
                    .required("p90_seconds", .nullable(.number), "Nine in ten were shorter; exact to a factor of 1.5."),
                ]), "How long conversations stayed."),
            .required(
                "recent_transitions",
                .array(of: .object([.required("conversation_id", .conversationID, "Whose.")] + Transition.schema.properties)),
                "The last moves into and out of the stage, newest first."),
        ]))

    func encode(into json: inout JSONWriter) {
        json.object { json in
            json.field("stage_id", stage)
            json.field("business_id", flow.business.id)
            json.field("status", state.status.rawValue)
            json.field("data", flow.sensitive.masking(state.data))
            json.field("version", state.version)
            json.field("updated_at", state.updatedAt)
            json.field("conversations_here", statistics.conversationsHere)
            json.field("entered", statistics.entered)
            json.field("left", statistics.left)
            json.field("time_in_stage") { json in
                json.field("count", statistics.durations.count)
                json.field("median_seconds", statistics.durations.quantile(0.5))
                json.field("p90_seconds", statistics.durations.quantile(0.9))
            }
            json.name("recent_transitions")
            json.array { json in
                for visit in statistics.recent {
                    json.object { json in
                        json.field("conversation_id", visit.conversation)
                        visit.transition.encodeProperties(into: &json)
                    }
                }
            }
        }
    }
}
