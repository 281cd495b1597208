import RedisClient

/// What Redis does as a whole. Each call touches one partition, so one slot of a cluster.
///
/// All of it keeps one promise: with a position `P`, no state of the partition's generation is older than the log of commits says up to `P`. So
/// a position that a reader has seen before vouches for what is kept beside it, whatever was lost, restored or delayed in between. A state
/// comes in only where that holds: read by somebody who knew the position beforehand (`fill`), or on top of an older one (`commit`). All others
/// leave a bound: a stamp with nothing behind it, below whose number nothing may be kept.
enum RedisScripts {
    /// How long a bound is kept: longer than anything is on its way that it keeps out.
    static let boundLifetime: Int64 = 10 * 60 * 1000

    /// What became of a value that was to be kept.
    enum Outcome: Int64, CaseIterable {
        case set = 1
        /// There was nothing to set it on; nothing older will be kept.
        case bounded = 2
        /// As new a value or bound is there.
        case older = 0
        /// The position is gone or another one.
        case lost = -1
    }

    /// Puts a state that was just committed over an older one.
    /// - Parameter envelope: empty: only a bound is left.
    static func commit(_ key: RedisArgument, position: RedisArgument, version: Int64, envelope: [UInt8], lifetime: Int64) -> RedisCommand {
        committing.evaluate(
            keys: [key, position],
            arguments: [
                .string(Stamp.digits(of: version)), .bytes(envelope), .integer(envelope.isEmpty ? boundLifetime : lifetime),
                .integer(boundLifetime),
            ])
    }

    private static let committing = RedisScript(
        """
        local position = redis.call('GET', KEYS[2])
        if not position then return -1 end
        local generation = string.sub(position, 1, 8)
        local old = redis.call('GETRANGE', KEYS[1], 0, 24)
        if string.sub(old, 1, 8) == generation then
            if string.sub(old, 9, 24) >= ARGV[1] then return 0 end
            if #old == 25 then
                redis.call('SET', KEYS[1], generation .. ARGV[1] .. ARGV[2], 'PX', ARGV[3])
                return 1
            end
        end
        redis.call('SET', KEYS[1], generation .. ARGV[1], 'PX', ARGV[4])
        return 2
        """)

    /// Keeps a value that was read after the position was seen that the ticket names, unless something newer is there or may be.
    static func fill(
        _ key: RedisArgument, position: RedisArgument, ticket: String, version: Int64, envelope: [UInt8], lifetime: Int64
    ) -> RedisCommand {
        filling.evaluate(
            keys: [key, position], arguments: [.string(ticket), .string(Stamp.digits(of: version)), .bytes(envelope), .integer(lifetime)])
    }

    private static let filling = RedisScript(
        """
        local position = redis.call('GET', KEYS[2])
        if position ~= ARGV[1] then return -1 end
        local generation = string.sub(position, 1, 8)
        local old = redis.call('GETRANGE', KEYS[1], 0, 23)
        if string.sub(old, 1, 8) == generation and string.sub(old, 9) > ARGV[2] then return 0 end
        redis.call('SET', KEYS[1], generation .. ARGV[2] .. ARGV[3], 'PX', ARGV[4])
        return 1
        """)

    /// Replaces by bounds what commits have outdated, and moves the position on; 1: done, 0: the position is gone or before `start`.
    /// - Parameters:
    ///   - start: the position after which the entries are all that there is.
    ///   - entries: keys with the least version that may be kept of each.
    static func follow(
        position: RedisArgument, from start: Int64, to end: Int64, entries: [(key: RedisArgument, least: Int64)]
    ) -> RedisCommand {
        following.evaluate(
            keys: [position] + entries.map(\.key),
            arguments: [.string(Stamp.digits(of: start)), .string(Stamp.digits(of: end)), .integer(boundLifetime)]
                + entries.map { .string(Stamp.digits(of: $0.least)) })
    }

    private static let following = RedisScript(
        """
        local position = redis.call('GET', KEYS[1])
        if not position or string.sub(position, 9) < ARGV[1] then return 0 end
        local generation = string.sub(position, 1, 8)
        for index = 2, #KEYS do
            local least = ARGV[index + 2]
            local old = redis.call('GETRANGE', KEYS[index], 0, 23)
            if old ~= '' and (string.sub(old, 1, 8) ~= generation or string.sub(old, 9) < least) then
                redis.call('SET', KEYS[index], generation .. least, 'PX', ARGV[3])
            end
        end
        if string.sub(position, 9) < ARGV[2] then redis.call('SET', KEYS[1], generation .. ARGV[2]) end
        return 1
        """)

    /// Begins a new generation, in which nothing is kept yet, unless somebody else has done so; answers the position that is there then.
    /// - Parameters:
    ///   - seen: what the position's key held; empty: nothing.
    ///   - stamp: the new generation, and a position that the log had reached.
    static func renew(position: RedisArgument, seen: [UInt8], stamp: Stamp) -> RedisCommand {
        renewing.evaluate(keys: [position], arguments: [.bytes(seen), .string(stamp.text)])
    }

    private static let renewing = RedisScript(
        """
        local old = redis.call('GET', KEYS[1]) or ''
        if old ~= ARGV[1] then return old end
        redis.call('SET', KEYS[1], ARGV[2])
        return ARGV[2]
        """)
}
