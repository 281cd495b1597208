import ArgumentParser
import Foundation
import StageModel
import StageStore
import StageStoreSQL

struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "migrate", abstract: "Bring the schema of the database up to date.")

    @OptionGroup var options: SettingsOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let settings = try await options.settings()
        let deployment = try await Deployment.open(settings, migrating: true, logger: .standardError(settings.logLevel))
        try await deployment.close()
        output.print("The schema of '\(settings.database)' is number \(SQLStageStore.schemaNumber), the newest.") {
            $0.field("schema", SQLStageStore.schemaNumber)
        }
    }
}

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copy the database as it is now, while it is in use.",
        discussion: "The encryption keys are not in the copy: keep the file PATH.keys, or STAGEKEEPER_ENCRYPTION_KEYS, apart from it.")

    @OptionGroup var options: SettingsOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The file to write; it must not exist.")
    var target: String

    func run() async throws {
        let settings = try await options.settings()
        guard case .sqlite(let path) = settings.database else {
            throw CommandFailure("This command copies SQLite files; make a backup of a PostgreSQL database with its own pg_dump.")
        }
        guard !FileManager.default.fileExists(atPath: target) else {
            throw CommandFailure("The file '\(target)' exists; name a new one, or remove it first.")
        }
        let progress = Progress(title: "Copying")
        do throws(StoreError) {
            try await SQLStageStore.backUp(sqlite: path, to: target) { progress.show($0) }
        } catch {
            throw CommandFailure("The backup failed: \(error.reason)")
        }
        progress.finish()
        output.print("Wrote \(target).") { $0.field("file", target) }
    }
}
