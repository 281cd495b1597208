/// What a message tells about a field.
public enum FieldReading: Equatable, Sendable {
    /// - confidence: from 0 to 1; see `Confidence`
    /// - source: the part of the text that it was read from
    case value(JSONValue, confidence: Double, source: Range<String.Index>)
    /// The message was an attempt to answer the question for this field, and can't be its value: why, in a sentence for the end user that says
    /// what would be right. It never quotes the message.
    case invalid(reason: String)
}

/// How sure a reading is, by the way in which it was made.
enum Confidence {
    /// A value in exactly the form that its field asks for: a matched pattern, an e-mail address, a full date.
    static let exact = 1.0
    /// A form of its type that says one thing only: a number, a weekday, a named choice, "yes".
    static let typed = 0.95
    /// Named in the text as the value of the field: "city: Berlin".
    static let named = 0.9
    /// A pattern written otherwise (lower case, without its hyphen), a choice misspelt or told by one of its words, a name after "I'm".
    static let corrected = 0.8
    /// A choice told by its position, and a short answer in the user's own words.
    static let answer = 0.7
    /// Could as well be another: 3/12, the first of two numbers; and an answer of a whole sentence.
    static let ambiguous = 0.6
    /// An answer of several sentences.
    static let longAnswer = 0.5
}

/// A value that was found in a message, before it is known whose it is.
struct Find {
    enum Content: Equatable {
        case value(JSONValue)
        /// A date that may depend on the field: "Friday" of an order is the last one, of a delivery the next.
        case date(DateMention)
    }

    var content: Content
    var confidence: Double
    /// The tokens that it was read from.
    var tokens: Range<Int>
    /// Could be something else altogether: taken only when the field was asked for or is named beside it.
    var needsContext = false
    var hasCurrency = false
}
