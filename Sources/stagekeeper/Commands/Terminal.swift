import ArgumentParser
import Foundation
import Logging
import StageEngine
import StageModel
import StageStoreSQL
import Synchronization

/// How a command answers.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Answer in JSON.")
    var json = false

    /// Prints the answer for people, or the same as the members of a JSON object.
    func print(_ text: String, json body: (inout JSONWriter) -> Void) {
        guard json else { return Swift.print(text) }
        var writer = JSONWriter(indented: true)
        writer.object(body)
        Swift.print(String(decoding: writer.bytes, as: UTF8.self))
    }
}

/// The id of a business on the command line.
struct BusinessArgument: ExpressibleByArgument {
    let id: Business.ID

    init?(argument: String) {
        guard let id = Business.ID(argument) else { return nil }
        self.id = id
    }
}

extension SettingsOptions {
    /// Opens the database, does something, and closes it. Errors of the engine end the command with their message and status 1.
    func withDeployment(_ body: (Deployment) async throws -> Void) async throws {
        let settings = try await settings()
        let deployment = try await Deployment.open(settings, logger: .standardError(settings.logLevel))
        do {
            try await body(deployment)
        } catch let error as EngineError {
            try await deployment.close()
            throw CommandFailure(error)
        }
        try await deployment.close()
    }
}

extension Deployment {
    /// The person at the command line, on behalf of a business.
    /// - Throws: when there is no such business.
    func caller(_ business: Business.ID) async throws -> Caller {
        _ = try await businesses.business(business)
        return Caller(business: business, actor: "cli", now: time.now())
    }
}

enum Terminal {
    static var isInteractive: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

    /// Asks a question that only `yes` answers in the affirmative; without a terminal the answer is no.
    static func confirms(_ question: String) -> Bool {
        guard isInteractive else { return false }
        FileHandle.standardError.write(Data("\(question) Type yes: ".utf8))
        return readLine() == "yes"
    }
}

extension Logger {
    /// Writes to standard error.
    static func standardError(_ level: Logger.Level) -> Logger {
        var logger = Logger(label: "stagekeeper") { StreamLogHandler(label: $0, stream: OneLineOutput()) }
        logger.logLevel = level
        return logger
    }
}

/// How far something has come: a bar on a terminal, else a line for every tenth. Silent for what takes less than a second.
final class Progress: Sendable {
    private let title: String
    private let started = ContinuousClock.now
    private let shown = Mutex(-1)

    init(title: String) { self.title = title }

    /// - Parameter share: what is done, from 0 to 1.
    func show(_ share: Double) {
        guard ContinuousClock.now - started > .seconds(1) else { return }
        let percent = Int(share * 100)
        let isTerminal = isatty(STDERR_FILENO) == 1
        let step = isTerminal ? percent : percent / 10 * 10
        let isNew = shown.withLock { shown in
            defer { shown = step }
            return step != shown
        }
        guard isNew else { return }
        let bar = String(repeating: "█", count: percent / 4) + String(repeating: "░", count: 25 - percent / 4)
        FileHandle.standardError.write(Data((isTerminal ? "\r\(title) \(bar) \(percent) %" : "\(title): \(step) %\n").utf8))
    }

    /// - Parameter count: how many are done, of a number that is not known.
    func count(_ count: Int) {
        guard ContinuousClock.now - started > .seconds(1) else { return }
        let isTerminal = isatty(STDERR_FILENO) == 1
        let step = isTerminal ? count : count / 10_000 * 10_000
        let isNew = shown.withLock { shown in
            defer { shown = step }
            return step != shown
        }
        if isNew { FileHandle.standardError.write(Data((isTerminal ? "\r\(title) \(count)" : "\(title): \(step)\n").utf8)) }
    }

    func finish() {
        if isatty(STDERR_FILENO) == 1, shown.withLock({ $0 >= 0 }) { FileHandle.standardError.write(Data("\n".utf8)) }
    }
}
