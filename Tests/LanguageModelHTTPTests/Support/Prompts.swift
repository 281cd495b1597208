import Logging
import StageModel

extension ModelPrompt {
    /// A prompt of one line.
    static func say(_ text: String = "Hello", system: String? = nil, schema: JSONValue? = nil) -> ModelPrompt {
        ModelPrompt(
            purpose: .response, stage: Stage.ID(), system: system, lines: [Line(.user, text)], schema: schema, maximumTokens: 100)
    }
}

extension Logger {
    static var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}
