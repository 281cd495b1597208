import ArgumentParser
import Foundation

/// The command line.
@main
struct Stagekeeper: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "stagekeeper",
        abstract: "The server that keeps the stages of conversations.",
        version: version,
        subcommands: [
            ServeCommand.self, MigrateCommand.self, BusinessCommand.self, KeyCommand.self, ExportCommand.self, ImportCommand.self, CheckCommand.self,
            TestCommand.self, ChatCommand.self, BackupCommand.self, DoctorCommand.self, CELCommand.self, VersionCommand.self,
        ])

    /// Runs the command. Exit status: 0, 1 (it was refused or failed), or 2 (wrong use).
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            let code = exitCode(for: error)
            let output = code == .success ? FileHandle.standardOutput : .standardError
            let message = fullMessage(for: error)
            if !message.isEmpty { output.write(Data((message + "\n").utf8)) }
            Foundation.exit(code == .success ? 0 : code == .validationFailure ? 2 : 1)
        }
    }
}

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

    func run() { print(Stagekeeper.version) }
}
