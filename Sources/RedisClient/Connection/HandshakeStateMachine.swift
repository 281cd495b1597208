/// Agrees with a server on protocol, user, database and name, one command after the other.
///
/// RESP3 is asked for by `HELLO`; a server that does not know it, or not this version of it, or does not allow it, is spoken to in RESP2.
struct HandshakeStateMachine {
    struct Settings: Equatable, Sendable {
        var user: String?
        var password: RedisPassword?
        var database = 0
        /// The name by which `CLIENT LIST` shows the connection.
        var clientName: String?
    }

    enum Action: Equatable {
        case send(Step)
        case succeed(RedisProtocolVersion)
        case fail(RedisError)
    }

    /// The commands; what they carry stays out of every text.
    enum Step: Equatable, Sendable {
        case hello(user: String?, password: RedisPassword?)
        case authenticate(user: String?, password: RedisPassword)
        case select(database: Int)
        case setName(String)
    }

    private enum State {
        case start
        case waiting(Step, RedisProtocolVersion)
        case finished
    }

    private let settings: Settings
    private var state: State = .start

    init(settings: Settings) { self.settings = settings }

    mutating func start() -> Action {
        switch state {
        case .start: return send(.hello(user: settings.user, password: settings.password), .resp3)
        case .waiting, .finished: return .fail(Self.disorder)
        }
    }

    mutating func received(_ reply: RESPValue) -> Action {
        switch state {
        case .start, .finished: return .fail(Self.disorder)
        case .waiting(let step, let version):
            if case .error(let error) = reply { return refused(step, version, error) }
            return proceed(after: step, version)
        }
    }

    private static var disorder: RedisError {
        RedisError(.protocolViolation, "The server sent a reply that nobody had asked for.", debug: "during the handshake")
    }

    private mutating func send(_ step: Step, _ version: RedisProtocolVersion) -> Action {
        state = .waiting(step, version)
        return .send(step)
    }

    private mutating func proceed(after step: Step, _ version: RedisProtocolVersion) -> Action {
        switch step {
        case .hello, .authenticate:
            if settings.database != 0 { return send(.select(database: settings.database), version) }
            return name(version)
        case .select: return name(version)
        case .setName: return succeed(version)
        }
    }

    private mutating func name(_ version: RedisProtocolVersion) -> Action {
        settings.clientName.map { send(.setName($0), version) } ?? succeed(version)
    }

    private mutating func succeed(_ version: RedisProtocolVersion) -> Action {
        state = .finished
        return .succeed(version)
    }

    private mutating func refused(_ step: Step, _ version: RedisProtocolVersion, _ error: RESPError) -> Action {
        switch step {
        case .hello where Self.isRefusalOfHello(error):
            if let password = settings.password { return send(.authenticate(user: settings.user, password: password), .resp2) }
            return proceed(after: step, .resp2)
        case .hello, .authenticate: return fail(authentication(error))
        case .select(let database):
            return fail(
                RedisError(
                    .invalidConfiguration, "The database \(database) can't be selected; name another in the URL (redis://host:port/0).",
                    debug: "SELECT was answered with \(error.prefix)"))
        // A name is a convenience; a user who may not set one works without.
        case .setName: return succeed(version)
        }
    }

    private mutating func fail(_ error: RedisError) -> Action {
        state = .finished
        return .fail(error)
    }

    private static func isRefusalOfHello(_ error: RESPError) -> Bool {
        switch error.prefix {
        case "NOPROTO", "NOPERM": true
        case "ERR": error.message.lowercased().contains("unknown command")
        default: false
        }
    }

    /// Only the first word of what the server said is told: the rest may repeat the password.
    private func authentication(_ error: RESPError) -> RedisError {
        switch error.prefix {
        case "WRONGPASS":
            RedisError(.authenticationFailed, "Redis did not accept the user name and password.", debug: "WRONGPASS")
        case "NOAUTH":
            RedisError(
                .authenticationFailed, "Redis asks for a password and none is given; put it into the URL (redis://user:password@host:port).",
                debug: "NOAUTH")
        case "ERR" where error.message.contains("AUTH") || error.message.contains("password"):
            RedisError(
                .authenticationFailed,
                "Redis did not accept the user name and password; it may have no such user, or no password set for the default one.", debug: "ERR")
        default:
            RedisError(.notConnected, "Redis does not accept connections at the moment.", debug: "the handshake was answered with \(error.prefix)")
        }
    }
}

/// The version of the protocol that a connection speaks.
enum RedisProtocolVersion: Int, Sendable {
    case resp2 = 2
    case resp3 = 3
}

extension HandshakeStateMachine.Step {
    var command: RedisCommand {
        switch self {
        case .hello(let user, let password):
            if let password {
                return RedisCommand("HELLO", "3", "AUTH", .string(user ?? "default"), .string(password.text))
            }
            return RedisCommand("HELLO", "3")
        case .authenticate(let user, let password):
            if let user { return RedisCommand("AUTH", .string(user), .string(password.text)) }
            return RedisCommand("AUTH", .string(password.text))
        case .select(let database): return RedisCommand("SELECT", .integer(Int64(database)))
        case .setName(let name): return RedisCommand("CLIENT", "SETNAME", .string(name))
        }
    }
}

extension HandshakeStateMachine.Step: CustomStringConvertible {
    var description: String { command.name }
}
