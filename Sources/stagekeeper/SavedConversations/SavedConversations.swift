import StageModel

/// A file of conversations that were saved, with what is expected of each message.
struct SavedConversations {
    static let format = "stagekeeper-test/1"
    /// When the first message is sent, unless the file says otherwise: the same in every run.
    static let usualStart = Timestamp("2026-01-31T10:00:00Z") ?? Timestamp(microseconds: 0)
    /// What a file calls the flow that is compiled in.
    static let demoFlow = "demo"

    /// The file of the flow, relative to this one, or `demo`; nil: the caller names it.
    let flow: String?
    let start: Timestamp
    let conversations: [SavedConversation]
}

struct SavedConversation {
    let name: String
    /// By name or id; nil: none.
    let agent: String?
    let userName: String?
    /// What is known beforehand.
    let data: [String: JSONValue]
    let messages: [SavedMessage]
    let pointer: JSONPointer
}

struct SavedMessage {
    /// Seconds between a message and the next, unless the file says otherwise.
    static let usualPause: Int64 = 10

    let text: String
    let type: String
    let metadata: [String: JSONValue]
    /// The seconds since the message before, before the first since the start; nil: as usual.
    let pause: Int64?
    let expected: Expectation
    let pointer: JSONPointer
}

/// What is to hold after a message; what is left out may be anything.
struct Expectation {
    /// By name or id, as all stages here.
    let stage: String?
    /// The whole way.
    let stages: [String]?
    /// A part of the data; null: must not be there.
    let data: [String: JSONValue]
    /// All that the stage misses, in any order.
    let missing: [String]?
    let reply: String?
    let replyContains: [String]
    let replyLacks: [String]
    let isCompleted: Bool?
}

extension SavedConversations {
    private static let words = Schema.anything
    private static let data = Schema.map(of: .anything)

    static let schema = Schema.object([
        .required("format", .choice([format]), "The version of this format."),
        .optional("flow", .text(1...4096), "The file of the flow, relative to this one, or 'demo'."),
        .optional("now", .timestamp, "When the first message is sent."),
        .required("conversations", .array(of: conversation, count: 1...10_000), "The conversations."),
    ])

    private static let conversation = Schema.object([
        .required("name", .name, "What it shows."), .optional("agent", .name, "Who it is held with, by name or id."),
        .optional("user_name", .name, "What the end user is called."), .optional("data", data, "What is known beforehand."),
        .required("messages", .array(of: message, count: 1...10_000), "What the end user writes."),
    ])

    private static let message = Schema.object([
        .required("user", .text(0...InboundMessage.maximumBytes), "What the end user writes."), .optional("type", .name, "Default: text."),
        .optional("metadata", data, "What the caller adds."), .optional("after", words, "The time since the message before, such as 10m."),
        .optional("stage", .name, "The stage after it, by name or id."),
        .optional("stages", .array(of: .name, count: 0...100), "The whole way."), .optional("data", data, "What is known; null: must not be there."),
        .optional("missing", .array(of: .fieldName, count: 0...1000), "What the stage misses."), .optional("reply", .text(0...300_000), "All of it."),
        .optional("reply_contains", words, "A text or several that stand in it."), .optional("reply_lacks", words, "A text or several that don't."),
        .optional("completed", .boolean, "Whether the conversation is completed."),
    ])

    /// Reads a document.
    /// - Throws: everything that is wrong with it by itself.
    init(_ document: Document) throws(FileFaults) {
        var faults = Self.schema.faults(of: document.json, at: .root)
        flow = document.json["flow"]?.string
        start = document.json["now"]?.timestamp ?? Self.usualStart
        conversations = Self.elements(document.json["conversations"], at: JSONPointer.root.appending("conversations")).map { json, place in
            SavedConversation(json, at: place, &faults)
        }
        guard faults.isEmpty else { throw document.faults(faults) }
    }

    fileprivate static func elements(_ json: JSONValue?, at place: JSONPointer) -> [(JSONValue, JSONPointer)] {
        (json?.array ?? []).enumerated().map { ($1, place.appending($0)) }
    }
}

extension SavedConversation {
    fileprivate init(_ json: JSONValue, at place: JSONPointer, _ faults: inout [InputFault]) {
        name = json["name"]?.string ?? ""
        agent = json["agent"]?.string
        userName = json["user_name"]?.string
        data = json["data"]?.object ?? [:]
        messages = SavedConversations.elements(json["messages"], at: place.appending("messages")).map { json, place in
            SavedMessage(json, at: place, &faults)
        }
        pointer = place
    }
}

extension SavedMessage {
    fileprivate init(_ json: JSONValue, at place: JSONPointer, _ faults: inout [InputFault]) {
        text = json["user"]?.string ?? ""
        type = json["type"]?.string ?? "text"
        metadata = json["metadata"]?.object ?? [:]
        pause = Self.pause(json["after"], at: place.appending("after"), &faults)
        expected = Expectation(json, at: place, &faults)
        pointer = place
    }

    private static func pause(_ json: JSONValue?, at place: JSONPointer, _ faults: inout [InputFault]) -> Int64? {
        guard let json else { return nil }
        if let text = json.string, let pause = Pause(text) { return pause.seconds }
        faults.append(InputFault(place, "Must be a time such as '30s', '10m', '2h', '1d' or '1h30m', not \(json.jsonText)."))
        return nil
    }
}

extension Expectation {
    fileprivate init(_ json: JSONValue, at place: JSONPointer, _ faults: inout [InputFault]) {
        stage = json["stage"]?.string
        stages = json["stages"]?.array?.compactMap(\.string)
        data = json["data"]?.object ?? [:]
        missing = json["missing"]?.array?.compactMap(\.string)
        reply = json["reply"]?.string
        replyContains = Self.texts(json["reply_contains"], at: place.appending("reply_contains"), &faults)
        replyLacks = Self.texts(json["reply_lacks"], at: place.appending("reply_lacks"), &faults)
        isCompleted = json["completed"]?.bool
    }

    private static func texts(_ json: JSONValue?, at place: JSONPointer, _ faults: inout [InputFault]) -> [String] {
        guard let json else { return [] }
        let texts = json.array ?? [json]
        for text in texts where text.string?.isEmpty != false {
            faults.append(InputFault(place, "Must be a text or a list of texts, not \(text.jsonText); put what is to be a text in quotes."))
        }
        return texts.compactMap(\.string)
    }
}
