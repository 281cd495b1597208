/// Where a Redis server is, who asks it, and how long and how much is waited for.
public struct RedisConfiguration: Hashable, Sendable {
    /// A host name or an IP address.
    public var host: String
    /// The TCP port, usually 6379.
    public var port: Int
    /// The user of the server's access control list; nil is the default one.
    public var user: String?
    /// The user's password; nil: the server asks for none.
    public var password: RedisPassword?
    /// The number of the database.
    public var database = 0
    /// How connections are encrypted; nil: not at all.
    public var tls: TLS?
    /// The name by which `CLIENT LIST` shows the connections.
    public var clientName: String?

    /// How long a connection may take until it can be used: name resolution, TCP, TLS and sign-in together.
    public var connectTimeout: Duration = .seconds(1)
    /// How long a reply may take. A connection whose oldest command takes longer is closed and made again.
    public var commandTimeout: Duration = .seconds(2)
    /// How often an idle connection for subscriptions asks whether the server is still there.
    public var keepAliveInterval: Duration = .seconds(5)
    /// The shortest wait between attempts to connect; each failure doubles it.
    public var shortestReconnectDelay: Duration = .milliseconds(50)
    /// The longest wait between attempts to connect. A server that returns is found again after this time and `connectTimeout` at the latest.
    public var longestReconnectDelay: Duration = .milliseconds(500)

    /// The most commands that may wait for replies; beyond, commands are refused.
    public var maximumPendingCommands = 20_000
    /// The most bytes of commands that wait for replies.
    public var maximumPendingBytes = 64 << 20
    /// The most messages that may wait for the reader of one subscription, and the most bytes that these may have; beyond, they are dropped and
    /// the reader is told.
    public var maximumBufferedMessages = 1024
    /// The most bytes of messages that wait for one reader.
    public var maximumBufferedMessageBytes = 8 << 20
    /// How much the server may send.
    public var limits = RESPLimits()

    /// A server without TLS and password.
    public init(host: String = "127.0.0.1", port: Int = 6379) {
        self.host = host
        self.port = port
    }
}

extension RedisConfiguration {
    /// How a connection is encrypted, and who has to prove what by which certificate.
    public struct TLS: Hashable, Sendable {
        /// A file in PEM format with the authorities whose certificates are accepted; nil: those that the system trusts.
        public var authorityFile: String?
        /// A file in PEM format with this client's certificate, and what leads from it to an authority.
        public var certificateFile: String?
        /// The private key of the client's certificate.
        public var privateKeyFile: String?
        /// The name that the server's certificate must have; nil: the host.
        public var serverName: String?

        /// The authorities of the system and no client certificate, but for what is given.
        public init(authorityFile: String? = nil, certificateFile: String? = nil, privateKeyFile: String? = nil, serverName: String? = nil) {
            self.authorityFile = authorityFile
            self.certificateFile = certificateFile
            self.privateKeyFile = privateKeyFile
            self.serverName = serverName
        }
    }
}
