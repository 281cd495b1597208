import RedisClient

/// A client of Redis, with its errors counted.
struct CountedRedis: Sendable {
    let client: RedisClient
    let metrics: RedisMetrics

    /// Tells how many commands wait for their replies.
    func noteWaiting() { metrics.waiting(client.pendingCommandCount) }

    func send(_ command: RedisCommand) async throws(RedisError) -> RESPValue {
        do throws(RedisError) { return try await client.send(command) } catch {
            metrics.failed(error)
            throw error
        }
    }

    func pipeline(_ commands: [RedisCommand]) async throws(RedisError) -> [Result<RESPValue, RedisError>] {
        do throws(RedisError) {
            let results = try await client.pipeline(commands)
            for result in results { if case .failure(let error) = result { metrics.failed(error) } }
            return results
        } catch {
            metrics.failed(error)
            throw error
        }
    }
}

extension RedisMetrics {
    /// What an error is, without its words.
    enum Failure: String, CaseIterable {
        case notConnected = "not_connected"
        case connectionLost = "connection_lost"
        case timedOut = "timed_out"
        /// Whoever waited had no more time.
        case cancelled
        case tooManyPending = "too_many_pending"
        case closed
        case authenticationFailed = "authentication_failed"
        case tlsFailed = "tls_failed"
        case protocolViolation = "protocol_violation"
        /// The server answered with an error.
        case server
        case unexpectedReply = "unexpected_reply"
        case invalidConfiguration = "invalid_configuration"
        case refusedCommand = "refused_command"

        init(_ code: RedisError.Code) {
            switch code {
            case .invalidConfiguration: self = .invalidConfiguration
            case .notConnected: self = .notConnected
            case .connectionLost: self = .connectionLost
            case .timedOut: self = .timedOut
            case .cancelled: self = .cancelled
            case .tooManyPending: self = .tooManyPending
            case .closed: self = .closed
            case .authenticationFailed: self = .authenticationFailed
            case .tlsFailed: self = .tlsFailed
            case .protocolViolation: self = .protocolViolation
            case .server: self = .server
            case .unexpectedReply: self = .unexpectedReply
            case .refusedCommand: self = .refusedCommand
            }
        }
    }
}
