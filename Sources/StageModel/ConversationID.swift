/// A caller's own name for a conversation: 1–128 of `A–Z a–z 0–9 . _ : @ + -`, not `.` or `..`; compared byte by byte.
public struct ConversationID: Hashable, Sendable, CustomStringConvertible {
    /// What a caller may be told when an id is refused.
    public static let rule = "1 to 128 of the characters A-Z a-z 0-9 . _ : @ + - (and not '.' or '..')"

    /// What a conversation is called that is only tried.
    public static let simulated = ConversationID(known: "simulated")

    public let description: String

    /// - Returns: nil when the text breaks the rule.
    public init?(_ text: String) {
        let count = text.utf8.count
        guard (1...128).contains(count), text.utf8.allSatisfy(Self.allows), text != ".", text != ".." else { return nil }
        description = text
    }

    private init(known text: String) { description = text }

    private static func allows(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "@"), UInt8(ascii: "+"), UInt8(ascii: "-"): true
        default: false
        }
    }
}

/// A conversation of a business.
public struct ConversationKey: Hashable, Sendable {
    public let business: Business.ID
    public let conversation: ConversationID

    public init(business: Business.ID, conversation: ConversationID) {
        self.business = business
        self.conversation = conversation
    }
}
