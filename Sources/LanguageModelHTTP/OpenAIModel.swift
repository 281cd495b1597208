import AsyncHTTPClient
public import Logging
public import Metrics
import NIOCore
public import StageEngine
public import StageModel
import Synchronization

/// A language model behind the chat completions that OpenAI's API has, and the many servers that speak like it.
///
/// It keeps connections open: `shutdown()` closes them, and must be called before the last reference is let go.
public final class OpenAIModel: LanguageModel {
    /// Whether the server keeps to a schema.
    private enum SchemaSupport { case unknown, known, missing }

    private let client: HTTPClient
    private let exchange: ModelExchange
    private let settings: AttemptStateMachine.Settings
    private let jitter: @Sendable () -> Double
    private let slots: RequestSlots
    private let breaker: Mutex<CircuitBreaker>
    private let schemaSupport = Mutex(SchemaSupport.unknown)
    private let metrics: ModelMetrics
    private let logger: Logger

    /// Checks the settings; nothing is asked yet.
    /// - Throws: what is wrong with the settings, never with the key.
    public convenience init(
        _ configuration: ModelConfiguration, logger: Logger, metrics: any MetricsFactory = MetricsSystem.factory
    ) throws(InvalidModelConfiguration) {
        try self.init(configuration, logger: logger, metrics: metrics) { Double.random(in: 0...1) }
    }

    /// - Parameters:
    ///   - grace: how long a complete stream may take to end, so that its connection can be used again.
    ///   - jitter: random numbers from 0 to 1 by which pauses are shortened; 0: they are left out.
    init(
        _ configuration: ModelConfiguration, logger: Logger, metrics: any MetricsFactory, grace: Duration = .milliseconds(100),
        jitter: @escaping @Sendable () -> Double
    ) throws(InvalidModelConfiguration) {
        try configuration.check()
        let endpoint = try ModelEndpoint(parsing: configuration.url)
        client = HTTPClient(configuration: Self.clientConfiguration(configuration))
        exchange = ModelExchange(
            client: client, endpoint: endpoint, model: configuration.model, key: configuration.key, grace: grace, logger: logger)
        settings = AttemptStateMachine.Settings(maximumAttempts: configuration.maximumAttempts, timeout: configuration.timeout)
        self.jitter = jitter
        slots = RequestSlots(count: configuration.maximumConcurrency)
        breaker = Mutex(CircuitBreaker(failuresUntilOpen: configuration.failuresUntilOpen, openTime: configuration.openTime))
        self.metrics = ModelMetrics(factory: metrics)
        self.logger = logger
        if endpoint.isReadableOnTheWay, configuration.key != nil {
            logger.warning("The language model's key travels unencrypted; use https.")
        }
    }

    /// One host, no other, and no way around it: no proxy, no redirects.
    private static func clientConfiguration(_ configuration: ModelConfiguration) -> HTTPClient.Configuration {
        var client = HTTPClient.Configuration(redirectConfiguration: .disallow)
        // An attempt that has less time than this ends by itself.
        client.timeout.connect = .seconds(5)
        client.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = configuration.maximumConcurrency
        // Attempts are counted here, where the circuit breaker sees them.
        client.connectionPool.retryConnectionEstablishment = false
        // A connection for each request: a stuck one is in nobody else's way.
        client.httpVersion = .http1Only
        return client
    }

    /// Closes the connections; whoever still asks gets no answer.
    public func shutdown() async {
        do { try await client.shutdown() } catch {
            // The only error is that it is closed already.
            logger.debug("The client of the language model was closed twice.")
        }
    }

    // MARK: - Asking

    /// Asks the server, again if need be, and never after the deadline; `each` must heed that its task is cancelled.
    public func answer(
        _ prompt: ModelPrompt, before deadline: ContinuousClock.Instant, each: (@Sendable (String) async -> Void)?
    ) async throws(ModelFailure) -> ModelAnswer {
        let start = ContinuousClock.now
        do throws(ModelFailure) {
            let answer = try await ask(prompt, before: deadline, each: each)
            metrics.record(nil, after: .now - start)
            return answer
        } catch {
            metrics.record(error.cause, after: .now - start)
            throw error
        }
    }

