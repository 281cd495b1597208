import Foundation

/// Chooses among eligible rules by words: what the language model is asked, answered without one.
///
/// BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009; k1 = 1.2, b = 0.75) of the message over the names and
/// descriptions of the targets and of the rules. Words that any message may have count for nothing, and of the others their stems count, the more
/// the fewer texts of the flow have them. Staying competes with the words of the current stage: a target must be better by a margin.
///
/// Made once per flow: its texts are not looked at again.
struct LexicalMatch: Sendable {
    private static let saturation = 1.2
    private static let lengthWeight = 0.75
    /// How much better than staying a target must be, as a part of what a word counts that stands in one text alone.
    private static let margin = 0.25

    private let terms: [String: Int]
    /// What a term counts, by its number.
    private let rarities: [Double]
    private let stages: [Stage.ID: Words]
    private let rules: [TransitionRule.ID: Words]
    /// Of what a target is told by: a stage's text with that of a rule.
    private let averageLength: Double
    private let leastLead: Double

    init(_ flow: Flow) {
        var terms: [String: Int] = [:]
        var counts: [Int] = []
        func read(_ text: String) -> Words {
            let words = text.stems.map { stem in
                let term = terms[stem] ?? terms.count
                if term == terms.count {
                    terms[stem] = term
                    counts.append(0)
                }
                return term
            }
            for term in Set(words) { counts[term] += 1 }
            return Words(words)
        }
        stages = Dictionary(flow.stages.all.map { ($0.id, read("\($0.name) \($0.description)")) }) { first, _ in first }
        rules = Dictionary(flow.rules.all.map { ($0.id, read($0.description)) }) { first, _ in first }
        self.terms = terms

        func average(_ texts: some Collection<Words>) -> Double {
            Double(texts.reduce(0) { $0 + $1.count }) / Double(max(1, texts.count))
        }
        averageLength = max(1, average(stages.values) + average(rules.values))
        let texts = stages.values.count { $0.count > 0 } + rules.values.count { $0.count > 0 }
        func rarity(_ count: Int) -> Double { log(1 + (Double(texts - count) + 0.5) / (Double(count) + 0.5)) }
        rarities = counts.map(rarity)
        leastLead = Self.margin * rarity(1)
    }

    /// The rule whose target's words match a message best; nil: stay.
    /// - Parameter rules: the eligible rules, in the order in which they are tried; of equal matches the first is taken.
    func best(of rules: [Saved<TransitionRule>], at stage: Stage.ID?, for message: Message?) -> TransitionRule.ID? {
        guard let message else { return nil }
        // In one order: sums of doubles depend on theirs.
        let query = Set(message.text.stems.compactMap { terms[$0] }).sorted()
        guard !query.isEmpty else { return nil }
        var best: (rule: TransitionRule.ID?, score: Double) = (nil, leastLead + (stage.map { score(query, $0, nil) } ?? 0))
        for rule in rules {
            let score = score(query, rule.toStageID, rule.id)
            if score > best.score { best = (rule.id, score) }
        }
        return best.rule
    }

    private func score(_ query: [Int], _ stage: Stage.ID, _ rule: TransitionRule.ID?) -> Double {
        let texts = [stages[stage], rule.flatMap { rules[$0] }].compactMap(\.self)
        let length = texts.reduce(0) { $0 + $1.count }
        let lengthFactor = 1 - Self.lengthWeight + Self.lengthWeight * Double(length) / averageLength
        return query.reduce(0) { sum, term in
            let count = Double(texts.reduce(0) { $0 + $1.count(of: term) })
            return count == 0 ? sum : sum + rarities[term] * count * (Self.saturation + 1) / (count + Self.saturation * lengthFactor)
        }
    }

    /// The terms of a text.
    private struct Words: Sendable {
        /// Ascending, each as often as the text has it.
        private let terms: [Int]

        init(_ terms: [Int]) { self.terms = terms.sorted() }

        var count: Int { terms.count }

        func count(of term: Int) -> Int {
            var (low, high) = (0, terms.count)
            while low < high {
                let middle = (low + high) / 2
                if terms[middle] < term { low = middle + 1 } else { high = middle }
            }
            return terms[low...].prefix { $0 == term }.count
        }
    }
}

extension Flow {
    /// A decision with the choice among eligible rules made by words, where one is to be made.
    public func choosingByWords(_ decision: Decision, _ state: ConversationState, on event: ConversationEvent) -> Decision {
        guard case .choose(let eligible) = decision.outcome else { return decision }
        let match = compiledStages.lexicalMatch(in: self)
        return decision.choosing(match.best(of: eligible.compactMap { rules[$0] }, at: state.stageID, for: event.message), by: .lexical)
    }
}
