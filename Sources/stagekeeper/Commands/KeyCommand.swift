import ArgumentParser
import StageEngine
import StageModel
import StageStore

struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Create, list and revoke API keys; replace encryption keys.",
        subcommands: [Create.self, List.self, Revoke.self, RotateEncryptionCommand.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Create an API key and print it, this once.")

        @OptionGroup var options: SettingsOptions
        @OptionGroup var output: OutputOptions

        @Argument(help: "The id of the business.")
        var business: BusinessArgument

        @Option(help: "What the key is for.")
        var name: String

        @Option(help: "owner, editor, viewer or runtime.")
        var role: String = "runtime"

        @Option(help: "When it stops being good, in RFC 3339; left out: never.")
        var expiresAt: String?

        func run() async throws {
            guard let role = APIKey.Role(rawValue: role) else {
                throw ValidationError("The role must be one of \(APIKey.Role.allCases.map(\.rawValue).joined(separator: ", ")), not '\(role)'.")
            }
            let expiry = expiresAt.map { Timestamp($0) }
            if let expiry, expiry == nil { throw ValidationError("--expires-at must be a time in RFC 3339 such as 2027-01-31T12:00:00Z.") }
            try await options.withDeployment { deployment in
                let caller = try await deployment.caller(business.id)
                let created = try await deployment.access.createKey(
                    named: name, role: role, expiresAt: expiry ?? nil, by: caller, answering: { _ in nil })
                output.print("key_id   \(created.key.id)\nrole     \(role.rawValue)\napi_key  \(created.secret)  (shown this once)") { json in
                    json.field("key_id", created.key.id)
                    json.field("role", role.rawValue)
                    json.field("api_key", created.secret)
                }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the API keys of a business.")

        @OptionGroup var options: SettingsOptions
        @OptionGroup var output: OutputOptions

        @Argument(help: "The id of the business.")
        var business: BusinessArgument

        func run() async throws {
            try await options.withDeployment { deployment in
                _ = try await deployment.caller(business.id)
                let keys = try await deployment.access.keys(of: business.id)
                let lines = keys.map { "\($0.id)  \($0.prefix)…  \($0.role.rawValue)  \($0.name)\($0.revokedAt.map { "  revoked \($0)" } ?? "")" }
                output.print(lines.isEmpty ? "There are no keys." : lines.joined(separator: "\n")) { json in
                    json.name("items")
                    json.array { json in
                        for key in keys {
                            json.object { json in
                                json.field("key_id", key.id)
                                json.field("prefix", key.prefix)
                                json.field("role", key.role.rawValue)
                                json.field("name", key.name)
                                json.field("expires_at", key.expiresAt)
                                json.field("revoked_at", key.revokedAt)
                            }
                        }
                    }
                }
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Revoke an API key; a running server refuses it within a second.")

        @OptionGroup var options: SettingsOptions
        @OptionGroup var output: OutputOptions

        @Argument(help: "The id of the business.")
        var business: BusinessArgument

        @Argument(help: "The id of the key.")
        var key: String

        func run() async throws {
            guard let id = APIKey.ID(key) else {
                throw ValidationError("The key's id must be a UUID, not '\(key)'; 'stagekeeper key list' prints it.")
            }
            try await options.withDeployment { deployment in
                let revoked = try await deployment.access.revokeKey(id, by: try await deployment.caller(business.id))
                output.print("Revoked \(revoked.prefix)….") { $0.field("revoked", id) }
            }
        }
    }
}
