import ArgumentParser

/// The command line.
@main
struct Stagekeeper: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "stagekeeper",
        abstract: "The server that keeps the stages of conversations.",
        version: version,
        subcommands: [
            ServeCommand.self, MigrateCommand.self, BusinessCommand.self, KeyCommand.self, ExportCommand.self, ImportCommand.self,
            BackupCommand.self, CELCommand.self, VersionCommand.self,
        ])
}

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

    func run() { print(Stagekeeper.version) }
}
