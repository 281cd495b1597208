/// Tells at once of most words that they are not among some; of the others a look-up tells.
struct WordFilter: Sendable {
    private var bits = [UInt64](repeating: 0, count: 16)

    init(_ words: some Sequence<String>) { for word in words { insert(Self.key(of: word.utf8)) } }

    private mutating func insert(_ key: UInt16) { bits[Int(key >> 6)] |= 1 << UInt64(key & 63) }

    func mayContain(_ key: UInt16) -> Bool { bits[Int(key >> 6)] & 1 << UInt64(key & 63) != 0 }

    /// Ten bits of the FNV-1a hash.
    static func key(of bytes: some Sequence<UInt8>) -> UInt16 {
        var hash: UInt32 = 2_166_136_261
        for byte in bytes { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        return UInt16(truncatingIfNeeded: (hash ^ hash >> 16) & 1023)
    }
}

/// A set of words that is asked about every word of a message.
struct WordSet: Sendable {
    private let words: Set<String>
    private let filter: WordFilter

    init(_ words: Set<String>) {
        self.words = words
        filter = WordFilter(words)
    }

    func contains(_ token: MessageText.Token) -> Bool { filter.mayContain(token.key) && words.contains(token.text) }
}
