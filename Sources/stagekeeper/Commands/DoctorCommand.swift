import ArgumentParser
import Foundation
import Logging
import RedisClient
import StageModel
import StageStore
import StageStoreRedis
import StageStoreSQL

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Look whether what is stored can be read, and whether Redis agrees with PostgreSQL.",
        discussion: "Changes nothing. Exits with 1 when something is wrong.")

    @OptionGroup var options: SettingsOptions
    @OptionGroup var output: OutputOptions

    private static let pageSize = 200
    private static let shown = 20
    /// How long the follower may take to bring a state to Redis.
    private static let patience = Duration.seconds(2)

    func run() async throws {
        let settings = try await options.settings()
        let deployment = try await Deployment.open(settings, logger: .standardError(max(settings.logLevel, .error)))
        var report: Report
        do {
            report = Report(database: "\(settings.database)", hasRedis: deployment.redis != nil)
            let running = deployment.redis.map { redis in Task { await redis.client.run() } }
            report = try await examine(deployment, report)
            await deployment.redis?.client.close()
            await running?.value
        } catch let error as StoreError {
            try await deployment.close()
            throw CommandFailure("The database can't be examined: \(error.reason)")
        } catch let error as RedisError {
            try await deployment.close()
            throw CommandFailure("Redis can't be asked: \(error.debugDescription)")
        }
        try await deployment.close()
        output.print(report.text) { report.write(into: &$0) }
        if !report.isWell { throw ExitCode(1) }
    }

    private func examine(_ deployment: Deployment, _ empty: Report) async throws -> Report {
        var report = empty
        try await deployment.store.check()
        report.keys = try await deployment.store.sealingKeys()
        _ = try await deployment.redis?.client.ping()
        let progress = Progress(title: "Comparing")
        var suspects: [ConversationKey] = []
        var last: ConversationKey?
        repeat {
            let page = try await deployment.store.conversations(after: last, limit: Self.pageSize)
            report.conversations += page.count
            if let redis = deployment.redis {
                let compared = try await redis.states.cache.compare(page)
                report.same += compared.count { $0.result == .same }
                report.missing += compared.count { $0.result == .missing }
                suspects += compared.filter { $0.isSuspect }.map(\.key)
            }
            last = page.count == Self.pageSize ? page.last?.key : nil
            progress.show(last == nil ? 1 : 0)
        } while last != nil
        progress.finish()
        guard let redis = deployment.redis, !suspects.isEmpty else { return report }
        // What was committed just now may be on its way.
        try await Task.sleep(for: Self.patience)
        for start in stride(from: 0, to: suspects.count, by: Self.pageSize) {
            let states = try await deployment.store.states(of: Array(suspects[start..<min(start + Self.pageSize, suspects.count)]))
            for comparison in try await redis.states.cache.compare(states) {
                if comparison.isSuspect { report.differences.append(comparison) } else { report.same += 1 }
            }
        }
        return report
    }

    private struct Report {
        let database: String
        let hasRedis: Bool
        var conversations = 0
        /// How many rows hold something that each encryption key has sealed.
        var keys: [String: Int] = [:]
        /// In Redis.
        var same = 0
        var missing = 0
        var differences: [StateComparison] = []

        init(database: String, hasRedis: Bool) {
            self.database = database
            self.hasRedis = hasRedis
        }

        var isWell: Bool { differences.isEmpty }

        var text: String {
            var lines = ["database       \(database): \(conversations) conversations, all of which can be read"]
            for (id, count) in keys.sorted(by: { $0.key < $1.key }) {
                lines.append("key \(id)\(String(repeating: " ", count: max(1, 11 - id.count)))has sealed something in \(count) rows")
            }
            guard hasRedis else { return (lines + ["in Redis       nothing: STAGEKEEPER_REDIS_URL is not set"]).joined(separator: "\n") }
            lines.append("in Redis       \(same) the same, \(missing) not kept, \(differences.count) that differ")
            for difference in differences.prefix(DoctorCommand.shown) {
                lines.append("  \(difference.key.business) \(difference.key.conversation): \(difference.result.sentence)")
            }
            if differences.count > DoctorCommand.shown { lines.append("  and \(differences.count - DoctorCommand.shown) more") }
            if !isWell {
                lines.append(
                    "Look at a server's log for what keeps Redis from being followed; FLUSHDB, as Redis's administrator, does no harm and clears it.")
            }
            return lines.joined(separator: "\n")
        }

        func write(into json: inout JSONWriter) {
            json.field("conversations", conversations)
            json.name("keys")
            json.object { json in for (id, count) in keys.sorted(by: { $0.key < $1.key }) { json.field(id, count) } }
            json.name("redis")
            json.object { json in
                json.field("same", same)
                json.field("missing", missing)
                json.name("differences")
                json.array { json in
                    for difference in differences {
                        json.object { json in
                            json.field("business_id", difference.key.business)
                            json.field("conversation_id", difference.key.conversation.description)
                            json.field("what", difference.result.sentence)
                        }
                    }
                }
            }
        }
    }
}

extension StateComparison {
    fileprivate var isSuspect: Bool { result != .same && result != .missing }
}

extension StateComparison.Result {
    fileprivate var sentence: String {
        switch self {
        case .same: "is the same"
        case .older(let version): "Redis has the older version \(version)"
        case .newer(let version): "Redis has the newer version \(version); was the database restored from a backup?"
        case .different: "Redis has other contents of the same version"
        case .unopenable(let reason): "what Redis has does not open: \(reason)"
        case .missing: "Redis has nothing"
        }
    }
}
