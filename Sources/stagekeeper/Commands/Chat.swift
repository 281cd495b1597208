import Foundation
import StageEngine
import StageModel

/// A talk with a flow, line by line. Time stands still but for a few seconds a message, so that what is saved goes the same way again.
struct Chat {
    /// Who talks, to what, and since when.
    struct Scene {
        let flow: Flow
        let model: (any LanguageModel)?
        let agent: Saved<Agent>?
        let userName: String?
        let start: Timestamp
    }

    /// Where the flow is from.
    enum Source {
        case file(String)
        case business(Business.ID)
        case demo
    }

    enum Answer {
        /// - notes: what is told besides the reply, line by line.
        case said(reply: String?, notes: [String])
        case failed(String)
        case quit
    }

    let scene: Scene
    let source: Source
    private var rehearsal: Rehearsal
    /// What it was before each message, with the moment.
    private var before: [(rehearsal: Rehearsal, now: Timestamp)] = []
    private var now: Timestamp

    init(scene: Scene, source: Source) {
        self.scene = scene
        self.source = source
        rehearsal = Rehearsal(flow: scene.flow, model: scene.model, agent: scene.agent?.id, at: scene.start)
        now = scene.start
    }

    /// Does what a line says: a message, or a command behind a slash. Two slashes begin a message with one.
    mutating func answer(to line: String) async -> Answer {
        guard line.hasPrefix("/"), !line.hasPrefix("//") else { return await send(line.hasPrefix("//") ? String(line.dropFirst()) : line) }
        let words = line.dropFirst().split(maxSplits: 1, whereSeparator: \.isWhitespace).map { String($0).trimmed }
        let (name, argument) = (words.first ?? "", words.dropFirst().first)
        guard let command = ChatCommandName(rawValue: name) else {
            return .failed("There is no command '/\(name)'; /help lists those that there are.")
        }
        switch (command, argument) {
        case (.why, nil): return why
        case (.data, nil): return .said(reply: nil, notes: data)
        case (.wait, let time?): return wait(time)
        case (.back, nil): return goBack()
        case (.restart, nil):
            self = Chat(scene: scene, source: source)
            return .said(reply: nil, notes: ["a new conversation"])
        case (.save, let path?): return save(path)
        case (.help, nil): return .said(reply: nil, notes: ChatCommandName.allCases.map(\.help))
        case (.quit, nil): return .quit
        case (.wait, nil), (.save, nil), (.why, _), (.data, _), (.back, _), (.restart, _), (.help, _), (.quit, _):
            return .failed("That is written so: \(command.help)")
        }
    }

    // MARK: - Messages

    private mutating func send(_ text: String) async -> Answer {
        guard text.utf8.count <= InboundMessage.maximumBytes else {
            return .failed("A message is at most \(InboundMessage.maximumBytes >> 10) KiB long.")
        }
        let past = (rehearsal, now)
        if !rehearsal.turns.isEmpty { now = now.adding(seconds: SavedMessage.usualPause) }
        let message = InboundMessage(
            id: "message-\(rehearsal.turns.count + 1)", message: Message(text: text, receivedAt: now), userName: scene.userName)
        do throws(EngineError) {
            let turn = try await rehearsal.send(message, at: now)
            before.append(past)
            return .said(reply: turn.outcome.reply, notes: [summary(of: turn)])
        } catch {
            now = past.1
            return .failed(error.message)
        }
    }

    /// Where it is now, what was learned, and what is missing.
    private func summary(of turn: Rehearsal.Turn) -> String {
        let outcome = turn.outcome
        let learned = outcome.learned.sorted { $0.key < $1.key }.map { "\($0) = \($1.value.jsonText)" }
        var parts = [outcome.way(in: scene.flow)]
        if !learned.isEmpty { parts.append("learned \(learned.joined(separator: ", "))") }
        if !outcome.missing.isEmpty { parts.append("missing \(outcome.missing.joined(separator: ", "))") }
        if outcome.state.status == .completed { parts.append("completed") }
        return "[\(parts.joined(separator: " · "))]"
    }

    // MARK: - Commands

    private var why: Answer {
        guard let turn = rehearsal.turns.last else { return .failed("Nothing was decided yet; write a message first.") }
        return .said(reply: nil, notes: turn.outcome.explanation(in: scene.flow))
    }

    private var data: [String] {
        let known = rehearsal.state.data.merged.sorted { $0.key < $1.key }.map { "\($0) = \($1.jsonText)" }
        return known.isEmpty ? ["nothing is known yet"] : known
    }

    private mutating func wait(_ text: String) -> Answer {
        guard let pause = Pause(text) else { return .failed("That is no time: write 30s, 10m, 2h or 1d.") }
        now = now.adding(seconds: pause.seconds)
        return .said(reply: nil, notes: ["\(pause.text) later"])
    }

    private mutating func goBack() -> Answer {
        guard let last = before.popLast() else { return .failed("There is no message to take back.") }
        (rehearsal, now) = last
        let place = rehearsal.turns.last.map { summary(of: $0) } ?? "[at the start]"
        return .said(reply: nil, notes: ["taken back; again at", place])
    }

    private func save(_ path: String) -> Answer {
        guard !rehearsal.turns.isEmpty else { return .failed("There is nothing to save yet; write a message first.") }
        do {
            let text = SavedChat(scene: scene, turns: rehearsal.turns).yaml(flow: source.reference(from: path))
            try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            return .failed("The file '\(path)' can't be written: \(error.localizedDescription)")
        }
        return .said(reply: nil, notes: ["saved; run it with: stagekeeper test \(path)\(source.option)"])
    }
}

/// What can be done in a chat besides writing messages.
enum ChatCommandName: String, CaseIterable {
    case why, data, back, wait, restart, save, help, quit

    var help: String {
        switch self {
        case .why: "/why        why the last message led where it did: the rules and what their clauses came to"
        case .data: "/data       what is known"
        case .back: "/back       take the last message back"
        case .wait: "/wait TIME  let time pass before the next message: 30s, 10m, 2h, 1d"
        case .restart: "/restart    begin anew"
        case .save: "/save FILE  save the conversation for 'stagekeeper test'"
        case .help: "/help       this"
        case .quit: "/quit       end"
        }
    }
}

extension Chat.Source {
    /// What a saved conversation calls the flow; nil: it is named on the command line.
    fileprivate func reference(from path: String) -> String? {
        switch self {
        case .demo: return SavedConversations.demoFlow
        case .business: return nil
        case .file(let flow):
            let target = URL(fileURLWithPath: flow).standardizedFileURL.pathComponents
            let folder = URL(fileURLWithPath: path).standardizedFileURL.deletingLastPathComponent().pathComponents
            let shared = zip(target, folder).prefix { $0 == $1 }.count
            return (Array(repeating: "..", count: folder.count - shared) + target.dropFirst(shared)).joined(separator: "/")
        }
    }

    /// What the command line needs besides the saved file.
    fileprivate var option: String {
        switch self {
        case .demo, .file: ""
        case .business(let id): " --business \(id)"
        }
    }
}
