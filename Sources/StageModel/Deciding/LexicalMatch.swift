import Foundation

/// Chooses among eligible rules by words: what the language model is asked, answered without one.
///
/// BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009; k1 = 1.2, b = 0.75) of the message over the names and
/// descriptions of the targets and of the rules. Staying competes with the words of the current stage. A word that stands in more than half of
/// all stages says nothing.
struct LexicalMatch: Sendable {
    private static let saturation = 1.2
    private static let lengthWeight = 0.75

    private let frequencies: [String: Int]
    private let stageCount: Int
    private let averageLength: Double

    init(_ flow: Flow) {
        let documents = flow.stages.all.map { Self.words("\($0.name) \($0.description)") }
        var frequencies: [String: Int] = [:]
        for document in documents { for word in Set(document) { frequencies[word, default: 0] += 1 } }
        self.frequencies = frequencies
        stageCount = documents.count
        averageLength = documents.isEmpty ? 1 : max(1, Double(documents.reduce(0) { $0 + $1.count }) / Double(documents.count))
    }

    /// The rule whose target's words match a message best; nil: stay.
    /// - Parameter rules: the eligible rules, in the order in which they are tried; of equal matches the first is taken.
    func best(of rules: [Saved<TransitionRule>], at stage: Saved<Stage>?, for message: Message?, in flow: Flow) -> TransitionRule.ID? {
        guard let message else { return nil }
        let query = Set(Self.words(message.text))
        var best: (rule: TransitionRule.ID?, score: Double) = (nil, stage.map { score(query, Self.text(of: $0)) } ?? 0)
        for rule in rules {
            guard let target = flow.stages[rule.toStageID] else { continue }
            let score = score(query, "\(Self.text(of: target)) \(rule.description)")
            if score > best.score { best = (rule.id, score) }
        }
        return best.rule
    }

    private func score(_ query: Set<String>, _ text: String) -> Double {
        let document = Self.words(text)
        let lengthFactor = 1 - Self.lengthWeight + Self.lengthWeight * Double(document.count) / averageLength
        // In the order of the text: sums of doubles depend on theirs.
        var counts: [String: Int] = [:]
        for word in document { counts[word, default: 0] += 1 }
        return counts.keys.filter(query.contains).sorted().reduce(0) { sum, word in
            let stages = frequencies[word] ?? 0
            guard stageCount < 3 || stages * 2 <= stageCount else { return sum }
            let rarity = log(1 + (Double(stageCount - stages) + 0.5) / (Double(stages) + 0.5))
            let count = Double(counts[word] ?? 0)
            return sum + rarity * count * (Self.saturation + 1) / (count + Self.saturation * lengthFactor)
        }
    }

    private static func text(of stage: Saved<Stage>) -> String { "\(stage.name) \(stage.description)" }

    /// The words of a text in lower case, without those of one letter.
    private static func words(_ text: String) -> [String] {
        text.lowercased().split { !$0.isLetter && !$0.isNumber }.filter { $0.count > 1 }.map(String.init)
    }
}

extension Flow {
    /// A decision with the choice among eligible rules made by words, where one is to be made.
    public func choosingByWords(_ decision: Decision, _ state: ConversationState, on event: ConversationEvent) -> Decision {
        guard case .choose(let eligible) = decision.outcome else { return decision }
        let match = compiledStages.lexicalMatch(in: self)
        let best = match.best(of: eligible.compactMap { rules[$0] }, at: state.stageID.flatMap { stages[$0] }, for: event.message, in: self)
        return decision.choosing(best, by: .lexical)
    }
}
