import NIOCore
import NIOPosix
import NIOSSL

/// Opens a connection and gives it a handler; the tests have one without sockets.
protocol RedisConnector: Sendable {
    func connect(
        on eventLoop: any EventLoop, timeout: TimeAmount, handler: @escaping @Sendable () -> RedisConnectionHandler
    ) -> EventLoopFuture<any Channel>
}

/// Connects over TCP, encrypted or not.
struct TCPConnector: RedisConnector {
    private let host: String
    private let port: Int
    private let tls: TLSMaterial?

    /// - Throws: `invalidConfiguration` when certificates can't be read.
    init(_ configuration: RedisConfiguration) throws(RedisError) {
        host = configuration.host
        port = configuration.port
        if let tls = configuration.tls { self.tls = try TLSMaterial(tls, host: configuration.host) } else { tls = nil }
    }

    func connect(
        on eventLoop: any EventLoop, timeout: TimeAmount, handler: @escaping @Sendable () -> RedisConnectionHandler
    ) -> EventLoopFuture<any Channel> {
        let tls = self.tls
        return ClientBootstrap(group: eventLoop)
            .connectTimeout(timeout)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls { try channel.pipeline.syncOperations.addHandler(tls.makeHandler()) }
                    try channel.pipeline.syncOperations.addHandler(handler())
                }
            }
            .connect(host: host, port: port)
    }
}

/// Certificates, read once.
struct TLSMaterial: Sendable {
    private let context: NIOSSLContext
    /// Nil for an IP address: the certificate has to be made for that, and servers are not told it.
    private let serverName: String?

    init(_ settings: RedisConfiguration.TLS, host: String) throws(RedisError) {
        var configuration = TLSConfiguration.makeClientConfiguration()
        if let file = settings.authorityFile {
            _ = try Self.read(file, "file of certificate authorities") { try NIOSSLCertificate.fromPEMFile($0) }
            configuration.trustRoots = .file(file)
        }
        switch (settings.certificateFile, settings.privateKeyFile) {
        case (let certificate?, let key?):
            let chain = try Self.read(certificate, "file of the client's certificate") { try NIOSSLCertificate.fromPEMFile($0) }
            configuration.certificateChain = chain.map { .certificate($0) }
            let privateKey = try Self.read(key, "file of the client's private key") { try NIOSSLPrivateKey(file: $0, format: .pem) }
            configuration.privateKey = .privateKey(privateKey)
        case (nil, nil): break
        case (.some, nil):
            throw RedisError(.invalidConfiguration, "A client certificate for Redis is given without its private key; give both or none.")
        case (nil, .some):
            throw RedisError(.invalidConfiguration, "A private key for Redis is given without its client certificate; give both or none.")
        }
        do {
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw RedisError(
                .invalidConfiguration, "The certificates for Redis can't be used; the private key must be that of the client's certificate.",
                debug: String(describing: error))
        }
        let name = settings.serverName ?? host
        serverName = (try? SocketAddress(ipAddress: name, port: 0)) == nil ? name : nil
    }

    private static func read<Content>(_ file: String, _ what: String, _ body: (String) throws -> Content) throws(RedisError) -> Content {
        do {
            return try body(file)
        } catch {
            throw RedisError(
                .invalidConfiguration, "The \(what) for Redis can't be read: \(file). It has to be there, readable, and in PEM format.",
                debug: String(describing: error))
        }
    }

    func makeHandler() throws -> NIOSSLClientHandler { try NIOSSLClientHandler(context: context, serverHostname: serverName) }
}

extension RedisError {
    /// What went wrong between two machines, in words.
    init(connecting error: any Error) {
        let debug = String(describing: error)
        switch error {
        case let error as RedisError: self = error
        case is NIOConnectionError:
            self.init(.notConnected, "Redis can't be reached; look whether it runs and listens there.", debug: debug)
        case ChannelError.connectTimeout:
            self.init(.notConnected, "Redis did not accept the connection in time.", debug: debug)
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
            self = Self.encryption(debug)
        default: self.init(.connectionLost(wasSent: false), "The connection to Redis failed.", debug: debug)
        }
    }

    private static func encryption(_ debug: String) -> RedisError {
        if debug.contains("CERTIFICATE_VERIFY_FAILED") || debug.contains("unableToValidateCertificate") || debug.contains("failedToValidateHostname")
        {
            return RedisError(
                .tlsFailed,
                "The certificate of the Redis server was refused: it has expired, is made for another name, or its authority is not a trusted one.",
                debug: debug)
        }
        if debug.contains("CERTIFICATE_REQUIRED") || debug.contains("ALERT") {
            return RedisError(
                .tlsFailed, "The Redis server refused this client's certificate, or asks for one and none is given.", debug: debug)
        }
        if debug.contains("WRONG_VERSION_NUMBER") {
            return RedisError(.tlsFailed, "The Redis server does not speak TLS on this port; use redis:// or its port for TLS.", debug: debug)
        }
        // A connection that ends without a farewell, as when a server is killed.
        if debug.contains("uncleanShutdown") {
            return RedisError(.connectionLost(wasSent: false), "The server has closed the connection.", debug: debug)
        }
        return RedisError(.tlsFailed, "TLS with the Redis server failed.", debug: debug)
    }
}
