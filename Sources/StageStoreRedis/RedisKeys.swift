import RedisClient
import Sealing
import StageModel

/// The names under which Redis keeps things. None tells what it is about to somebody without the key of the pseudonyms.
///
/// `sk:{p007}:<business>:<conversation>` is a state, the same with `:h` a history, `sk:{p007}:position:<…>` how far the log of commits is
/// applied to this partition. What stands in braces decides on a cluster's slot: everything of a partition lies in one.
struct RedisKeys: Sendable {
    /// By the first byte of a conversation's pseudonym.
    static let partitionCount = 256

    /// Where a conversation is kept.
    struct Conversation: Hashable, Sendable {
        let partition: Int
        let state: RedisArgument
        let history: RedisArgument
    }

    /// The keys of the partitions' positions. They are named after the pseudonyms' key, too: installations that share a Redis do not meet.
    let positions: [RedisArgument]

    private let pseudonyms: Pseudonyms

    init(_ pseudonyms: Pseudonyms) {
        self.pseudonyms = pseudonyms
        let installation = Self.text(pseudonyms.name([]))
        positions = (0..<Self.partitionCount).map { .string("\(Self.prefix(of: $0)):position:\(installation)") }
    }

    /// What a business is called here.
    func name(of business: Business.ID) -> String { Self.text(pseudonyms.name([business.description])) }

    func partition(of key: ConversationKey) -> Int { Int(pseudonym(of: key)[0]) }

    /// - Parameter business: what its business is called here.
    func conversation(_ key: ConversationKey, business: String) -> Conversation {
        conversation(pseudonym: pseudonym(of: key), business: business)
    }

    /// A conversation whose id is not known any more.
    func conversation(pseudonym: [UInt8], business: String) -> Conversation {
        let partition = Int(pseudonym.first ?? 0)
        let state = "\(Self.prefix(of: partition)):\(business):\(Self.text(pseudonym))"
        return Conversation(partition: partition, state: .string(state), history: .string("\(state):h"))
    }

    private func pseudonym(of key: ConversationKey) -> [UInt8] { pseudonyms.name([key.business.description, key.conversation.description]) }

    private static func prefix(of partition: Int) -> String {
        let digits = String(partition)
        return "sk:{p\(String(repeating: "0", count: 3 - digits.utf8.count))\(digits)}"
    }

    /// Base64 in the alphabet for URLs, without filling.
    private static func text(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count * 4 + 2) / 3)
        var (bits, count) = (0, 0)
        for byte in bytes {
            bits = bits << 8 | Int(byte)
            count += 8
            while count >= 6 {
                count -= 6
                text.append(alphabet[bits >> count & 63])
            }
            bits &= 1 << count - 1
        }
        if count > 0 { text.append(alphabet[bits << (6 - count) & 63]) }
        return String(decoding: text, as: UTF8.self)
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
}
