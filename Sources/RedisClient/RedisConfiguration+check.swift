import NIOCore

extension RedisConfiguration {
    /// Refuses what can't work, with what would.
    func check() throws(RedisError) {
        func refuse(_ message: String) -> RedisError { RedisError(.invalidConfiguration, message) }
        if host.isEmpty { throw refuse("The host of Redis is empty; give a name or an address.") }
        if !(1...65535).contains(port) { throw refuse("The port of Redis is \(port); give a number from 1 to 65535.") }
        if database < 0 { throw refuse("The database of Redis is \(database); give 0 or more.") }
        if user != nil, password == nil { throw refuse("A user is given for Redis but no password; give both or none.") }
        let times = [
            ("connectTimeout", connectTimeout), ("commandTimeout", commandTimeout), ("keepAliveInterval", keepAliveInterval),
            ("shortestReconnectDelay", shortestReconnectDelay), ("longestReconnectDelay", longestReconnectDelay),
        ]
        for (name, time) in times where time < .milliseconds(1) || time > .seconds(86_400) {
            throw refuse("\(name) is \(time); give a time from a millisecond to a day.")
        }
        let counts = [
            ("maximumPendingCommands", maximumPendingCommands), ("maximumPendingBytes", maximumPendingBytes),
            ("maximumBufferedMessages", maximumBufferedMessages), ("maximumBufferedMessageBytes", maximumBufferedMessageBytes),
            ("limits.depth", limits.depth), ("limits.stringLength", limits.stringLength), ("limits.lineLength", limits.lineLength),
            ("limits.valueCount", limits.valueCount), ("limits.replyLength", limits.replyLength),
        ]
        // Half of what an Int32 holds, so that sums of them can't overflow anywhere.
        for (name, count) in counts where !(1...(1 << 30)).contains(count) {
            throw refuse("\(name) is \(count); give a number from 1 to \(1 << 30).")
        }
        // Values are let go of level by level.
        if limits.depth > 512 { throw refuse("limits.depth is \(limits.depth); give 512 at most.") }
    }
}

extension ConnectionSupervisor.Settings {
    init(_ configuration: RedisConfiguration) {
        self.init(
            handshake: HandshakeStateMachine.Settings(
                user: configuration.user, password: configuration.password, database: configuration.database,
                clientName: configuration.clientName),
            limits: configuration.limits, connectTimeout: TimeAmount(configuration.connectTimeout),
            backoff: Backoff(shortest: configuration.shortestReconnectDelay, longest: configuration.longestReconnectDelay))
    }
}
