import ArgumentParser
import Foundation
import Sealing
import StageModel
import StageStore
import StageStoreSQL

struct RotateEncryptionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate-encryption", abstract: "Seal everything anew by the first encryption key, while servers serve.",
        discussion: """
            With keys that were given, by STAGEKEEPER_ENCRYPTION_KEYS or in a file, every server must have the new key first by now; see \
            docs/operations.md. With the file beside a SQLite database a new key is made, and the old one is taken out when nothing is sealed by it.
            """)

    @OptionGroup var options: SettingsOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let settings = try await options.settings()
        let keys = EncryptionKeys(settings)
        guard let file = keys.ownFile else {
            try await reseal(settings, retiring: nil)
            return
        }
        let old = try MasterKeys(parsing: try keys.text())
        let new = MasterKeys.generate(id: Self.newID(beside: old.ids))
        let text = try keys.text().trimmingCharacters(in: .whitespacesAndNewlines)
        // A server reads the file again within the interval: first it opens what the new key seals, then it seals by it.
        try EncryptionKeys.replace(file, by: "\(text),\(new)")
        try await Task.sleep(for: KeyFileFollower.interval * 2)
        try EncryptionKeys.replace(file, by: "\(new),\(text)")
        try await Task.sleep(for: KeyFileFollower.interval * 2)
        try await reseal(settings) { try EncryptionKeys.replace(file, by: new) }
    }

    /// - Parameter retiring: is called when nothing is sealed by another key any more.
    private func reseal(_ settings: Settings, retiring: (() throws -> Void)?) async throws {
        let deployment = try await Deployment.open(settings, logger: .standardError(settings.logLevel))
        let written: Int
        let left: [String: Int]
        do throws(StoreError) {
            let progress = Progress(title: "Sealing")
            written = try await deployment.store.reseal { progress.count($0) }
            progress.finish()
            left = try await deployment.store.sealingKeys()
        } catch {
            throw CommandFailure("Not everything was sealed anew: \(error.reason). What was stays so; run the command again.")
        }
        let current = deployment.store.currentKeyID
        try await deployment.close()
        let others = left.filter { $0.key != current }
        guard others.isEmpty else {
            let ids = others.keys.sorted().map { "'\($0)'" }.joined(separator: ", ")
            throw CommandFailure(
                "\(written) rows were sealed anew, but some server still seals by \(ids): give every server the key '\(current)' first, then repeat.")
        }
        try retiring?()
        output.print("\(written) rows were sealed anew; everything is sealed by the key '\(current)' alone.") { json in
            json.field("resealed", written)
            json.field("key", current)
        }
    }

    /// `k` and a number that none has yet.
    private static func newID(beside ids: [String]) -> String {
        let numbers = ids.compactMap { $0.hasPrefix("k") ? Int($0.dropFirst()) : nil }
        return "k\((numbers.max() ?? 0) + 1)"
    }
}
