import ArgumentParser
import Foundation
import StageEngine
import StageModel

struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write a business's whole flow as one readable JSON file.")

    @OptionGroup var options: SettingsOptions

    @Argument(help: "The id of the business.")
    var business: BusinessArgument

    @Option(name: .shortAndLong, help: "The file to write; left out: standard output.")
    var output: String?

    func run() async throws {
        try await options.withDeployment { deployment in
            let file = FlowFile(try await deployment.configuration.flow(of: business.id))
            var json = JSONWriter(indented: true)
            json.value(file)
            let data = Data(json.bytes + [UInt8(ascii: "\n")])
            guard let output else { return FileHandle.standardOutput.write(data) }
            do { try data.write(to: URL(fileURLWithPath: output), options: .atomic) } catch {
                throw CommandFailure("The file '\(output)' can't be written: \(error.localizedDescription)")
            }
            print(
                "Wrote \(file.stages.count) stages, \(file.rules.count) transition rules, \(file.templates.count) templates and "
                    + "\(file.agents.count) agents to \(output).")
        }
    }
}

struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Bring a business's flow to what a file says, all or nothing.",
        discussion: "Exits with 1 when the file is refused. With --dry-run nothing is changed.")

    @OptionGroup var options: SettingsOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The id of the business.")
    var business: BusinessArgument

    @Argument(help: "The file to read, as 'stagekeeper export' writes it.")
    var file: String

    @Flag(help: "Only say what would change.")
    var dryRun = false

    @Flag(help: "Delete what the file does not have.")
    var prune = false

    func run() async throws {
        let flow = try FlowFile(path: file)
        try await options.withDeployment { deployment in
            let caller = try await deployment.caller(business.id)
            let plan = try await deployment.configuration.importing(flow, pruning: prune, isDryRun: dryRun, by: caller)
            let changes = plan.steps.filter { $0.action != .unchanged }.map { "\($0.action.rawValue)  \($0.kind.rawValue)  \($0.name)" }
            let counts = [ImportPlan.Action.create, .update, .delete, .unchanged].map { "\(plan.count($0)) \($0.rawValue)" }.joined(separator: ", ")
            output.print((changes + ["\(dryRun ? "Would be" : "Done"): \(counts)."]).joined(separator: "\n")) { json in
                json.field("dry_run", dryRun)
                json.name("steps")
                json.array { json in
                    for step in plan.steps {
                        json.object { json in
                            json.field("action", step.action.rawValue)
                            json.field("kind", step.kind.rawValue)
                            json.field("name", step.name)
                        }
                    }
                }
            }
        }
    }
}

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Tell what will go wrong in a flow, or is probably not meant.",
        discussion: "Reads a file as 'stagekeeper export' writes it. Exits with 1 when something is an error; warnings alone are no error.")

    @OptionGroup var output: OutputOptions

    @Argument(help: "The file to check.")
    var file: String

    func run() throws {
        let findings = try FlowFile(path: file).findings()
        let errors = findings.count { $0.severity == .error }
        let warnings = findings.count - errors
        let summary =
            findings.isEmpty
            ? "Nothing found." : "\(errors) \(errors == 1 ? "error" : "errors"), \(warnings) \(warnings == 1 ? "warning" : "warnings")."
        output.print((findings.map(\.paragraph) + [summary]).joined(separator: "\n")) { json in
            json.field("findings", array: findings)
        }
        if errors > 0 { throw ExitCode.failure }
    }
}

extension Finding {
    /// The finding as the terminal shows it.
    fileprivate var paragraph: String {
        let example = example.map { "\n    For example: \($0)" } ?? ""
        return "\(severity.rawValue): \(message) [\(code.rawValue) at \(place)]\(example)\n    \(remedy)"
    }
}

extension FlowFile {
    /// Reads a file.
    /// - Throws: why it can't be read, or everything that is wrong with it by itself.
    init(path: String) throws {
        guard let data = FileManager.default.contents(atPath: path) else { throw CommandFailure("The file '\(path)' can't be read.") }
        do {
            try self.init(json: try JSONValue(parsing: data))
        } catch let error as JSONSyntaxError {
            throw CommandFailure("\(path):\(error.line):\(error.column): \(error.message)")
        } catch let error as InvalidInput {
            throw CommandFailure(EngineError.invalid(error.faults))
        }
    }
}
