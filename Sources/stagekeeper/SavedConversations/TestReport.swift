import StageEngine
import StageModel

/// What is told of saved conversations that were held again.
struct TestReport {
    let document: Document
    let flow: Flow
    let style: TextStyle

    // MARK: - For people

    /// A conversation: a line, and below it what differs.
    func lines(of run: ConversationRun) -> [String] {
        let count = run.conversation.messages.count
        let differing = run.steps.filter { !$0.differences.isEmpty }
        guard !differing.isEmpty else {
            return ["\(style.good("✓")) \(run.conversation.name) \(style.faint("(\(count) \(count == 1 ? "message" : "messages"))"))"]
        }
        let title = "\(style.bad("✗")) \(style.strong(run.conversation.name)) (\(differing.count) of \(count) messages)"
        // What comes after the first is mostly its consequence.
        return [title] + differing.enumerated().flatMap { index, step in lines(of: step, isExplained: index == 0).map { "  \($0)" } }
    }

    private func lines(of step: ConversationRun.Step, isExplained: Bool) -> [String] {
        let title = "\(place(step.message.pointer)): \(style.strong(step.message.text.excerpt))"
        let differences = step.differences.flatMap { difference in
            ["  \(difference.what) at \(place(difference.pointer))"]
                + difference.expected.indented("    - ").map(style.bad) + difference.actual.indented("    + ").map(style.good)
        }
        guard let outcome = step.turn?.outcome else { return [title] + differences }
        var rest = ["  way    \(outcome.way(in: flow))"]
        if !step.differences.contains(where: { $0.what.hasPrefix("reply") }) { rest += (outcome.reply ?? "none").indented("  reply  ") }
        if isExplained { rest += ["  why"] + outcome.explanation(in: flow).map { "    \($0)" } }
        return [title] + differences + rest.map(style.faint)
    }

    private func place(_ pointer: JSONPointer) -> String { "\(document.path):\(document.line(of: pointer))" }

    /// How many conversations passed.
    func summary(_ runs: [ConversationRun]) -> String {
        let failed = runs.count { !$0.hasPassed }
        let count = "\(runs.count) \(runs.count == 1 ? "conversation" : "conversations")"
        return failed == 0 ? style.good("\(count), all as expected.") : style.bad("\(count), \(failed) not as expected.")
    }

    /// What no message has touched.
    func lines(of coverage: Coverage) -> [String] {
        let stages = coverage.untouchedStages(of: flow).map(\.name)
        let rules = coverage.untouchedRules(of: flow).map { $0.title(in: flow) }
        return share("stages", flow.stages.all.count, stages) + share("rules", flow.rules.all.count, rules)
    }

    private func share(_ what: String, _ all: Int, _ untouched: [String]) -> [String] {
        let touched = all - untouched.count
        let title = "\(what) touched: \(touched) of \(all), \(Coverage.percent(touched, of: all)) %"
        return [title] + untouched.map { style.faint("  not touched: \($0)") }
    }

    // MARK: - For programs

    func encode(_ runs: [ConversationRun], _ coverage: Coverage?, into json: inout JSONWriter) {
        json.field("file", document.path)
        json.field("passed", runs.count { $0.hasPassed })
        json.field("failed", runs.count { !$0.hasPassed })
        json.name("conversations")
        json.array { json in
            for run in runs {
                json.object { json in
                    json.field("name", run.conversation.name)
                    json.field("line", document.line(of: run.conversation.pointer))
                    json.field("passed", run.hasPassed)
                    json.name("messages")
                    json.array { json in for step in run.steps { encode(step, into: &json) } }
                }
            }
        }
        guard let coverage else { return }
        json.field("coverage") { json in
            json.field("percent", coverage.percent(of: flow))
            json.field("stages") { json in
                json.field("touched", coverage.stages.count)
                json.field("all", flow.stages.all.count)
                json.field("untouched", array: coverage.untouchedStages(of: flow).map(\.name))
            }
            json.field("rules") { json in
                json.field("touched", coverage.rules.count)
                json.field("all", flow.rules.all.count)
                json.field("untouched", array: coverage.untouchedRules(of: flow).map(\.id))
            }
        }
    }

    private func encode(_ step: ConversationRun.Step, into json: inout JSONWriter) {
        json.object { json in
            json.field("line", document.line(of: step.message.pointer))
            json.field("user", step.message.text)
            if let outcome = step.turn?.outcome {
                json.field("stage_id", outcome.state.stageID)
                json.field("stages", array: outcome.stages)
                json.field("data", outcome.state.data.merged)
                json.field("missing_fields", array: outcome.missing)
                json.field("reply", outcome.reply)
                json.field("completed", outcome.state.status == .completed)
            }
            json.name("differences")
            json.array { json in
                for difference in step.differences {
                    json.object { json in
                        json.field("line", document.line(of: difference.pointer))
                        json.field("what", difference.what)
                        json.field("expected", difference.expected)
                        json.field("actual", difference.actual)
                    }
                }
            }
            guard !step.differences.isEmpty, let outcome = step.turn?.outcome else { return }
            json.name("trace")
            json.array { json in for step in outcome.steps { step.encode(into: &json, flow.sensitive) } }
        }
    }
}

extension String {
    /// The text in quotes on one line, cut where it is long.
    var excerpt: String {
        let line = split(whereSeparator: \.isNewline).joined(separator: " ")
        return "\"\(line.count <= 80 ? line : line.prefix(79) + "…")\""
    }

    /// The lines of the text behind a mark, each as far to the right as the first.
    fileprivate func indented(_ mark: String) -> [String] {
        let lines = split(separator: "\n", omittingEmptySubsequences: false)
        return lines.enumerated().map { ($0 == 0 ? mark : String(repeating: " ", count: mark.count)) + $1 }
    }
}
