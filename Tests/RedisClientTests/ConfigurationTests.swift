import NIOCore
@testable import RedisClient
import Testing

@Suite("The configuration")
struct ConfigurationTests {
    struct Parts: Equatable, Sendable {
        var host = "h"
        var port = 6379
        var user: String?
        var password: RedisPassword?
        var database = 0
        var isEncrypted = false
    }

    static let urls: [(url: String, parts: Parts)] = [
        ("redis://h", Parts()), ("REDIS://h", Parts()), ("rediss://h", Parts(isEncrypted: true)), ("redis://h/", Parts()),
        ("redis://h:1", Parts(port: 1)), ("redis://h:65535/15", Parts(port: 65535, database: 15)),
        ("redis://127.0.0.1:6380", Parts(host: "127.0.0.1", port: 6380)), ("redis://[::1]", Parts(host: "::1")),
        ("rediss://[fe80::1]:7/2", Parts(host: "fe80::1", port: 7, database: 2, isEncrypted: true)),
        ("redis://u:p@h", Parts(user: "u", password: "p")), ("redis://:p@h", Parts(password: "p")),
        ("redis://%75%C3%A9:p%40%3A%2F%25%23@h:9/1", Parts(port: 9, user: "ué", password: "p@:/%#", database: 1)),
    ]

    @Test("is read from a URL", arguments: urls)
    func reads(url: String, parts: Parts) throws {
        let found = try RedisConfiguration(url: url)
        let foundParts = Parts(
            host: found.host, port: found.port, user: found.user, password: found.password, database: found.database,
            isEncrypted: found.tls != nil)
        #expect(foundParts == parts)
        try found.check()
    }

    static let wrong: [(url: String, message: String)] = [
        ("", "has no scheme at character 1: it begins with redis:// or, encrypted, rediss://"),
        ("localhost:6379", "has no scheme at character 1"), ("http://h", "has a scheme that is not known at character 1"),
        ("redis:/h", "has no scheme"), ("redis://", "has no host at character 9"), ("redis://:6379", "has no host at character 9"),
        ("redis:// h", "has a space or a control character at character 9"), ("redis://h\n", "at character 10"),
        ("redis://h:0", "has a port that is not a number from 1 to 65535 at character 11"), ("redis://h:65536", "has a port"),
        ("redis://h:", "has a port"), ("redis://h:x", "has a port"), ("redis://h:+1", "has a port"),
        ("redis://::1", "has no host"), ("redis://fe80::1", "an IPv6 address stands in brackets, as in redis://[::1]:6379"),
        ("redis://[::1", "has a '[' without a ']' at character 9"), ("redis://[::1]x", "has something between ']' and the port at character 14"),
        ("redis://[]", "has no host"), ("redis://h/x", "has a database that is not a number at character 11"), ("redis://h/1/2", "has a database"),
        ("redis://h/-1", "has a database"), ("redis://h/99999999999999999999", "has a database"),
        ("redis://h?x=1", "has a '?' at character 10"), ("redis://h/0#x", "has a '#'"),
        ("redis://geheim@h", "has a user name without a password at character 9"), ("redis://u:@h", "has an empty password at character 10"),
        ("redis://u:geheim@x@h", "has more than one '@', the first at character 17: in a user name or password write it as %40"),
        ("redis://u:geh/eim@h", "has a '/' before the '@' at character 14: in a user name or password write it as %2F"),
        ("redis://u:geh#eim@h", "in a password write it as %23"), ("redis://u:geh?eim@h", "in a password write it as %3F"),
        ("redis://u:geh:eim@h", "has a second ':' in user name and password at character 14: in a password write it as %3A"),
        ("redis://u:geheim%4@h", "has a '%' without two hexadecimal digits at character 17: a percent sign itself is written as %25"),
        ("redis://u:geheim%+1@h", "has a '%' without"), ("redis://u:geheim%FF@h", "is not UTF-8"),
    ]

