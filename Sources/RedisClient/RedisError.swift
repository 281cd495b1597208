/// Why a command, a connection or a configuration did not do what it should. No text of it tells a password or a command's arguments.
public struct RedisError: Error, Equatable, Sendable {
    /// What kind of failure it is, for programs.
    public enum Code: Hashable, Sendable {
        /// A URL or a setting can't be used as it is.
        case invalidConfiguration
        /// There is no connection now and the last attempt to make one failed; the command was not sent.
        case notConnected
        /// The connection was lost. A command that was sent may or may not have been carried out.
        case connectionLost(wasSent: Bool)
        /// No reply came in time. A command that was sent may or may not have been carried out.
        case timedOut(wasSent: Bool)
        /// The task that waited was cancelled. A command that was sent is carried out all the same.
        case cancelled(wasSent: Bool)
        /// Too many commands, or too many bytes of them, wait for replies; the command was not sent.
        case tooManyPending
        /// The client was closed; the command was not sent.
        case closed
        /// The server did not accept user and password.
        case authenticationFailed
        /// TLS could not be agreed on: a certificate was refused or is missing.
        case tlsFailed
        /// The server sent what no Redis server sends.
        case protocolViolation
        /// The server answered with the error that `serverError` holds.
        case server
        /// The reply is of another type than the command's.
        case unexpectedReply
        /// The command can't be sent over a connection that many tasks share; it was not sent.
        case refusedCommand
    }

    /// What kind of failure it is.
    public var code: Code { storage.code }
    /// What is wrong and what would be right; safe to show to anybody.
    public var message: String { storage.message }
    /// What the server said, when the code is `server`.
    public var serverError: RESPError? { storage.serverError }
    /// What the log should know besides.
    public var debug: String? { storage.debug }

    /// Makes an error; the message must be safe to show to anybody.
    public init(_ code: Code, _ message: String, serverError: RESPError? = nil, debug: String? = nil) {
        storage = Storage(code: code, message: message, serverError: serverError, debug: debug)
    }

    /// Whether both say the same.
    public static func == (left: RedisError, right: RedisError) -> Bool {
        left.code == right.code && left.message == right.message && left.serverError == right.serverError && left.debug == right.debug
    }

    /// Kept aside, so that a result that is no error takes no room for one.
    private final class Storage: Sendable {
        let code: Code
        let message: String
        let serverError: RESPError?
        let debug: String?

        init(code: Code, message: String, serverError: RESPError?, debug: String?) {
            self.code = code
            self.message = message
            self.serverError = serverError
            self.debug = debug
        }
    }

    private let storage: Storage

    /// Whether the command may have been carried out although it failed.
    public var mayHaveBeenCarriedOut: Bool {
        switch code {
        case .connectionLost(let wasSent), .timedOut(let wasSent), .cancelled(let wasSent): wasSent
        case .unexpectedReply: true
        case .invalidConfiguration, .notConnected, .tooManyPending, .closed, .authenticationFailed, .tlsFailed, .protocolViolation, .server,
            .refusedCommand:
            false
        }
    }
}

extension RedisError: CustomStringConvertible, CustomDebugStringConvertible {
    /// The message.
    public var description: String { message }

    /// All that is known, for the log.
    public var debugDescription: String {
        let parts = [serverError.map { "the server said: \($0.message)" }, debug].compactMap { $0 }
        return parts.isEmpty ? "\(code): \(message)" : "\(code): \(message) (\(parts.joined(separator: "; ")))"
    }
}

extension RedisError {
    /// The error that a server answered with.
    init(_ error: RESPError) {
        // A word that a server makes up is not for the public.
        let isPlain = error.prefix.utf8.count <= 32 && error.prefix.utf8.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
        self.init(
            .server, isPlain ? "Redis answered with the error \(error.prefix)." : "Redis answered with an error.",
            serverError: error.withoutArguments)
    }

    /// The same failure as a command sees it that waited when it happened.
    func asLoss(wasSent: Bool) -> RedisError {
        RedisError(
            .connectionLost(wasSent: wasSent),
            wasSent
                ? "The connection to Redis was lost before the reply came; the command may have been carried out or not."
                : "The connection to Redis was lost before the command was sent.",
            debug: [message, debug].compactMap { $0 }.joined(separator: " "))
    }

    /// The same failure as a command sees it that comes while there is no connection.
    var asAbsence: RedisError {
        switch code {
        case .authenticationFailed, .tlsFailed, .closed, .invalidConfiguration: self
        case .notConnected, .connectionLost, .timedOut, .cancelled, .tooManyPending, .protocolViolation, .server,
            .unexpectedReply, .refusedCommand:
            RedisError(
                .notConnected, "There is no connection to Redis at the moment; it is tried again and again. The command was not sent.",
                debug: [message, debug].compactMap { $0 }.joined(separator: " "))
        }
    }

    init(_ fault: RESPFault) {
        self.init(.protocolViolation, "The server does not speak the Redis protocol, or sent more than is accepted.", debug: "\(fault)")
    }

    static var closed: RedisError { RedisError(.closed, "The Redis client is closed; the command was not sent.") }
}
