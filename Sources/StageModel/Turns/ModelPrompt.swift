/// What a language model is asked for one step of a turn. Equal prompts ask the same.
public struct ModelPrompt: Hashable, Sendable {
    public enum Purpose: String, CaseIterable, Sendable {
        case selection = "stage_selection"
        case extraction = "data_extraction"
        case response = "response_generation"
    }

    /// A line of what is said to the model, by somebody who is not the business.
    public struct Line: Hashable, Sendable {
        public enum Role: String, Sendable {
            case user, assistant
        }

        public let role: Role
        public let text: String

        public init(_ role: Role, _ text: String) {
            self.role = role
            self.text = text
        }
    }

    public let purpose: Purpose
    /// The stage whose template it is.
    public let stage: Stage.ID
    /// The business's own instructions, in which nothing that an end user wrote can stand; nil: none.
    public let system: String?
    /// Oldest first; the last is what is to be answered.
    public let lines: [Line]
    /// The JSON schema of the answer; nil: any text.
    public let schema: JSONValue?
    /// The longest answer, in tokens.
    public let maximumTokens: Int

    public init(purpose: Purpose, stage: Stage.ID, system: String?, lines: [Line], schema: JSONValue?, maximumTokens: Int) {
        self.purpose = purpose
        self.stage = stage
        self.system = system
        self.lines = lines
        self.schema = schema
        self.maximumTokens = maximumTokens
    }
}

/// What a language model answered, as it came: not checked yet.
public struct ModelAnswer: Equatable, Sendable {
    public let text: String
    /// The tokens that were read and written; 0 when the server does not tell.
    public let promptTokens: Int
    public let completionTokens: Int

    public init(text: String, promptTokens: Int = 0, completionTokens: Int = 0) {
        self.text = text
        self.promptTokens = promptTokens
        self.completionTokens = completionTokens
    }
}

/// Why a language model gave no answer that can be used.
public struct ModelFailure: Error, Hashable, Sendable {
    public enum Cause: String, CaseIterable, Sendable {
        /// It did not answer in time.
        case timeout
        /// It can't be reached, or answers with an error of its own.
        case unavailable
        /// It has failed so often lately that it is left alone for a while.
        case circuitOpen = "circuit_open"
        /// It turned the request down: the key, the model's name or the request are wrong.
        case rejected
        /// It declined to answer, as by a filter of contents.
        case refused
        /// The answer ends before it is complete.
        case truncated
        /// The answer is not of the form that was asked for.
        case malformed
        /// It chose a stage that was not offered.
        case notOffered = "not_offered"
    }

    public let cause: Cause
    /// What happened, in a sentence without secrets and without what an end user wrote.
    public let reason: String

    public init(_ cause: Cause, _ reason: String) {
        self.cause = cause
        self.reason = reason
    }
}
