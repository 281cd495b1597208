import StageModel

/// Why one attempt brought no answer, and what would be worth trying.
struct AttemptFailure: Error, Equatable, Sendable {
    enum Remedy: Equatable, Sendable {
        case nothing
        /// The same again, but not before so much time has passed.
        case again(notBefore: Duration)
        /// The same again, but any text may be the answer: the server may not know how to keep to a schema.
        case anyText
    }

    let failure: ModelFailure
    let remedy: Remedy

    init(_ cause: ModelFailure.Cause, _ reason: String, remedy: Remedy = .nothing) {
        failure = ModelFailure(cause, reason)
        self.remedy = remedy
    }

    static func malformed(_ reason: String) -> AttemptFailure { AttemptFailure(.malformed, reason) }

    static let timeout = AttemptFailure(.timeout, "The language model did not answer in time.", remedy: .again(notBefore: .zero))
}

extension AttemptFailure {
    /// A status that is no success.
    /// - Parameters:
    ///   - retryAfter: the header of that name.
    ///   - message: what the server says of it, made safe to show.
    init(status: Int, retryAfter: String? = nil, message: String? = nil) {
        let reason = "The language model's server answers with status \(status)" + (message.map { ": \($0)" } ?? ".")
        switch status {
        case 300..<400:
            self.init(.rejected, "The language model's server answers with a redirect (\(status)), which is not followed; give the URL itself.")
        case 400, 404, 422: self.init(.rejected, reason, remedy: .anyText)
        case 408, 429, 500..<600: self.init(.unavailable, reason, remedy: .again(notBefore: Self.wait(retryAfter)))
        case 401..<500: self.init(.rejected, reason)
        default: self.init(.malformed, reason)
        }
    }

    /// Whole seconds; a date is not understood, and what is longer than a day is a day.
    private static func wait(_ retryAfter: String?) -> Duration {
        guard let digits = retryAfter?.utf8, !digits.isEmpty, digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return .zero
        }
        let day = 86_400
        return .seconds(min(Int(String(digits)) ?? day, day))
    }
}
