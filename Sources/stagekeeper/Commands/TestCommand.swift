import ArgumentParser
import Foundation
import StageEngine
import StageModel

struct TestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Hold saved conversations again, and tell what comes otherwise than expected.",
        discussion: """
            Reads a file in YAML or JSON, of which this is one:

              format: stagekeeper-test/1
              flow: order-support.json    # relative to this file; or: demo
              conversations:
                - name: An order is found
                  agent: Mara             # by name or id
                  user_name: Ada
                  data: { topic: order_status }   # known beforehand
                  messages:
                    - user: Where is LL-20417?
                      after: 10m          # since the message before; else 10s
                      stage: Identify the order       # by name or id
                      stages: [Welcome, Identify the order]
                      data: { order_id: LL-20417, email: null }
                      missing: [email]
                      reply_contains: which e-mail address
                      reply_lacks: [error]
                      completed: false

            Whatever is expected may be left out; null in data means that it must not be there, and 'reply' stands for all of the reply.

            It needs no server, and without --business no database. Exits with 1 when something comes \
            otherwise than expected or too little is touched, and with 2 when a file can't be used.
            """)

    @OptionGroup var options: SettingsOptions
    @OptionGroup var rehearsal: RehearsalOptions
    @OptionGroup var output: OutputOptions

    @Option(help: ArgumentHelp("Hold only the conversations whose name has this in it, in any case.", valueName: "name"))
    var filter: String?

    @Option(help: ArgumentHelp("The least percentage of stages and rules that must be touched.", valueName: "percent"))
    var coverage: Int?

    @Argument(help: "The file with the conversations.")
    var file: String

    func validate() throws {
        if let coverage, !(0...100).contains(coverage) { throw ValidationError("--coverage takes a percentage from 0 to 100, not \(coverage).") }
        if coverage != nil, filter != nil { throw ValidationError("--coverage is about all conversations; leave out --filter.") }
    }

    func run() async throws {
        do {
            let document = try Document(path: file)
            let saved = try SavedConversations(document)
            var isGood = false
            try await rehearsal.withFlow(options, else: { try flow(of: saved) }) { flow, model in
                let faults = saved.faults(in: flow)
                guard faults.isEmpty else { throw document.faults(faults) }
                let report = TestReport(document: document, flow: flow, style: .standardOutput)
                isGood = await hold(try chosen(of: saved), report, model, from: saved.start)
            }
            if !isGood { throw ExitCode.failure }
        } catch let faults as FileFaults {
            try refuse(faults.lines.joined(separator: "\n"))
        } catch let failure as CommandFailure {
            try refuse(failure.description)
        }
    }

    /// Ends as with wrong use, so that it can be told from a difference.
    private func refuse(_ reason: String) throws {
        FileHandle.standardError.write(Data("\(reason)\n".utf8))
        throw ExitCode.validationFailure
    }

    /// The flow that the file names.
    private func flow(of saved: SavedConversations) throws -> Flow {
        guard let name = saved.flow else {
            throw CommandFailure("'\(file)' names no flow. Write 'flow: FILE' into it, or give --flow or --business.")
        }
        if name == SavedConversations.demoFlow { return try FlowFile.demo().flow() }
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent()
        return try FlowFile(path: URL(fileURLWithPath: name, relativeTo: folder).path).flow()
    }

    private func chosen(of saved: SavedConversations) throws -> [SavedConversation] {
        guard let filter else { return saved.conversations }
        let chosen = saved.conversations.filter { $0.name.lowercased().contains(filter.lowercased()) }
        guard !chosen.isEmpty else { throw CommandFailure("No conversation of '\(file)' has '\(filter)' in its name.") }
        return chosen
    }

    /// Holds the conversations, and tells of each when it ends.
    /// - Returns: whether everything is as it should be.
    private func hold(
        _ conversations: [SavedConversation], _ report: TestReport, _ model: (any LanguageModel)?, from start: Timestamp
    ) async -> Bool {
        func tell(_ lines: [String]) { if !output.json { print(lines.joined(separator: "\n")) } }
        var runs: [ConversationRun] = []
        var touched = Coverage()
        for conversation in conversations {
            let run = await ConversationRun(conversation, in: report.flow, model: model, from: start)
            tell(report.lines(of: run))
            touched.add(run)
            runs.append(run)
        }
        let told = filter == nil ? touched : nil
        tell(["", report.summary(runs)] + (told.map(report.lines) ?? []))
        if output.json { output.print("") { json in report.encode(runs, told, into: &json) } }
        let percent = touched.percent(of: report.flow)
        let isEnough = coverage.map { $0 <= percent } ?? true
        if !isEnough { tell(["Together \(percent) % are touched; --coverage wants \(coverage ?? 0) %."]) }
        return isEnough && runs.allSatisfy(\.hasPassed)
    }
}