    private func ask(
        _ prompt: ModelPrompt, before deadline: ContinuousClock.Instant, each: (@Sendable (String) async -> Void)?
    ) async throws(ModelFailure) -> ModelAnswer {
        var attempts = AttemptStateMachine(settings: settings, deadline: deadline, form: form(of: prompt))
        while true {
            guard !Task.isCancelled else { throw Self.cancelled }
            guard .now < deadline else { throw attempts.giveUp(AttemptFailure.timeout.failure) }
            // Who would be refused does not stand in the queue for it.
            guard !breaker.withLock({ $0.refuses(at: .now) }) else { throw attempts.giveUp(Self.leftAlone) }
            guard await metrics.whileWaiting({ await within(deadline) { [slots] in await slots.enter() ? true : nil } }) != nil else {
                throw Task.isCancelled ? Self.cancelled : attempts.giveUp(Self.noSlot)
            }
            switch try await attempt(prompt, &attempts, each: each) {
            case .answered(let answer): return answer
            case .cancelled: throw Self.cancelled
            case .failed(let failure, let hasHandedOut):
                switch attempts.failed(failure, hasHandedOut: hasHandedOut, at: .now, jitter: jitter()) {
                case .fail(let failure): throw failure
                case .pause(let end):
                    guard !breaker.withLock({ $0.refuses(at: end) }) else { throw attempts.giveUp(Self.leftAlone) }
                    logger.debug("The language model is asked again.", metadata: ["cause": "\(failure.failure.cause.rawValue)"])
                    do { try await Task.sleep(until: end, clock: .continuous) } catch { throw Self.cancelled }
                }
            }
        }
    }

    /// One attempt, in a slot, which it leaves.
    private func attempt(
        _ prompt: ModelPrompt, _ attempts: inout AttemptStateMachine, each: (@Sendable (String) async -> Void)?
    ) async throws(ModelFailure) -> ModelExchange.Outcome {
        defer { slots.leave() }
        guard case .ask(let ticket) = breaker.withLock({ $0.admit(at: .now) }) else { throw attempts.giveUp(Self.leftAlone) }
        switch attempts.begin(at: .now) {
        case .fail(let failure):
            breaker.withLock { $0.abandoned(ticket, at: .now) }
            throw failure
        case .ask(let end, let form):
            let outcome = await exchange.ask(prompt, form, until: end, each: each)
            report(outcome, ticket)
            if case .answered = outcome { learn(from: form) }
            return outcome
        }
    }

    private static let leftAlone = ModelFailure(.circuitOpen, "The language model's server failed often lately and is left alone for a while.")
    private static let noSlot = ModelFailure(.timeout, "Too many others were asking the language model; there was no turn for this one in time.")
    private static let cancelled = ModelFailure(.timeout, "The language model is not asked any more: its answer is of no use now.")

    // MARK: - Learning from it

    private func report(_ outcome: ModelExchange.Outcome, _ ticket: CircuitBreaker.Ticket) {
        let action = breaker.withLock { breaker -> CircuitBreaker.ReportAction in
            switch outcome {
            case .answered: return breaker.succeeded(ticket)
            case .cancelled:
                breaker.abandoned(ticket, at: .now)
                return .nothing
            case .failed(let attempt, _):
                switch attempt.failure.cause {
                case .timeout, .unavailable: return breaker.failed(ticket, at: .now)
                // It is there, and says something.
                case .circuitOpen, .rejected, .refused, .truncated, .malformed, .notOffered: return breaker.succeeded(ticket)
                }
            }
        }
        switch action {
        case .nothing: break
        case .opened:
            metrics.leftAlone(true)
            logger.warning("The language model's server fails again and again; it is left alone for a while.")
        case .closed:
            metrics.leftAlone(false)
            logger.notice("The language model's server answers again.")
        }
    }

    private func form(of prompt: ModelPrompt) -> AnswerForm {
        guard prompt.schema != nil else { return .text }
        return schemaSupport.withLock { $0 } == .missing ? .textInsteadOfSchema : .schema
    }

    /// A server that has kept to one schema and refuses another is asked without that one, but goes on being asked for others.
    private func learn(from form: AnswerForm) {
        let isNews = schemaSupport.withLock { support in
            switch (form, support) {
            case (.schema, .unknown), (.schema, .missing):
                support = .known
                return false
            case (.textInsteadOfSchema, .unknown):
                support = .missing
                return true
            case (.text, _), (.schema, .known), (.textInsteadOfSchema, .known), (.textInsteadOfSchema, .missing): return false
            }
        }
        if isNews { logger.notice("The language model's server knows no response_format; it is asked without from now on.") }
    }
}
