import ArgumentParser
import Foundation
import Hummingbird
import Logging
import Metrics
import NIOCore
import RedisClient
import ServiceLifecycle
import StageEngine
import StageModel
import StageServer
import StageStore
import StageStoreRedis
import StageStoreSQL
import UnixSignals

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "serve", abstract: "Serve the API over HTTP.")

    @OptionGroup var options: SettingsOptions

    @Option(help: "The address to listen on. Default: 127.0.0.1.")
    var host: String?

    @Option(help: "The port to listen on; 0 takes a free one. Default: 8080.")
    var port: Int?

    func run() async throws {
        let settings = try await options.settings(host: host, port: port)
        let logger = Logger.standardError(settings.logLevel)
        let metrics = PrometheusMetrics()
        MetricsSystem.bootstrap(metrics)
        let certificate = try settings.certificate(logger)
        let lock = try settings.database.lock()
        let deployment = try await Deployment.open(settings, logger: logger)
        let demo = settings.isDemo ? try await Demo(deployment: deployment).createIfEmpty() : nil

        let events = deployment.broadcaster(logger)
        let quietLogger = Logger.standardError(max(settings.logLevel, .notice))
        let connections = OpenFiles.connections(atMost: settings.connections.connections, logger)
        let application = Application(
            router: try deployment.server(settings, events: events, metrics: metrics, logger: logger).router(),
            server: ServerChannel.builder(settings.connections, certificate: certificate?.certificate, metrics: metrics, logger: logger),
            configuration: ApplicationConfiguration(
                address: .hostname(settings.host, port: settings.port), serverName: "stagekeeper",
                // The kernel takes as many of them as it is allowed to; those that come all at once should not have to knock again after a second.
                backlog: 4096,
                availableConnectionsDelegate: .maximum(connections, logger: quietLogger)),
            onServerRunning: { channel in
                ServerChannel.acceptMany(on: channel, of: connections)
                let port = channel.localAddress?.port ?? settings.port
                let own = "\(certificate == nil ? "http" : "https")://\(settings.host):\(port)"
                Self.announce(url: settings.site.publicOrigin?.description ?? own, demo: demo)
            },
            logger: quietLogger)
        let services = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                // The last is stopped first: streams end when `events` does, and the application when its last request has; then Redis goes.
                services: deployment.services(keys: EncryptionKeys(settings), certificate, logger) + [
                    .init(service: deployment.follower(logger)), .init(service: deployment.housekeeper(logger)), .init(service: application),
                    .init(service: events),
                ],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: quietLogger))
        do {
            try await services.run()
        } catch let error as IOError {
            try await deployment.close()
            let reason = String(cString: strerror(error.errnoCode))
            let remedy = "Stop what listens there, or give another --port."
            throw CommandFailure("Port \(settings.port) of \(settings.host) can't be listened on: \(reason). \(remedy)")
        }
        try await deployment.close()
        _ = consume lock
    }

    /// Tells the person who started the server where it is, and this once the demo's key and how to look at it.
    private static func announce(url: String, demo: Demo.Created?) {
        var lines = ["Stagekeeper \(Stagekeeper.version) is ready at \(url) (API: \(url)/docs)"]
        if let demo {
            lines += [
                "", "The demo business '\(demo.business.name)' was created. Its API key is shown this once:", "",
                "  export BUSINESS=\(demo.business.id)", "  export KEY=\(demo.secret)", "",
                "Open \(url)/login?link=\(demo.link) (once, within ten minutes) to sign in.", "",
            ]
        }
        FileHandle.standardOutput.write(Data((lines.joined(separator: "\n") + "\n").utf8))
    }
}

extension Deployment {
    /// What runs for the stores.
    fileprivate func services(
        keys: EncryptionKeys, _ certificate: CertificateFollower?, _ logger: Logger
    ) -> [ServiceGroupConfiguration.ServiceConfiguration] {
        var services: [any Service] = keys.file.map { [KeyFileFollower(file: $0, store: store, logger: logger)] } ?? []
        if let certificate { services.append(certificate) }
        if let turnLine { services.append(turnLine) }
        if let redis { services += [redis.client.service, redis.states.follower] }
        return services.map { .init(service: $0) }
    }

    func follower(_ logger: Logger) -> ChangeFollower {
        ChangeFollower(feed: store, flows: flows, access: access, time: time, logger: logger) { [store] in store.forget($0) }
    }

    func broadcaster(_ logger: Logger) -> EventBroadcaster { EventBroadcaster(log: store, time: time, logger: logger) }

    func housekeeper(_ logger: Logger) -> Housekeeper {
        Housekeeper(conversations: store, upkeep: store, stages: stages, time: time, logger: logger)
    }
}
