public import NIOCore

/// What a server lets clients take of it.
public struct ConnectionLimits: Sendable {
    /// How many connections are open at once; more wait to be accepted.
    public var connections = 10_000
    /// How many requests are under way at once; more are answered 503 at once. Messages of end users are counted apart.
    public var requests = 1024
    /// How many messages of end users are handled at once, or wait for their turn; more are answered 503 at once.
    public var turns = 1024
    /// How soon after the connection the first request's head must be there.
    public var headTimeout = TimeAmount.seconds(10)
    /// How long a connection is kept on which nothing is asked: so soon after an answer the next request's head must be there.
    public var idleTimeout = TimeAmount.seconds(75)
    /// How soon after its head a request's body must be there, besides the time that it takes at `bodyRate`.
    public var bodyTimeout = TimeAmount.seconds(30)
    /// The least rate, in bytes per second, at which a body must come.
    let bodyRate: Int64 = 16 << 10
    /// How long a client may not take what it is sent.
    let stallTimeout = TimeAmount.seconds(60)
    /// How long a server that is about to end waits for what clients still send or do not take.
    let shutdownTimeout = TimeAmount.seconds(10)
    /// How long a connection is still listened to on which the last answer was given: what comes without being read would void that answer.
    let lingerTimeout = TimeAmount.seconds(2)
    /// How long nothing is read from a connection on which a request was refused, so that whoever comes again at once takes nothing from others. A client that
    /// did so, and is refused again, is made to wait for as long as it was asked to.
    let refusalPause = (first: TimeAmount.milliseconds(250), again: TimeAmount.seconds(1))
    /// The most bytes of a header field, of the target, and of all header fields of a request.
    let headerBytes = (field: 16 << 10, all: 32 << 10)
    let headerFields = 100

    public init() {}
}
