import Foundation
@testable import StageModel

/// A message as a customer writes it, with where it leads and what it tells by the judgement of a person.
struct LabelledMessage: Sendable {
    /// What counts as the right value of a field.
    enum Label: Sendable {
        /// One of these values; of texts, letter case, punctuation and articles do not count.
        case one(of: [JSONValue])
        /// A text that has these words in it.
        case holding(String)
    }

    /// The stage that the conversation is at.
    let stage: String
    let known: [String: JSONValue]
    /// The reply before, and the field that it asked for.
    let said: String?
    let asked: String?
    let text: String
    /// The stage that the message leads to; the same: it stays.
    let target: String
    /// The data of that stage that the message tells, and those about which people could differ.
    let told: [String: Label]
    let arguable: [String: Label]

    /// A Wednesday: what "tomorrow" is relative to.
    static let moment = Timestamp(microseconds: 1_772_618_400_000_000)

    static func all() throws -> [LabelledMessage] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "messages.json")
        return try (JSONValue(parsing: Data(contentsOf: file)).array ?? []).map(Self.init)
    }

    private init(json: JSONValue) throws {
        struct Missing: Error { let member: String }
        func text(_ member: String) throws -> String {
            guard let text = json[member]?.string else { throw Missing(member: member) }
            return text
        }
        func labels(_ member: String) -> [String: Label] { (json[member]?.object ?? [:]).mapValues(Label.init) }
        stage = try text("at")
        known = json["known"]?.object ?? [:]
        said = json["said"]?.string
        asked = json["asked"]?.string
        self.text = try text("says")
        target = try text("selects")
        told = labels("tells")
        arguable = labels("may")
    }

    /// The message, in a conversation that is so far.
    func request(in flow: Flow, at stage: Saved<Stage>, hasModel: Bool) -> TurnRequest {
        var state = ConversationState(key: ConversationKey(business: flow.business.id, conversation: .simulated), at: Self.moment)
        state.stageID = stage.id
        state.agentID = stage.agentID
        state.visits = [stage.id: 1]
        state.enteredAt = Self.moment
        state.data.conversation = known
        // A question is answered at the stage that asked it.
        state.askedField = stage.name == self.stage ? asked : nil
        let message = InboundMessage(id: "message", message: Message(text: text, receivedAt: Self.moment))
        return TurnRequest(
            flow: flow, state: state, messages: [message], history: said.map { [.init(.assistant, $0)] } ?? [], hasModel: hasModel,
            actor: "test", now: Self.moment)
    }

    /// What a reading of the message is worth.
    func mark(_ read: [String: JSONValue]) -> Mark {
        var mark = Mark()
        for (name, label) in told {
            if let value = read[name], label.accepts(value) { mark.right.append(name) } else { mark.missed.append(name) }
        }
        for (name, value) in read where !mark.right.contains(name) {
            // Saying again what is known does no harm.
            guard known[name] != value || told[name] != nil, arguable[name]?.accepts(value) != true else { continue }
            mark.wrong.append(name)
        }
        return mark
    }

    /// The fields that were read as they should, those that were not, and those that were read though the message does not say so.
    struct Mark {
        var right: [String] = []
        var missed: [String] = []
        var wrong: [String] = []

        var isExact: Bool { missed.isEmpty && wrong.isEmpty }
    }
}

extension LabelledMessage.Label {
    fileprivate init(_ json: JSONValue) {
        if let words = json.object?["holds"]?.string { self = .holding(words) } else { self = .one(of: json.array ?? [json]) }
    }

    func accepts(_ value: JSONValue) -> Bool {
        switch self {
        case .one(let values): values.contains { $0 == value || ($0.string.map(Self.bare) == value.string.map(Self.bare) && $0.string != nil) }
        case .holding(let words): value.string.map { " \(Self.bare($0)) ".contains(" \(Self.bare(words)) ") } ?? false
        }
    }

    private static func bare(_ text: String) -> String {
        let articles: Set = ["a", "an", "the", "these", "my"]
        return text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init).drop(while: articles.contains).joined(separator: " ")
    }
}
