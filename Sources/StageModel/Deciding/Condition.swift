public import CEL

/// What conditions are written in: the variables on offer, and the checks that a condition passes before it is saved.
public enum Condition {
    /// A variable that conditions may use. There are no others.
    public enum Variable: Int, CaseIterable, Sendable {
        case message, data, stage, conversation, agent, now

        public var name: String { String(describing: self) }

        /// What it is, in a sentence.
        public var summary: String {
            switch self {
            case .message: "The message that is being handled; not there when something else than a message is decided on."
            case .data: "What is known about the conversation; data.NAME is one datum."
            case .stage: "The stage that the conversation is at; visits counts the entries, this one included; seconds is the time since this one."
            case .conversation: "The conversation; turns counts the messages handled before this one."
            case .agent: "The agent that it is held with; both texts are empty without one."
            case .now: "The time of the decision."
            }
        }

        public var type: ValueType {
            switch self {
            case .message: .record(RecordType(name: "message", fields: fields))
            case .data: .map(.string, .dyn)
            case .stage: .record(RecordType(name: "stage", fields: fields))
            case .conversation: .record(RecordType(name: "conversation", fields: fields))
            case .agent: .record(RecordType(name: "agent", fields: fields))
            case .now: .timestamp
            }
        }

        /// The members that it has, with their types.
        public var fields: [String: ValueType] {
            switch self {
            case .message: ["text": .string, "type": .string, "metadata": .map(.string, .dyn), "received_at": .timestamp]
            case .stage: ["name": .string, "type": .string, "visits": .int, "seconds": .int]
            case .conversation: ["id": .string, "turns": .int, "created_at": .timestamp]
            case .agent: ["id": .string, "name": .string]
            case .data, .now: [:]
            }
        }

        /// The variable with its type, as error messages offer it: `agent {id: string, name: string}`.
        var offer: String {
            guard !fields.isEmpty else { return "\(name): \(type)" }
            return "\(name) {\(fields.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", "))}"
        }
    }

    static let environment = Environment(variables: Variable.allCases.map { VariableDeclaration($0.name, $0.type) })

    /// Compiles a condition.
    /// - Throws: everything that is wrong with it.
    public static func compile(_ text: String) throws(Diagnostics) -> Program { try environment.compile(text, expecting: .bool) }

    /// Everything that is wrong with a condition: each fault with its place, the line and a caret; the first with the variables on offer.
    public static func faults(of text: String, at place: JSONPointer) -> [InputFault] {
        environment.diagnose(text, expecting: .bool).enumerated().map { index, diagnostic in
            var message = diagnostic.description
            if !diagnostic.candidates.isEmpty, Set(diagnostic.candidates) != Set(Variable.allCases.map(\.name)) {
                message += "\nThere are: \(diagnostic.candidates.prefix(50).joined(separator: ", "))."
            }
            if index == 0 { message += "\nThe variables on offer: \(offer)." }
            return InputFault(place, message)
        }
    }

    private static let offer = Variable.allCases.map(\.offer).joined(separator: "; ")
}

extension Condition {
    /// The clauses of a condition as they are written, in the order in which a kept trace has their values; none when it can't be read.
    public static func clauseTexts(of text: String) -> [String] {
        do throws(Diagnostics) {
            let tree = try environment.parse(text)
            return tree.root.clauses.map { tree.source.text(of: $0.range) }
        } catch {
            return []
        }
    }
}