    @Test("is refused with what is wrong, where, and what would be right, but never with the password", arguments: wrong)
    func refuses(url: String, message: String) {
        let error = #expect(throws: RedisError.self) { try RedisConfiguration(url: url) }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
        #expect(error?.debugDescription.contains("geheim") == false)
    }

    @Test("never shows its password")
    func secrecy() throws {
        let configuration = try RedisConfiguration(url: "redis://user:geheim@h")
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped, "\(ConnectionSupervisor.Settings(configuration))"] {
            #expect(!text.contains("geheim"))
            #expect(text.contains("user"))
        }
        #expect(configuration.password == "geheim")
    }

    private static let changes: [(String, @Sendable (inout RedisConfiguration) -> Void)] = [
        ("The host", { $0.host = "" }), ("The port of Redis is 70000", { $0.port = 70000 }), ("The database", { $0.database = -1 }),
        ("A user is given", { $0.user = "u" }), ("connectTimeout", { $0.connectTimeout = .zero }),
        ("commandTimeout", { $0.commandTimeout = .seconds(-1) }),
        ("longestReconnectDelay", { $0.longestReconnectDelay = .seconds(1_000_000_000_000) }),
        ("maximumPendingCommands is 0", { $0.maximumPendingCommands = 0 }), ("limits.valueCount", { $0.limits.valueCount = .max }),
        ("limits.depth is 513", { $0.limits.depth = 513 }), ("maximumBufferedMessages", { $0.maximumBufferedMessages = -1 }),
    ]

    @Test("is refused when a setting can't work", arguments: changes.indices)
    func refusesSettings(index: Int) {
        var configuration = RedisConfiguration()
        Self.changes[index].1(&configuration)
        let error = #expect(throws: RedisError.self) { try RedisClient(configuration: configuration) }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.message.contains(Self.changes[index].0) == true, "\(error?.message ?? "")")
    }

    @Test("is refused when a certificate can't be read")
    func refusesCertificates() {
        for tls in [
            RedisConfiguration.TLS(authorityFile: "/nowhere/ca.pem"), RedisConfiguration.TLS(certificateFile: "/nowhere/client.pem"),
            RedisConfiguration.TLS(privateKeyFile: "/nowhere/client.key"),
            RedisConfiguration.TLS(certificateFile: "/nowhere/client.pem", privateKeyFile: "/nowhere/client.key"),
        ] {
            var configuration = RedisConfiguration()
            configuration.tls = tls
            let error = #expect(throws: RedisError.self) { try RedisClient(configuration: configuration) }
            #expect(error?.code == .invalidConfiguration)
            #expect(error?.message.contains(tls.authorityFile ?? (tls.certificateFile == nil ? "without its client" : "client")) == true)
        }
    }
}

@Suite("Errors")
struct ErrorTests {
    @Test("tell what a server said to the log and not to the public, and never what a command carried")
    func serverErrors() {
        let error = RedisError(RESPError("ERR unknown command 'FOO', with args beginning with: 'geheim' "))
        #expect(error.message == "Redis answered with the error ERR.")
        #expect(error.debugDescription.contains("unknown command 'FOO'"))
        #expect(!error.debugDescription.contains("geheim"))
        #expect(RedisError(RESPError("<script> x")).message == "Redis answered with an error.")
        #expect(RedisError(RESPError("MOVED 1 127.0.0.1:1")).serverError?.prefix == "MOVED")
    }

    @Test("tell whether the command may have been carried out")
    func outcomes() {
        let rows: [(RedisError.Code, Bool)] = [
            (.connectionLost(wasSent: true), true), (.connectionLost(wasSent: false), false), (.timedOut(wasSent: true), true),
            (.cancelled(wasSent: false), false), (.notConnected, false), (.unexpectedReply, true), (.closed, false),
        ]
        for (code, expected) in rows { #expect(RedisError(code, "").mayHaveBeenCarriedOut == expected) }
    }
}
