import Foundation
import Logging
import RedisClient
import Sealing
public import StageModel
public import StageStore

/// Keeps the newest committed states of conversations in Redis, sealed, under names that tell nothing.
public struct RedisStateCache: StateCache {
    private static let longestLifetime: Int64 = 24 * 60 * 60 * 1000
    private static let shortestLifetime: Int64 = 60 * 1000

    let client: CountedRedis
    let keys: RedisKeys
    let secrets: BusinessSecrets
    let sealer: SealedState
    let status: RedisStatus
    /// How long somebody who has committed waits for Redis.
    let patience: Duration

    /// A value as it is kept.
    struct Kept {
        let stamp: Stamp
        let envelope: [UInt8]

        /// - Returns: nil when nothing is kept, or only a bound, or what is kept is of another generation.
        init?(_ value: RESPValue, generation: UInt32) {
            guard let bytes = value.bytes, bytes.count > Stamp.width, let stamp = Stamp(bytes), stamp.generation == generation else { return nil }
            self.stamp = stamp
            envelope = Array(bytes[Stamp.width...])
        }
    }

    // MARK: - Reading

    public func state(of key: ConversationKey) async -> CachedValue<ConversationState> {
        guard let reading = await reading(of: key, isHistory: false) else { return .unavailable }
        guard let kept = reading.state else { return miss(reading) }
        do throws(SealedState.Unopenable) {
            return hit(try sealer.openState(kept.envelope, of: key, version: kept.stamp.number, salt: reading.salt))
        } catch {
            return miss(reading, error)
        }
    }

    public func history(of key: ConversationKey) async -> CachedValue<RecentHistory> {
        guard let reading = await reading(of: key, isHistory: true) else { return .unavailable }
        // Commits do not touch it: it counts as long as it ends at the state's version.
        guard let kept = reading.history, let state = reading.state, kept.stamp == state.stamp else { return miss(reading) }
        do throws(SealedState.Unopenable) {
            return hit(try sealer.openHistory(kept.envelope, of: key, version: kept.stamp.number, salt: reading.salt))
        } catch {
            return miss(reading, error)
        }
    }

    /// What Redis has at one moment.
    private struct Reading {
        let salt: [UInt8]
        let ticket: CacheTicket
        let state: Kept?
        let history: Kept?
    }

    /// - Returns: nil when nothing can be said.
    private func reading(of key: ConversationKey, isHistory: Bool) async -> Reading? {
        // The reading of the database that follows tells why there is no salt.
        guard status.isConnected, let secrets = try? await secrets.secrets(of: key.business) else { return unread(.unavailable) }
        let names = keys.conversation(key, business: secrets.name)
        let others = [names.state] + (isHistory ? [names.history] : [])
        guard let reply = try? await client.send(RedisCommand("MGET", key: keys.positions[names.partition], arguments: others)),
            let values = reply.elements, values.count == others.count + 1, let position = Stamp(values[0].bytes)
        else { return unread(.unavailable) }
        guard status.admits(position.number, in: names.partition) else { return unread(.stale) }
        return Reading(
            salt: secrets.salt, ticket: CacheTicket(generation: position.text), state: Kept(values[1], generation: position.generation),
            history: isHistory ? Kept(values[2], generation: position.generation) : nil)
    }

    private func unread(_ reason: RedisMetrics.Read) -> Reading? {
        status.metrics.read(reason)
        return nil
    }

    private func hit<Value>(_ value: Value) -> CachedValue<Value> {
        status.metrics.read(.hit)
        return .hit(value)
    }

    private func miss<Value>(_ reading: Reading, _ error: SealedState.Unopenable? = nil) -> CachedValue<Value> {
        status.metrics.read(error == nil ? .miss : .unopenable)
        if let error { status.complain("Something in Redis can't be opened; it is read from the database.", reason: error.description) }
        return .miss(reading.ticket)
    }

    // MARK: - Filling

    public func fill(_ state: ConversationState, _ ticket: CacheTicket) async {
        // How it reads by now is not what is stored.
        guard !state.hasExpired else { return }
        await fill(state.key, \.state, ticket, version: state.version, lifetime: Self.lifetime(of: state)) { salt throws(Sealer.Failure) in
            try sealer.seal(state, salt: salt)
        }
    }

    public func fill(_ history: RecentHistory, of key: ConversationKey, _ ticket: CacheTicket) async {
        await fill(key, \.history, ticket, version: history.version, lifetime: Self.longestLifetime) { salt throws(Sealer.Failure) in
            try sealer.seal(history, of: key, salt: salt)
        }
    }

