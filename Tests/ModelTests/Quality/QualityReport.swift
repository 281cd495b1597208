import StageModel

/// What the three ways of choosing and reading are worth, as tables for docs/model-quality.md, and what each got wrong.
struct QualityReport {
    let selections: [Selection]
    let extractions: [Extraction]
    let calls: [Asking.Call]

    private static var readers: [(String, (Extraction) -> [String: JSONValue])] {
        [
            ("model alone, unchecked", \.byModelUnchecked), ("model alone", \.byModel), ("types and patterns alone", \.byPatterns),
            ("both, as the server does it", \.asServer),
        ]
    }
    private static var choosers: [(String, (Selection) -> String?)] {
        [("model alone", \.byModel), ("lexical match alone", \.byWords), ("both, as the server does it", \.asServer)]
    }

    var markdown: String {
        [
            selectionTable, extractionTable, fieldTable, costTable, selectionErrors.joined(separator: "\n"),
            extractionErrors.joined(separator: "\n"),
        ].joined(separator: "\n\n")
    }

    private var selectionTable: String {
        var table = Table(
            "Stage selection", "right", "of those that should leave", "of those that should stay", "leaves for another", "leaves, should stay",
            "stays, should leave", "no answer")
        for (name, choice) in Self.choosers {
            let leaving = selections.filter { $0.message.target != $0.message.stage }
            let staying = selections.filter { $0.message.target == $0.message.stage }
            func right(_ selections: [Selection]) -> Int { selections.count { choice($0) == $0.message.target } }
            table.add(
                name, right(selections).of(selections.count), right(leaving).of(leaving.count), right(staying).of(staying.count),
                "\(leaving.count { ![nil, $0.message.stage, $0.message.target].contains(choice($0)) })",
                "\(staying.count { ![nil, $0.message.stage].contains(choice($0)) })", "\(leaving.count { choice($0) == $0.message.stage })",
                "\(selections.count { choice($0) == nil })")
        }
        return table.markdown
    }

    private var extractionTable: String {
        var table = Table("Extraction", "messages exactly right", "of those with data", "of those without", "precision", "recall")
        for (name, read) in Self.readers {
            let marks = extractions.map { ($0.message, $0.message.mark(read($0))) }
            let (with, without) = (marks.filter { !$0.0.told.isEmpty }, marks.filter { $0.0.told.isEmpty })
            let right = marks.reduce(0) { $0 + $1.1.right.count }
            let (wrong, missed) = (marks.reduce(0) { $0 + $1.1.wrong.count }, marks.reduce(0) { $0 + $1.1.missed.count })
            table.add(
                name, marks.count(where: \.1.isExact).of(marks.count), with.count(where: \.1.isExact).of(with.count),
                without.count(where: \.1.isExact).of(without.count), right.percent(of: right + wrong), right.percent(of: right + missed))
        }
        return table.markdown
    }

    /// Right, wrong and missed by field.
    private var fieldTable: String {
        var table = Table("Field", "told", "model: precision", "recall", "patterns: precision", "recall", "both: precision", "recall")
        for name in Set(extractions.flatMap { $0.fields.map(\.name) }).sorted() {
            func rates(_ read: (Extraction) -> [String: JSONValue]) -> (String, String) {
                let marks = extractions.map { $0.message.mark(read($0)) }
                let right = marks.count { $0.right.contains(name) }
                return (
                    "\(right.percent(of: right + marks.count { $0.wrong.contains(name) }))",
                    right.percent(of: right + marks.count { $0.missed.contains(name) })
                )
            }
            let (model, patterns, both) = (rates(\.byModel), rates(\.byPatterns), rates(\.asServer))
            let told = extractions.count { $0.message.told[name] != nil }
            table.add(name, "\(told)", model.0, model.1, patterns.0, patterns.1, both.0, both.1)
        }
        return table.markdown
    }

    private var costTable: String {
        var table = Table("Question to the model", "calls", "asked by the server", "prompt tokens", "answer tokens", "seconds, mean", "slowest")
        for purpose in [ModelPrompt.Purpose.selection, .extraction] {
            let calls = calls.filter { $0.prompt.purpose == purpose }
            guard !calls.isEmpty else { continue }
            let answers = calls.compactMap { try? $0.answer.get() }
            func mean(_ tokens: (ModelAnswer) -> Int) -> String { answers.isEmpty ? "–" : "\(answers.reduce(0) { $0 + tokens($1) } / answers.count)" }
            let seconds = calls.map { $0.duration / .seconds(1) }
            let asked = purpose == .selection ? selections.count : extractions.count(where: \.asksModel)
            table.add(
                purpose.rawValue, "\(calls.count)", "\(asked)", mean(\.promptTokens), mean(\.completionTokens),
                Self.tenths(seconds.reduce(0, +) / Double(seconds.count)), Self.tenths(seconds.max() ?? 0))
        }
        return table.markdown
    }

    private static func tenths(_ seconds: Double) -> String { "\((seconds * 10).rounded() / 10)" }

    private var selectionErrors: [String] {
        selections.filter { $0.byModel != $0.message.target || $0.byWords != $0.message.target }.map {
            "- \($0.message.stage) > \($0.message.target): “\($0.message.text)” model: \($0.byModel ?? "nothing") (\($0.answer)), words: \($0.byWords)"
        }
    }

    private var extractionErrors: [String] {
        extractions.flatMap { extraction in
            Self.readers.dropFirst().compactMap { name, read in
                let mark = extraction.message.mark(read(extraction))
                guard !mark.isExact else { return nil }
                let values = read(extraction).sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.promptWords)" }.joined(separator: ", ")
                let faults = (mark.missed.map { "-\($0)" } + mark.wrong.map { "+\($0)" }).sorted().joined(separator: " ")
                return "- \(extraction.message.target): “\(extraction.message.text)” \(name): \(faults) {\(values)}"
            }
        }
    }
}

extension JSONValue {
    fileprivate var promptWords: String { string ?? "\(self)" }
}
