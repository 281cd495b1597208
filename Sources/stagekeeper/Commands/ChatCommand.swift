import ArgumentParser
import Foundation
import StageEngine
import StageModel

struct ChatCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chat", abstract: "Talk to a flow in the terminal.",
        discussion: "Reads messages line by line from standard input and answers each; nothing is kept. Without --flow and --business it is the "
            + "demo flow, which is compiled in. Type /help for what else can be done. Exits with 1 when a line from a pipe can't be done.")

    @OptionGroup var options: SettingsOptions
    @OptionGroup var rehearsal: RehearsalOptions

    @Option(help: ArgumentHelp("The agent to talk to, by name or id.", valueName: "name"))
    var agent: String?

    @Option(help: ArgumentHelp("What the end user is called.", valueName: "name"))
    var userName: String?

    func run() async throws {
        try await rehearsal.withFlow(options, else: { try FlowFile.demo().flow() }) { flow, model in
            var chat = try chat(flow, model)
            try await talk(&chat)
        }
    }

    private func chat(_ flow: Flow, _ model: (any LanguageModel)?) throws -> Chat {
        let agents = agent.map(flow.agents) ?? []
        if let agent, agents.count != 1 {
            let names = flow.agents.all.map(\.name).joined(separator: ", ")
            throw ValidationError("--agent must name one of the flow's agents (\(names)), not '\(agent)'.")
        }
        // Whole seconds, as a saved conversation has them.
        let now = TimeSource.system.now()
        return Chat(
            scene: Chat.Scene(
                flow: flow, model: model, agent: agents.first, userName: userName,
                start: Timestamp(microseconds: now.microseconds / 1_000_000 * 1_000_000)),
            source: rehearsal.flow.map(Chat.Source.file) ?? rehearsal.business.map { .business($0.id) } ?? .demo)
    }

    /// Answers line by line until there are no more.
    private func talk(_ chat: inout Chat) async throws {
        let isInteractive = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
        let style = isInteractive ? TextStyle.standardOutput : .plain
        if isInteractive { show(style.faint("You talk to \(chat.scene.flow.business.name). /help tells what else can be done, /quit ends.")) }
        while true {
            if isInteractive { write(style.strong("> "), to: .standardOutput) }
            guard let line = readLine() else { break }
            if line.allSatisfy(\.isWhitespace) { continue }
            switch await chat.answer(to: line) {
            case .quit: return
            case .said(let reply, let notes):
                if let reply { show(reply) }
                for note in notes { show(style.faint("  \(note)")) }
            case .failed(let reason):
                guard isInteractive else { throw CommandFailure(reason) }
                show(style.bad(reason))
            }
        }
        if isInteractive { show("") }
    }

    private func show(_ text: String) { write(text + "\n", to: .standardOutput) }

    /// At once, for whoever reads line by line.
    private func write(_ text: String, to file: FileHandle) { file.write(Data(text.utf8)) }
}
