import AsyncHTTPClient
import Logging
import NIOCore
import NIOHTTP1
import StageModel

/// One request to the server and its answer, read with every bound.
struct ModelExchange: Sendable {
    enum Outcome: Sendable {
        case answered(ModelAnswer)
        case failed(AttemptFailure, hasHandedOut: Bool)
        /// The task was cancelled, which tells nothing about the server.
        case cancelled
    }

    /// The most bytes of an answer that comes as a whole.
    static let maximumLength = 1 << 20
    /// The most bytes of a stream. It wraps each word into some hundred bytes, none of which is kept.
    static let maximumStreamLength = 64 << 20
    /// The most bytes of an error that are read.
    private static let maximumErrorLength = 64 << 10

    let client: HTTPClient
    let endpoint: ModelEndpoint
    let model: String
    let key: ModelKey?
    /// How long a complete stream may take to end, so that its connection can be used again.
    let grace: Duration
    let logger: Logger

    /// Asks once, and ends by then.
    func ask(
        _ prompt: ModelPrompt, _ form: AnswerForm, until end: ContinuousClock.Instant, each: (@Sendable (String) async -> Void)?
    ) async -> Outcome {
        let progress = AttemptProgress()
        let result = await within(end) {
            await race {
                await exchange(prompt, form, each: each, progress)
            } _: {
                await progress.completedAnswer(after: grace).map { .success($0) }
            }
        }
        switch result {
        case .success(let answer): return .answered(answer)
        case .failure(let failure): return .failed(failure, hasHandedOut: progress.hasHandedOut)
        case nil: return Task.isCancelled ? .cancelled : .failed(.timeout, hasHandedOut: progress.hasHandedOut)
        }
    }

    private func request(_ prompt: ModelPrompt, _ form: AnswerForm, isStream: Bool) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: endpoint.url)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        request.headers.add(name: "accept", value: isStream ? "text/event-stream, application/json" : "application/json")
        request.headers.add(name: "user-agent", value: "stagekeeper")
        if let key { request.headers.add(name: "authorization", value: "Bearer \(key.text)") }
        request.body = .bytes(ChatRequest(model: model, prompt: prompt, form: form, isStream: isStream).body)
        return request
    }

    /// - Returns: nil when the task was cancelled.
    private func exchange(
        _ prompt: ModelPrompt, _ form: AnswerForm, each: (@Sendable (String) async -> Void)?, _ progress: AttemptProgress
    ) async -> Result<ModelAnswer, AttemptFailure>? {
        var hasAnswered = false
        do {
            // The end of time is watched from outside; the client's own deadline ends with the head of the response.
            let response = try await client.execute(request(prompt, form, isStream: each != nil), deadline: .distantFuture)
            hasAnswered = true
            guard (200..<300).contains(response.status.code) else { return .failure(await failure(response, prompt)) }
            return .success(
                Self.isEventStream(response.headers)
                    ? try await readStream(response.body, each: each, progress) : try await readWhole(response.body, each: each, progress))
        } catch let failure as AttemptFailure {
            return .failure(failure)
        } catch {
            return Task.isCancelled || error is CancellationError ? nil : .failure(failure(error, hasAnswered: hasAnswered))
        }
    }

    // MARK: - Answers

    private static func isEventStream(_ headers: HTTPHeaders) -> Bool {
        headers.first(name: "content-type")?.lowercased().hasPrefix("text/event-stream") ?? false
    }

    private func readWhole(
        _ body: HTTPClientResponse.Body, each: (@Sendable (String) async -> Void)?, _ progress: AttemptProgress
    ) async throws -> ModelAnswer {
        let bytes: ByteBuffer
        do { bytes = try await body.collect(upTo: Self.maximumLength) } catch is NIOTooManyBytesError { throw Self.tooLong }
        var assembly = AnswerAssembly()
        let piece = try assembly.add(bytes.readableBytesView)
        let answer = try assembly.answer(isComplete: true)
        if let each, let piece { try await hand(piece, to: each, progress) }
        return answer
    }

    private func readStream(
        _ body: HTTPClientResponse.Body, each: (@Sendable (String) async -> Void)?, _ progress: AttemptProgress
    ) async throws -> ModelAnswer {
        var (parser, assembly) = (EventStreamParser(), AnswerAssembly())
        var chunks = body.makeAsyncIterator()
        var length = 0
        while let chunk = try await chunks.next() {
            length += chunk.readableBytes
            guard length <= Self.maximumStreamLength else { throw Self.tooLong }
            let events: [[UInt8]]
            do { events = try parser.feed(chunk.readableBytesView) } catch { throw Self.tooLong }
            for event in events {
                if event.elementsEqual("[DONE]".utf8) {
                    let answer = try assembly.answer(isComplete: true)
                    progress.complete(answer)
                    // Read to its end, the connection can be used again.
                    while length <= Self.maximumStreamLength, let rest = try? await chunks.next() { length += rest.readableBytes }
                    return answer
                }
                if let piece = try assembly.add(event), let each { try await hand(piece, to: each, progress) }
            }
        }
        return try assembly.answer(isComplete: false)
    }

    private func hand(_ piece: String, to each: @Sendable (String) async -> Void, _ progress: AttemptProgress) async throws {
        try Task.checkCancellation()
        progress.willHandOut()
        await each(piece)
    }

    // MARK: - Failures

    private static let tooLong = AttemptFailure.malformed("The language model's server answers with more than is accepted.")

    private func failure(_ response: HTTPClientResponse, _ prompt: ModelPrompt) async -> AttemptFailure {
        // A redirect is not looked into, nor what can't be read.
        let body = (300..<400).contains(response.status.code) ? nil : try? await response.body.collect(upTo: Self.maximumErrorLength)
        return AttemptFailure(
            status: Int(response.status.code), retryAfter: response.headers.first(name: "retry-after"),
            message: body.flatMap { ServerMessage.read($0.readableBytesView, hiding: key, prompt) })
    }

    private func failure(_ error: any Error, hasAnswered: Bool) -> AttemptFailure {
        logger.debug("The exchange with the language model's server broke off.", metadata: ["error": "\(error)"])
        if error as? HTTPClientError == .alreadyShutdown { return AttemptFailure(.unavailable, "The client of the language model is closed.") }
        return AttemptFailure(
            .unavailable,
            hasAnswered
                ? "The language model's server broke off in the middle of its answer."
                : "The language model's server can't be reached, or broke off before it answered.",
            remedy: .again(notBefore: .zero))
    }
}
