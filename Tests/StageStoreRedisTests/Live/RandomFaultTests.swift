import RedisClient
import StageModel
import StageStore
import Synchronization
import Testing

@testable import StageStoreRedis

/// Two processes, a few conversations, and everything that can go wrong between them, in an order that only the seed knows.
@Suite("Whatever happens to Redis", .enabled(if: LiveRedis.isThere, LiveRedis.skipped), .timeLimit(.minutes(5)))
struct RandomFaultTests {
    @Test(
        "nothing is shown that is older than what the follower has seen, and in the end everything is new",
        arguments: 1...12 as ClosedRange<UInt64>)
    func staysCurrent(seed: UInt64) async throws {
        try await LiveRedis.with(.operation) { admin in
            try await LiveRedis.with(.service) { client in
                let play = try await Play(seed: seed, client: client, admin: admin)
                for _ in 0..<150 { try await play.act() }
                try await play.settle()
            }
        }
    }

    private final class Play {
        private struct Process {
            let installation: Installation
            /// The least version of each conversation that was not outdated when the follower began what it has finished since.
            var certain: [ConversationKey: Int64] = [:]
        }

        private let log = MemoryLog()
        private let admin: RedisClient
        private var random: SeededGenerator
        private var processes: [Process] = []
        private var keys: [ConversationKey] = []
        /// What was committed and not told, and what was read and not filled in.
        private var untold: [ConversationState] = []
        private var unfilled: [(ConversationState, CacheTicket)] = []
        private var snapshot: [(RedisArgument, [UInt8]?)] = []

        init(seed: UInt64, client: RedisClient, admin: RedisClient) async throws {
            random = SeededGenerator(state: seed)
            self.admin = admin
            for _ in 0..<2 { processes.append(Process(installation: try await Installation.following(client, log: log))) }
            let business = Business.ID()
            for number in 0..<4 { keys.append(try log.conversation("c\(number)", business: business)) }
            snapshot = try await values()
        }

        func act() async throws {
            let process = Int.random(in: 0..<2, using: &random)
            let cache = processes[process].installation.cache
            let key = keys[Int.random(in: 0..<keys.count, using: &random)]
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<20:
                await cache.committed([log.commit(key)])
            case 20..<30: untold.append(log.commit(key))
            case 30..<36: if let state = take(&untold) { await cache.committed([state]) }
            case 36..<60: try await read(key, by: process)
            case 60..<66: if let (state, ticket) = take(&unfilled) { await cache.fill(state, ticket) }
            case 66..<68: if log.state(of: key) != nil { await cache.erased(key, atVersion: log.erase(key)) }
            case 68..<70: _ = log.erase(key)
            case 70..<86: await follow(process)
            case 86..<89:
                let fault = Int.random(in: 0..<3, using: &random)
                let (other, late) = (1 - process, take(&untold))
                let otherCache = processes[other].installation.cache
                let saved = snapshot
                let admin = admin
                log.interrupt {
                    if let late { await otherCache.committed([late]) }
                    for (key, value) in saved where fault < 2 { try? await Self.put(fault == 0 ? value : nil, at: key, admin) }
                }
                await follow(process)
            case 89..<92: snapshot = try await values()
            case 92..<95: for (key, value) in snapshot { try await Self.put(value, at: key, admin) }
            case 95: for (key, _) in snapshot { try await Self.put(nil, at: key, admin) }
            case 96..<98: try await Self.put(nil, at: names(of: key).state, admin)
            default: try await Self.put(nil, at: processes[0].installation.keys.positions[names(of: key).partition], admin)
            }
        }

        /// Both followers have done their work: what is read is what was committed, whatever is told and filled in late.
        func settle() async throws {
            for process in [0, 1] { await follow(process) }
            for state in untold { await processes[0].installation.cache.committed([state]) }
            for (state, ticket) in unfilled { await processes[1].installation.cache.fill(state, ticket) }
            for process in [0, 1] {
                for key in keys {
                    #expect(await processes[process].installation.read(key) == log.state(of: key))
                    #expect(await processes[process].installation.read(key) == log.state(of: key))
                }
            }
        }

        private func read(_ key: ConversationKey, by process: Int) async throws {
            switch await processes[process].installation.cache.state(of: key) {
            case .hit(let state):
                let certain = processes[process].certain[key] ?? 0
                #expect(state.version >= certain, "Version \(state.version) is shown, and nothing before \(certain) may be.")
            case .miss(let ticket):
                guard let state = log.state(of: key) else { return }
                if Bool.random(using: &random) {
                    unfilled.append((state, ticket))
                } else {
                    await processes[process].installation.cache.fill(state, ticket)
                }
            case .unavailable: break
            }
        }

        private func follow(_ process: Int) async {
            let versions = Dictionary(uniqueKeysWithValues: keys.map { ($0, log.leastVersion(of: $0)) })
            await processes[process].installation.catchUp()
            processes[process].certain = versions
        }

        private func names(of key: ConversationKey) -> RedisKeys.Conversation {
            let keys = processes[0].installation.keys
            return keys.conversation(key, business: keys.name(of: key.business))
        }

        private func take<Element>(_ elements: inout [Element]) -> Element? {
            elements.isEmpty ? nil : elements.remove(at: Int.random(in: 0..<elements.count, using: &random))
        }

        /// All that Redis has of this play.
        private func values() async throws -> [(RedisArgument, [UInt8]?)] {
            let names = processes[0].installation.keys.positions + keys.map { self.names(of: $0).state }
            let values = try await admin.pipeline(names.map { RedisCommand("GET", key: $0) })
            return zip(names, values).map { ($0, try? $1.get().bytes) }
        }

        private static func put(_ value: [UInt8]?, at key: RedisArgument, _ admin: RedisClient) async throws {
            if let value { try await admin.set(key, .bytes(value), expiringAfter: .seconds(600)) } else { try await admin.delete(key) }
        }
    }
}

/// SplitMix64: the same numbers for the same seed.
private struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}
