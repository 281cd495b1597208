/// Which language model is asked, where, and how long and how often it is tried.
public struct ModelConfiguration: Hashable, Sendable {
    /// Where the server's API begins, as in `http://127.0.0.1:8099/v1`; the address of its chat completions is accepted as well.
    public var url: String
    /// The server's name for the model.
    public var model: String
    /// What the server wants to see; nil: it asks for nothing.
    public var key: ModelKey?

    /// How long one attempt may take, from the request to the answer's end.
    public var timeout: Duration = .seconds(20)
    /// How often a prompt is tried at most.
    public var maximumAttempts = 3
    /// How many requests are under way at most; others wait for their turn until their deadline.
    public var maximumConcurrency = 16
    /// How many attempts in a row must fail before the server is left alone.
    public var failuresUntilOpen = 5
    /// How long the server is left alone; then one request tries whether it is back.
    public var openTime: Duration = .seconds(10)

    /// A server's model, with the usual patience.
    public init(url: String, model: String, key: ModelKey? = nil) {
        self.url = url
        self.model = model
        self.key = key
    }
}

/// Why a language model can't be asked with the settings that were given.
public struct InvalidModelConfiguration: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong and what would be right, in a sentence that is safe to show to anybody.
    public let message: String

    /// The message.
    public var description: String { message }
}
