import ArgumentParser
import Configuration
import Foundation
import LanguageModelHTTP
import Logging
import PostgresClient
import RedisClient
import StageServer
import SystemPackage

/// The settings that every command shares, from flags, else the environment, else a file, else the defaults.
struct SettingsOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The database: sqlite:PATH or postgres://…, without a password.",
            discussion: "Default: sqlite:data/stagekeeper.sqlite. An address with a password belongs in STAGEKEEPER_DATABASE_URL.",
            valueName: "url"))
    var databaseURL: String?

    @Option(help: ArgumentHelp("A JSON file with settings, such as {\"stagekeeper\": {\"port\": 8080}}.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("trace, debug, info, notice, warning, error or critical. Default: info.", valueName: "level"))
    var logLevel: String?

    /// Reads the settings.
    func settings(host: String? = nil, port: Int? = nil) async throws -> Settings {
        var flags: [AbsoluteConfigKey: ConfigValue] = [:]
        func set(_ key: String, _ value: String?) {
            if let value {
                flags[AbsoluteConfigKey(["stagekeeper"] + key.split(separator: ".").map(String.init))] = ConfigValue(.string(value), isSecret: false)
            }
        }
        set("database.url", databaseURL)
        set("log.level", logLevel)
        set("host", host)
        set("port", port.map { String($0) })
        var providers: [any ConfigProvider] = [InMemoryProvider(name: "flags", values: flags), EnvironmentVariablesProvider()]
        if let config {
            do {
                providers.append(try await FileProvider<JSONSnapshot>(filePath: FilePath(config)))
            } catch {
                throw ValidationError("The settings file '\(config)' can't be read: \(error).")
            }
        }
        return try Settings(ConfigReader(providers: providers).scoped(to: "stagekeeper"))
    }
}

/// What a process of Stagekeeper is told beforehand.
struct Settings: Sendable {
    let database: DatabaseAddress
    /// Where states are kept for reading, beside PostgreSQL; nil: nowhere.
    let redis: RedisConfiguration?
    let host: String
    let port: Int
    /// The files of what clients are shown by TLS; nil: there is no TLS.
    let tls: (certificate: String, key: String)?
    let site: Site
    let rateLimits: RateLimitSettings
    let connections: ConnectionLimits
    let platformKey: String?
    /// `id:base64`, comma-separated; nil: in a file.
    let encryptionKeys: String?
    /// nil: beside the SQLite file.
    let encryptionKeysFile: String?
    /// The language model that turns ask; nil: none.
    let model: ModelConfiguration?
    let logLevel: Logger.Level
    /// Whether an empty database gets a demo business.
    let isDemo: Bool

    init(_ config: ConfigReader) throws {
        database = try DatabaseAddress(config.string(forKey: "database.url", isSecret: true, default: "sqlite:data/stagekeeper.sqlite"))
        redis = try Self.redis(config)
        if redis != nil, case .sqlite = database {
            throw ValidationError(
                "STAGEKEEPER_REDIS_URL goes with PostgreSQL: with a SQLite file everything is in the server's memory already. Leave it out.")
        }
        host = config.string(forKey: "host", default: "127.0.0.1")
        // Read as text: what is no number must not count as left out. In a file it may be a number, too.
        let portText = config.string(forKey: "port") ?? config.int(forKey: "port").map { String($0) } ?? "8080"
        guard let port = Int(portText), (0...65_535).contains(port) else {
            throw ValidationError("STAGEKEEPER_PORT must be 0 to 65535, not '\(portText)'; 0 takes a free one.")
        }
        self.port = port
        tls = try Self.tls(config)
        site = Site(
            publicOrigin: try Self.publicOrigin(config), allowsInsecureCookie: config.string(forKey: "insecure.cookie") == "1",
            servesTLS: tls != nil, proxies: try Self.proxies(config))
        rateLimits = try Self.rateLimits(config)
        connections = try Self.connections(config)
        platformKey = config.string(forKey: "platform.key", isSecret: true)
        if let platformKey, platformKey.utf8.count < 24 {
            throw ValidationError("STAGEKEEPER_PLATFORM_KEY must be at least 24 characters; 'openssl rand -base64 32' makes a good one.")
        }
        encryptionKeys = config.string(forKey: "encryption.keys", isSecret: true)
        encryptionKeysFile = config.string(forKey: "encryption.keys.file")
        model = try Self.model(config)
        let level = config.string(forKey: "log.level", default: "info")
        guard let logLevel = Logger.Level(rawValue: level) else {
            let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("STAGEKEEPER_LOG_LEVEL must be one of \(levels), not '\(level)'.")
        }
        self.logLevel = logLevel
        isDemo = config.string(forKey: "demo") == "1"
    }

    private static func redis(_ config: ConfigReader) throws -> RedisConfiguration? {
        guard let url = config.string(forKey: "redis.url", isSecret: true), !url.isEmpty else { return nil }
        do throws(RedisError) {
            var redis = try RedisConfiguration(url: url)
            redis.clientName = "stagekeeper"
            // Whoever waits for Redis waits for what the database could have told by then.
            redis.commandTimeout = .milliseconds(250)
            redis.connectTimeout = .seconds(1)
            guard redis.tls != nil else { return redis }
            redis.tls?.authorityFile = config.string(forKey: "redis.ca.file")
            redis.tls?.certificateFile = config.string(forKey: "redis.certificate.file")
            redis.tls?.privateKeyFile = config.string(forKey: "redis.key.file")
            redis.tls?.serverName = config.string(forKey: "redis.server.name")
            return redis
        } catch {
            throw ValidationError("STAGEKEEPER_REDIS_URL can't be used: \(error)")
        }
    }

    private static func model(_ config: ConfigReader) throws -> ModelConfiguration? {
        guard let url = config.string(forKey: "model.url"), !url.isEmpty else { return nil }
        guard let name = config.string(forKey: "model"), !name.isEmpty else {
            throw ValidationError("STAGEKEEPER_MODEL is missing: the name by which the server of STAGEKEEPER_MODEL_URL knows the model.")
        }
        let key = config.string(forKey: "model.key", isSecret: true).flatMap { $0.isEmpty ? nil : ModelKey($0) }
        var model = ModelConfiguration(url: url, model: name, key: key)
        let timeout = config.string(forKey: "model.timeout") ?? config.int(forKey: "model.timeout").map { String($0) }
        if let timeout {
            guard let seconds = Int64(timeout), (1...600).contains(seconds) else {
                throw ValidationError("STAGEKEEPER_MODEL_TIMEOUT must be 1 to 600, in seconds, not '\(timeout)'.")
            }
            model.timeout = .seconds(seconds)
        }
        return model
    }

    private static func publicOrigin(_ config: ConfigReader) throws -> Origin? {
        guard let text = config.string(forKey: "public.url"), !text.isEmpty else { return nil }
        guard let origin = Origin(text.hasSuffix("/") ? String(text.dropLast()) : text) else {
            throw ValidationError(
                "STAGEKEEPER_PUBLIC_URL must be a scheme and a host without a path, such as https://stages.example.com, not '\(text)'.")
        }
        return origin
    }
}

extension Settings {
    /// The language model that the settings name, which has to be shut down; nil: none.
    func languageModel(_ logger: Logger) throws -> OpenAIModel? {
        guard let model else { return nil }
        do throws(InvalidModelConfiguration) { return try OpenAIModel(model, logger: logger) } catch {
            throw CommandFailure("STAGEKEEPER_MODEL_URL, STAGEKEEPER_MODEL and STAGEKEEPER_MODEL_KEY can't be used: \(error)")
        }
    }
}

/// Where everything is kept.
enum DatabaseAddress: Sendable, CustomStringConvertible {
    case sqlite(path: String)
    case postgres(PostgresURL)

    init(_ text: String) throws {
        if text.hasPrefix("sqlite:"), text.count > "sqlite:".count {
            self = .sqlite(path: String(text.dropFirst("sqlite:".count)))
            return
        }
        guard text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") else {
            throw ValidationError(
                "STAGEKEEPER_DATABASE_URL must be sqlite:PATH, such as sqlite:data/stagekeeper.sqlite, or postgres://user:password@host:5432/name.")
        }
        do throws(PostgresError) { self = .postgres(try PostgresURL(text)) } catch {
            throw ValidationError("STAGEKEEPER_DATABASE_URL can't be used: \(error.debugDescription)")
        }
    }

    /// For people; without a password.
    var description: String {
        switch self {
        case .sqlite(let path): path
        case .postgres(let url): url.description
        }
    }
}
