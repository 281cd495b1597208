import CoreMetrics
import Logging
@testable import LanguageModelHTTP
import StageModel
import Testing

/// A model and the server that it asks.
struct ModelFixture: Sendable {
    let model: OpenAIModel
    let server: ScriptedServer
    let log: Recorder<String>
    let metrics: RecordingMetrics

    /// Asks, with plenty of time.
    func ask(
        _ prompt: ModelPrompt = .say(), before deadline: ContinuousClock.Instant = .now + .seconds(600),
        each: (@Sendable (String) async -> Void)? = nil
    ) async -> Result<ModelAnswer, ModelFailure> {
        do throws(ModelFailure) {
            return .success(try await model.answer(prompt, before: deadline, each: each))
        } catch { return .failure(error) }
    }

    /// How often the server was asked.
    var requestCount: Int { server.requests.count }

    /// The bodies of the requests so far.
    func bodies() throws -> [JSONValue] { try server.requests.map { try JSONValue(parsing: $0.body) } }
}

/// Runs a server that answers so, and a model that asks it without pauses between its attempts.
func withModel(
    _ replies: [ScriptedServer.Reply], grace: Duration = .milliseconds(100), _ change: (inout ModelConfiguration) -> Void = { _ in },
    _ body: (ModelFixture) async throws -> Void
) async throws {
    let server = ScriptedServer(replies)
    let port = try await server.start()
    var configuration = ModelConfiguration(url: "http://127.0.0.1:\(port)/v1", model: "m", key: "sk-0123456789abcdef")
    configuration.timeout = .seconds(600)
    change(&configuration)
    let (log, metrics) = (Recorder<String>(), RecordingMetrics())
    let model = try OpenAIModel(configuration, logger: Logger(label: "test") { _ in RecordingLog(log) }, metrics: metrics, grace: grace) { 0 }
    do {
        try await body(ModelFixture(model: model, server: server, log: log, metrics: metrics))
    } catch {
        await model.shutdown()
        try await server.stop()
        throw error
    }
    await model.shutdown()
    try await server.stop()
}

extension Result where Failure == ModelFailure {
    /// Why there is no answer; nil: there is one.
    var cause: ModelFailure.Cause? {
        switch self {
        case .success: nil
        case .failure(let failure): failure.cause
        }
    }
}

extension Result where Success == ModelAnswer {
    var text: String? { try? get().text }
}
