import Foundation
import RedisClient
import Sealing
import StageModel
import StageStore
import Testing

@testable import StageStoreRedis

@Suite("Names in Redis")
struct RedisKeysTests {
    private let pseudonyms = Pseudonyms(secret: Array("a secret of thirty-two bytes ....".utf8))

    private static func text(_ argument: RedisArgument) -> String {
        guard case .string(let text) = argument else { return "" }
        return text
    }

    @Test("tell nothing, lie in their partition's slot, and are the pseudonyms in base64 for URLs")
    func names() throws {
        let keys = RedisKeys(pseudonyms)
        for number in 0..<500 {
            let id = try #require(ConversationID("customer-\(number)"))
            let key = ConversationKey(business: Business.ID(), conversation: id)
            let name = keys.conversation(key, business: keys.name(of: key.business))
            func base64(_ parts: [String]) -> String {
                let text = Data(pseudonyms.name(parts)).base64EncodedString()
                return text.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
            }
            let pseudonym = pseudonyms.name([key.business.description, id.description])
            let slot = "sk:{p" + String(format: "%03d", pseudonym[0]) + "}"
            #expect(name.partition == Int(pseudonym[0]))
            #expect(keys.partition(of: key) == name.partition)
            #expect(
                Self.text(name.state)
                    == "\(slot):\(base64([key.business.description])):\(base64([key.business.description, id.description]))")
            #expect(Self.text(name.history) == Self.text(name.state) + ":h")
            #expect(Self.text(keys.positions[name.partition]).hasPrefix("\(slot):position:"))
        }
    }

    @Test("of an erased conversation are found by its pseudonym")
    func erased() throws {
        let keys = RedisKeys(pseudonyms)
        let key = ConversationKey(business: Business.ID(), conversation: try #require(ConversationID("a")))
        let business = keys.name(of: key.business)
        let pseudonym = pseudonyms.name([key.business.description, "a"])
        #expect(keys.conversation(pseudonym: pseudonym, business: business) == keys.conversation(key, business: business))
    }

    @Test("of two installations that share a Redis differ")
    func installations() {
        let other = RedisKeys(Pseudonyms(secret: Array(repeating: 1, count: 32)))
        #expect(Set(RedisKeys(pseudonyms).positions).union(other.positions).count == 2 * RedisKeys.partitionCount)
    }
}

@Suite("Stamps")
struct StampTests {
    @Test("are written and read alike, in the order of their numbers", arguments: [0, 1, 15, 16, 0x1234_5678_9abc, 1 << 53, Int64.max])
    func roundTrip(number: Int64) {
        let stamp = Stamp(generation: 0xab12, number: number)
        #expect(stamp.text.hasPrefix("0000ab12") && stamp.text.utf8.count == Stamp.width)
        #expect(Stamp(Array(stamp.text.utf8) + [1, 2]) == stamp)
        #expect(Stamp.digits(of: number) > Stamp.digits(of: number - 1) || number == 0)
    }

    @Test(
        "are nothing else",
        arguments: [
            "", "0000ab12", "0000ab12000000000000000", "0000AB120000000000000001", "0000ab12000000000000000g", "0000ab128000000000000000",
            " 000ab120000000000000001", "0000ab12-000000000000001",
        ])
    func refuses(text: String) { #expect(Stamp(Array(text.utf8)) == nil) }
}