    private func fill(
        _ key: ConversationKey, _ place: KeyPath<RedisKeys.Conversation, RedisArgument>, _ ticket: CacheTicket, version: Int64, lifetime: Int64,
        _ seal: ([UInt8]) throws(Sealer.Failure) -> [UInt8]
    ) async {
        guard status.isConnected, let secrets = try? await secrets.secrets(of: key.business), let envelope = try? seal(secrets.salt) else { return }
        let names = keys.conversation(key, business: secrets.name)
        let command = RedisScripts.fill(
            names[keyPath: place], position: keys.positions[names.partition], ticket: ticket.generation, version: version, envelope: envelope,
            lifetime: lifetime)
        let reply = try? await client.send(command)
        status.metrics.set(reply?.integer.flatMap(RedisScripts.Outcome.init))
    }

    /// How long a state is kept: a matter of memory alone, so that a clock that is wrong does no harm.
    private static func lifetime(of state: ConversationState) -> Int64 {
        guard let end = state.expiresAt else { return longestLifetime }
        let now = Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
        return min(max(shortestLifetime, (end.microseconds - now.microseconds) / 1000), longestLifetime)
    }

    // MARK: - Committing

    public func committed(_ states: [ConversationState]) async {
        let newest = Array(Dictionary(states.map { ($0.key, $0) }) { $0.version > $1.version ? $0 : $1 }.values)
        await tell(of: newest.map(\.key)) { index, secrets in
            let (state, names) = (newest[index], keys.conversation(newest[index].key, business: secrets.name))
            // Unsealed nothing goes there; what is older goes away all the same.
            let envelope = (try? sealer.seal(state, salt: secrets.salt)) ?? []
            return [
                RedisScripts.commit(
                    names.state, position: keys.positions[names.partition], version: state.version, envelope: envelope,
                    lifetime: Self.lifetime(of: state))
            ]
        }
    }

    public func erased(_ key: ConversationKey, atVersion version: Int64) async {
        await tell(of: [key]) { _, secrets in
            let names = keys.conversation(key, business: secrets.name)
            return [names.state, names.history].map { place in
                RedisScripts.commit(place, position: keys.positions[names.partition], version: version + 1, envelope: [], lifetime: 0)
            }
        }
    }

    /// Sends commands about conversations and waits for the replies, but not for long. What is not known to be done is left to the follower, and
    /// until it has been there nothing of these partitions is shown.
    private func tell(
        of conversations: [ConversationKey], _ commands: @escaping @Sendable (Int, BusinessSecrets.Secrets) -> [RedisCommand]
    ) async {
        guard !conversations.isEmpty else { return }
        let isConnected = status.isConnected
        let results = isConnected ? await send(conversations, commands) : nil
        for (index, key) in conversations.enumerated() {
            let outcomes = results?[index] ?? [nil]
            for outcome in outcomes { status.metrics.set(outcome) }
            guard outcomes.contains(nil) else { continue }
            status.doubt(keys.partition(of: key))
            // Redis being away is told once, elsewhere.
            if isConnected { status.complain("Redis did not take a commit in time; the log of commits will tell it.") }
        }
    }

    /// - Returns: what became of each command of each conversation; nil: nothing is known.
    private func send(
        _ conversations: [ConversationKey], _ commands: @escaping @Sendable (Int, BusinessSecrets.Secrets) -> [RedisCommand]
    ) async -> [[RedisScripts.Outcome?]]? {
        await withTaskGroup { group in
            group.addTask { () -> [[RedisScripts.Outcome?]]? in
                var all: [[RedisCommand]] = []
                for (index, key) in conversations.enumerated() {
                    guard let secrets = try? await secrets.secrets(of: key.business) else { return nil }
                    all.append(commands(index, secrets))
                }
                guard let results = try? await client.pipeline(Array(all.joined())) else { return nil }
                var outcomes = results.map { (try? $0.get())?.integer.flatMap(RedisScripts.Outcome.init) }[...]
                return all.map { commands in
                    defer { outcomes = outcomes.dropFirst(commands.count) }
                    return Array(outcomes.prefix(commands.count))
                }
            }
            group.addTask {
                try? await Task.sleep(for: patience)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next().flatMap { $0 }
        }
    }

    // MARK: - Condition

    public func forget(_ business: Business.ID) { secrets.drop(business) }

    public var condition: StateCacheCondition {
        guard status.isConnected, !status.isAway else { return .away }
        return status.isCurrent ? .current : .behind
    }
}
