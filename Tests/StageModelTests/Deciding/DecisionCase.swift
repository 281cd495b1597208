import StageModel
import Testing

/// A row of a table of decisions: rules and a state, and what is decided, with its trace, as text.
///
///     # What the row shows
///     1 greeting > order 5 model: data.n > 1       a rule: its id, from (* is any), to, priority, selection, condition
///     says 1 Sells things                          the description of a rule
///     at order                                     where the conversation is; greeting unless said
///     visits once 1, order 2                       how often stages were entered
///     data {"n": 2}  ·  stage-data {"n": 3}        both parts of the data
///     numbers 1000                                 data.numbers is a list of so many
///     agent ada  ·  turns 4
///     seconds 90.5                                 how long it has been at the stage; 60 unless said
///     text …  ·  type image  ·  metadata {…}       the message
///     silence                                      no message
///     choose 2 by model  ·  choose nothing by model  ·  choose by words
///     -> order by 1                                what is decided: also `stays`, `one of 1, 2`, `order by 1, model`
///     +1 won: data.n > 1 = true [data.n = 2]       a candidate: whether its condition holds, id, verdict, clauses with operands
///       data.m > 1 ! no such key: m ? data.m       further clauses: a value, or an error and what was missing
///         [data.m !]                               the rest of a long line
struct DecisionCase: Sendable, CustomTestStringConvertible {
    let title: String
    private(set) var rules: [Saved<TransitionRule>] = []
    private(set) var state: ConversationState
    private(set) var message: Message? = Message(text: "Hello", receivedAt: Sample.start)
    private(set) var now = Sample.start.adding(seconds: 60)
    private(set) var choice: (rule: TransitionRule.ID?, by: Decision.Choice)?
    private(set) var expected: [String] = []
    /// Lines that could not be read.
    private(set) var mistakes: [String] = []

    var testDescription: String { title }

    static func read(_ table: String) -> [DecisionCase] { table.split(separator: "\n\n").map { DecisionCase($0.split(separator: "\n")) } }

    private init(_ lines: [Substring]) {
        title = lines.first.map { $0.drop { "# ".contains($0) } }.map(String.init) ?? ""
        let id = ConversationID("c-1") ?? .simulated
        state = ConversationState(key: ConversationKey(business: Sample.business.id, conversation: id), at: Sample.start)
        state.stageID = DecisionFlow.greeting
        state.enteredAt = Sample.start
        // What is given stands before what is expected.
        let given = lines.dropFirst().prefix { !$0.hasPrefix("->") }
        for line in given where !take(line) { mistakes.append(String(line)) }
        message?.receivedAt = now
        for line in lines.dropFirst(1 + given.count) {
            if line.hasPrefix("  "), let last = expected.popLast() {
                let isBroken = line.hasPrefix("    ") || last.hasSuffix(":")
                expected.append("\(last)\(isBroken ? "" : " ;") \(line.drop { $0 == " " })")
            } else {
                expected.append(String(line))
            }
        }
    }

    /// Reads a line of what is given.
    private mutating func take(_ line: Substring) -> Bool {
        guard let word = line.split(separator: " ").first else { return false }
        if word.allSatisfy(\.isNumber) { return takeRule(line) }
        let rest = line.dropFirst(word.count + 1)
        switch word {
        case "says": return takeDescription(rest)
        case "at": state.stageID = rest == "nowhere" ? nil : DecisionFlow.id(rest)
        case "visits":
            for visit in rest.split(separator: ", ") {
                let parts = visit.split(separator: " ")
                guard parts.count == 2, let count = Int(parts[1]) else { return false }
                state.visits[DecisionFlow.id(parts[0])] = count
            }
        case "data": return takeData(rest, into: \.conversation)
        case "stage-data": return takeData(rest, into: \.stage)
        case "numbers": state.data.conversation["numbers"] = .array((0..<(Int64(rest) ?? 0)).map(JSONValue.integer))
        case "agent": state.agentID = DecisionFlow.agent(rest)
        case "turns": state.turns = Int64(rest) ?? -1
        case "seconds": now = Timestamp(microseconds: Sample.start.microseconds + Int64((Double(rest) ?? 0) * 1_000_000))
        case "text": message?.text = String(rest)
        case "type": message?.type = String(rest)
        case "metadata":
            guard let metadata = try? JSONValue(parsing: Array(rest.utf8)).object else { return false }
            message?.metadata = metadata
        case "silence": message = nil
        case "choose": return takeChoice(rest)
        default: return false
        }
        return true
    }

    private mutating func takeRule(_ line: Substring) -> Bool {
        guard let colon = line.firstRange(of: ": ") else { return false }
        let words = line[..<colon.lowerBound].split(separator: " ")
        guard words.count >= 4, let number = Int(words[0]), words[2] == ">" else { return false }
        var rule = TransitionRule(
            from: words[1] == "*" ? nil : DecisionFlow.id(words[1]), to: DecisionFlow.id(words[3]), condition: String(line[colon.upperBound...]))
        for option in words.dropFirst(4) {
            if let priority = Int64(option) { rule.priority = priority } else { rule.selection = .model }
            guard option == "model" || Int64(option) != nil else { return false }
        }
        rules.append(Sample.saved(Sample.id(number), rule))
        return true
    }

    private mutating func takeDescription(_ rest: Substring) -> Bool {
        let words = rest.split(separator: " ", maxSplits: 1)
        guard words.count == 2, let index = rules.firstIndex(where: { $0.id == Sample.id(Int(words[0]) ?? 0) }) else { return false }
        rules[index].body.description = String(words[1])
        return true
    }

    private mutating func takeData(_ text: Substring, into part: WritableKeyPath<ConversationData, [String: JSONValue]>) -> Bool {
        guard let data = try? JSONValue(parsing: Array(text.utf8)).object else { return false }
        state.data[keyPath: part] = data
        return true
    }

    private mutating func takeChoice(_ rest: Substring) -> Bool {
        let words = rest.split(separator: " ")
        if words == ["by", "words"] {
            choice = (nil, .lexical)
        } else if words.count == 3, words[2] == "model" {
            choice = (Int(words[0]).map { Sample.id($0) }, .model)
        } else {
            return false
        }
        return true
    }
}
