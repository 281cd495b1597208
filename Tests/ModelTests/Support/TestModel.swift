import Foundation
import LanguageModelHTTP
import Logging
import StageEngine
import StageModel
import Testing

/// The real language model that the suite is run with.
enum TestModel {
    static let addressName = "STAGEKEEPER_MODEL_TEST_URL"
    static let serverName = "STAGEKEEPER_MODEL_TEST_SERVER"
    static let comment: Comment = "This takes minutes and a real language model: 'make test-model' starts one and sets \(addressName)."

    /// Where it is asked; nil: the suite is skipped.
    static var address: String? { ProcessInfo.processInfo.environment[addressName] }
    /// The program that serves it, for tests which start one of their own to kill it.
    static var server: String? { ProcessInfo.processInfo.environment[serverName] }

    /// Asks one thing after the other, each once, with more patience than a server has.
    static func with<Value>(address: String, _ body: (OpenAIModel) async throws -> Value) async throws -> Value {
        var configuration = ModelConfiguration(url: address, model: "test")
        configuration.timeout = .seconds(300)
        configuration.maximumAttempts = 1
        configuration.maximumConcurrency = 1
        let model = try OpenAIModel(configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let value: Value
        do {
            value = try await body(model)
        } catch {
            await model.shutdown()
            throw error
        }
        await model.shutdown()
        return value
    }
}
