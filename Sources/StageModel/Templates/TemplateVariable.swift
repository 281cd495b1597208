/// A variable that templates may use. There are no others.
public enum TemplateVariable: String, CaseIterable, Sendable {
    case messageContent = "message_content"
    case conversationHistory = "conversation_history"
    case last10Messages = "last_10_messages"
    case currentStage = "current_stage"
    case availableStages = "available_stages"
    case agentName = "agent_name"
    case businessName = "business_name"
    case userName = "user_name"
    case extractedData = "extracted_data"
    case fields
    case askedField = "asked_field"
    case fieldError = "field_error"
    case currentDate = "current_date"
    case currentTime = "current_time"
    case data

    /// What a section over the variable, or a dot behind it, offers by name.
    public struct Member: Sendable, Equatable {
        public let name: String
        /// What it is, in a sentence.
        public let summary: String
        /// Whether it may hold what an end user wrote.
        public let holdsUserText: Bool
    }
}

extension TemplateVariable {
    /// The name that templates use.
    public var name: String { rawValue }

    /// What it is, in a sentence.
    public var summary: String {
        switch self {
        case .messageContent: "The text of the message that is being handled."
        case .conversationHistory: "The messages of the conversation so far, oldest first."
        case .last10Messages: "The last ten messages of the conversation, oldest first."
        case .currentStage: "The stage that the conversation is at; by itself its name."
        case .availableStages: "The stages that the conversation may go to next."
        case .agentName: "The name of the agent that speaks; empty without one."
        case .businessName: "The name of the business."
        case .userName: "The name of the end user, when the caller gave it."
        case .extractedData: "All that is known about the conversation; another name for data."
        case .fields: "The fields that the stage wants to learn."
        case .askedField: "At a form, the field that the reply is to ask for; nothing when all required ones are known."
        case .fieldError: "At a form, why the end user's answer could not be taken; nothing when it could."
        case .currentDate: "Today's date in UTC, such as 2026-01-31."
        case .currentTime: "The time of day in UTC, such as 14:05."
        case .data: "All that is known about the conversation; data.NAME is one datum, such as data.order_id."
        }
    }

    /// Whether it holds what an end user wrote. Such variables are refused in system prompts, where they could pose as instructions.
    public var holdsUserText: Bool { shape.holdsUserText || self == .messageContent || self == .userName }

    /// What a section over it, or over its elements, offers by name; empty for a plain text and for data, whose members the stages declare.
    public var members: [Member] { (shape.element ?? shape).members }

    /// A value to preview templates with.
    public var sample: JSONValue {
        switch self {
        case .messageContent: "Hello, my order AB-1234 has not arrived yet."
        case .conversationHistory, .last10Messages:
            [
                ["role": "user", "text": "Hello!"], ["role": "assistant", "text": "Hello, how can I help you?"],
                ["role": "user", "text": "Hello, my order AB-1234 has not arrived yet."],
            ]
        case .currentStage:
            ["name": "Order status", "description": "Tells the customer where an order is.", "stage_id": "6f1d6f0e-2c51-4e4e-9d0f-1f4a3f0c9b11"]
        case .availableStages:
            [
                [
                    "name": "Order status", "description": "Tells the customer where an order is.",
                    "stage_id": "6f1d6f0e-2c51-4e4e-9d0f-1f4a3f0c9b11",
                ],
                ["name": "Goodbye", "description": "Ends the conversation.", "stage_id": "0b1c7d52-8a3e-4f60-b7c4-53e9d2a6f018"],
            ]
        case .agentName: "Sam"
        case .businessName: "Example Shop"
        case .userName: "Alex"
        case .extractedData, .data: ["order_id": "AB-1234", "email": "alex@example.com"]
        case .fields:
            [
                [
                    "name": "order_id", "type": "string", "required": true, "description": "The number of the order.", "values": [],
                    "value": "AB-1234", "missing": false,
                ],
                [
                    "name": "email", "type": "email", "required": true, "description": "The address that the order was made with.", "values": [],
                    "value": .null, "missing": true,
                ],
            ]
        case .askedField:
            [
                "name": "email", "type": "email", "required": true, "description": "The address that the order was made with.", "values": [],
                "value": .null, "missing": true,
            ]
        case .fieldError: "That does not look like an e-mail address, such as anna@example.com."
        case .currentDate: "2026-01-31"
        case .currentTime: "14:05"
        }
    }

    /// A value for every variable, to preview templates with.
    public static var samples: [String: JSONValue] { Dictionary(uniqueKeysWithValues: allCases.map { ($0.name, $0.sample) }) }

    /// The form of its value.
    var shape: TemplateShape {
        switch self {
        case .messageContent, .agentName, .businessName, .userName, .fieldError, .currentDate, .currentTime: .text
        case .conversationHistory, .last10Messages: .messages
        case .currentStage: .stage
        case .availableStages: .stages
        case .fields: .fields
        case .askedField: .field
        case .extractedData, .data: .data
        }
    }
}
