import ArgumentParser
import StageEngine
import StageModel

struct BusinessCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "business", abstract: "Create, list and delete businesses.", subcommands: [Create.self, List.self, Delete.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Create a business and print its owner's API key, this once.")

        @OptionGroup var options: SettingsOptions
        @OptionGroup var output: OutputOptions

        @Argument(help: "What people call the business.")
        var name: String

        func run() async throws {
            try Self.check(name)
            try await options.withDeployment { deployment in
                let created = try await deployment.businesses.create(name: name, actor: "cli", at: deployment.time.now()) { _ in nil }
                output.print(
                    "\(created.business.name)\nbusiness_id  \(created.business.id)\napi_key      \(created.secret)  (shown this once)"
                ) { json in
                    created.business.encodeProperties(into: &json)
                    json.field("api_key", created.secret)
                }
            }
        }

        private static func check(_ name: String) throws {
            if let fault = Schema.name.faults(of: .string(name), at: .root).first { throw ValidationError("The name: \(fault.message)") }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List all businesses.")

        @OptionGroup var options: SettingsOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await options.withDeployment { deployment in
                var all: [Business] = []
                repeat { all += try await deployment.businesses.list(after: all.last?.id, limit: 200) } while all.count % 200 == 0 && !all.isEmpty
                let lines = all.map { "\($0.id)  \($0.name)" }
                output.print(lines.isEmpty ? "There are no businesses." : lines.joined(separator: "\n")) { $0.field("items", array: all) }
            }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Delete a business and all that is its, for good.")

        @OptionGroup var options: SettingsOptions
        @OptionGroup var output: OutputOptions

        @Argument(help: "The id of the business.")
        var business: BusinessArgument

        @Flag(help: "Do not ask.")
        var yes = false

        func run() async throws {
            guard yes || Terminal.confirms("Delete the business \(business.id) with all its conversations, for good?") else {
                throw CommandFailure("Nothing was deleted; give --yes to delete without being asked.")
            }
            try await options.withDeployment { deployment in
                try await deployment.businesses.delete(business.id, at: deployment.time.now())
                output.print("Deleted \(business.id).") { $0.field("deleted", business.id) }
            }
        }
    }
}
