/// What was published to a channel.
public struct RedisMessage: Hashable, Sendable {
    /// The channel's name.
    public let channel: [UInt8]
    /// What was published.
    public let payload: [UInt8]

    /// Makes a message, for tests.
    public init(channel: [UInt8], payload: [UInt8]) {
        self.channel = channel
        self.payload = payload
    }
}
