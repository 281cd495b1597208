import RedisClient
public import StageModel

/// What Redis has of a state that the database has.
public struct StateComparison: Sendable, Equatable {
    /// How both compare.
    public enum Result: Sendable, Equatable {
        case same
        /// Redis has an older version; the log of commits outdates it within a second.
        case older(version: Int64)
        /// Redis has a newer version: somebody has committed since the state was read, or the database was set back.
        case newer(version: Int64)
        /// Redis has other contents at the same version, which must never be.
        case different
        /// Redis has something that does not open.
        case unopenable(reason: String)
        /// Redis has nothing; it is read from the database when it is asked for.
        case missing
    }

    public let key: ConversationKey
    public let result: Result
}

extension RedisStateCache {
    private static let batch = 200

    /// Compares states, just read from the database, with what Redis has; in the same order. For operators: it waits for Redis.
    /// - Throws: `RedisError` when Redis does not answer, `StoreError` when the database does not.
    public func compare(_ states: [ConversationState]) async throws -> [StateComparison] {
        var comparisons: [StateComparison] = []
        for start in stride(from: 0, to: states.count, by: Self.batch) {
            comparisons += try await compareBatch(states[start..<min(start + Self.batch, states.count)])
        }
        return comparisons
    }

    private func compareBatch(_ states: ArraySlice<ConversationState>) async throws -> [StateComparison] {
        var salts: [[UInt8]] = []
        var commands: [RedisCommand] = []
        for state in states {
            let secrets = try await secrets.secrets(of: state.key.business)
            let names = keys.conversation(state.key, business: secrets.name)
            salts.append(secrets.salt)
            commands.append(RedisCommand("MGET", key: keys.positions[names.partition], names.state))
        }
        let results = try await client.pipeline(commands)
        return try zip(zip(states, salts), results).map { pair, result in
            guard let values = try result.get().elements, values.count == 2 else { throw RedisError.unexpectedReply(to: "MGET") }
            let kept = Stamp(values[0].bytes).flatMap { Kept(values[1], generation: $0.generation) }
            return StateComparison(key: pair.0.key, result: kept.map { compare(pair.0, salt: pair.1, $0) } ?? .missing)
        }
    }

    private func compare(_ state: ConversationState, salt: [UInt8], _ kept: Kept) -> StateComparison.Result {
        let version = kept.stamp.number
        do throws(SealedState.Unopenable) {
            let opened = try sealer.openState(kept.envelope, of: state.key, version: version, salt: salt)
            guard version == state.version else { return version < state.version ? .older(version: version) : .newer(version: version) }
            return opened == state ? .same : .different
        } catch {
            return .unopenable(reason: error.description)
        }
    }
}
