/// What nearly every user needs; everything else goes through `send` and `pipeline`.
extension RedisClient {
    /// Asks for a sign of life.
    public func ping() async throws(RedisError) { _ = try await send(RedisCommand("PING")) }

    /// The value of a key; nil when there is none.
    public func get(_ key: RedisArgument) async throws(RedisError) -> [UInt8]? {
        let reply = try await send(RedisCommand("GET", key: key))
        if reply.isNull { return nil }
        guard let bytes = reply.bytes else { throw .unexpectedReply(to: "GET") }
        return bytes
    }

    /// Sets the value of a key.
    /// - Parameter lifetime: when the server forgets it; a millisecond at least. Nil: never.
    public func set(_ key: RedisArgument, _ value: RedisArgument, expiringAfter lifetime: Duration? = nil) async throws(RedisError) {
        let options: [RedisArgument] = lifetime.map { ["PX", .integer(max(1, $0.milliseconds))] } ?? []
        _ = try await send(RedisCommand("SET", key: key, arguments: [value] + options))
    }

    /// Deletes keys.
    /// - Returns: how many of them there were.
    @discardableResult
    public func delete(_ key: RedisArgument, _ others: RedisArgument...) async throws(RedisError) -> Int {
        guard let count = try await send(RedisCommand("DEL", key: key, arguments: others)).integer else { throw .unexpectedReply(to: "DEL") }
        return Int(count)
    }

    /// Publishes to a channel.
    public func publish(_ payload: RedisArgument, to channel: RedisArgument) async throws(RedisError) {
        _ = try await send(RedisCommand("PUBLISH", channel, payload))
    }

    /// Runs a script by its SHA-1, and whole when the server does not know it yet.
    /// - Parameters:
    ///   - keys: all keys that the script touches; in a cluster they have to belong to one hash slot.
    ///   - arguments: what the script finds in `ARGV`.
    public func evaluate(_ script: RedisScript, keys: [RedisArgument], arguments: [RedisArgument] = []) async throws(RedisError) -> RESPValue {
        try await send(script.evaluate(keys: keys, arguments: arguments))
    }
}

extension RedisError {
    /// The reply has a type that the command does not give.
    public static func unexpectedReply(to command: String) -> RedisError {
        RedisError(.unexpectedReply, "Redis answered \(command) with something of another type.")
    }
}

extension Duration {
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (thousandfold, isTooLong) = seconds.multipliedReportingOverflow(by: 1000)
        return isTooLong ? (seconds < 0 ? .min : .max) : thousandfold + attoseconds / 1_000_000_000_000_000
    }
}
