import Foundation
import Sealing
import Testing

@Suite("Sealing")
struct SealerTests {
    private static let salt: [UInt8] = Array(0..<32)
    private static let place = Array("business/conversation/1/card".utf8)
    private static let secret = Array("4111 1111 1111 1111".utf8)

    private static func keys(_ ids: String...) throws -> MasterKeys {
        // Keys that are the same in every run: the bytes of the id, over and over.
        try MasterKeys(
            parsing: ids.map { id in "\(id):" + Data((0..<32).map { Array(id.utf8)[$0 % id.utf8.count] }).base64EncodedString() }.joined(
                separator: ","))
    }

    @Test("What was sealed opens again for the same place", arguments: [0, 1, 15, 16, 17, 1000, 100_000])
    func roundTrip(count: Int) throws {
        let sealer = Sealer(try Self.keys("k1"))
        let plaintext = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        let envelope = try sealer.seal(plaintext, salt: Self.salt, place: Self.place)
        #expect(try sealer.open(envelope, salt: Self.salt, place: Self.place) == plaintext)
        #expect(envelope.count == 2 + 2 + 12 + count + 16, "Format, length, id, nonce, ciphertext, tag.")
    }

    @Test("An envelope does not hold the text, and is never the same twice")
    func conceals() throws {
        let sealer = Sealer(try Self.keys("k1"))
        let envelopes = try (0..<50).map { _ in try sealer.seal(Self.secret, salt: Self.salt, place: Self.place) }
        #expect(Set(envelopes).count == 50)
        #expect(envelopes.allSatisfy { Data($0).range(of: Data(Self.secret.prefix(4))) == nil })
    }

    static let elsewhere: [([UInt8], [UInt8])] = [
        (salt, []), (salt, Array("business/conversation/2/card".utf8)), (salt, place + [0]), (Array(salt.dropLast()), place), ([], place),
        (salt.reversed(), place),
    ]

    @Test("It opens for no other place and with no other salt", arguments: elsewhere)
    func bound(salt: [UInt8], place: [UInt8]) throws {
        let sealer = Sealer(try Self.keys("k1"))
        let envelope = try sealer.seal(Self.secret, salt: Self.salt, place: Self.place)
        #expect(throws: Sealer.Failure.notAuthentic) { try sealer.open(envelope, salt: salt, place: place) }
    }

    @Test("An envelope opens no more when any of its bytes is changed")
    func changedBytes() throws {
        let sealer = Sealer(try Self.keys("k1", "k2"))
        let envelope = try sealer.seal(Self.secret, salt: Self.salt, place: Self.place)
        for index in envelope.indices {
            for mask in [UInt8(1), 0x03, 0x80, 0xFF] {
                var changed = envelope
                changed[index] ^= mask
                #expect(throws: Sealer.Failure.self, "byte \(index), mask \(mask)") { try sealer.open(changed, salt: Self.salt, place: Self.place) }
            }
        }
    }

    @Test("An envelope opens no more when it is cut or lengthened anywhere")
    func cut() throws {
        let sealer = Sealer(try Self.keys("k1"))
        let envelope = try sealer.seal(Self.secret, salt: Self.salt, place: Self.place)
        for count in 0..<envelope.count {
            #expect(throws: Sealer.Failure.self) { try sealer.open(Array(envelope.prefix(count)), salt: Self.salt, place: Self.place) }
        }
        #expect(throws: Sealer.Failure.notAuthentic) { try sealer.open(envelope + [0], salt: Self.salt, place: Self.place) }
        #expect(throws: Sealer.Failure.notAuthentic) { try sealer.open([1, 255] + envelope, salt: Self.salt, place: Self.place) }
    }

    @Test("An envelope of a key that is not given names the key's id")
    func unknownKey() throws {
        let envelope = try Sealer(try Self.keys("k1")).seal(Self.secret, salt: Self.salt, place: Self.place)
        #expect(throws: Sealer.Failure.unknownKey(id: "k1")) { try Sealer(Self.keys("k2")).open(envelope, salt: Self.salt, place: Self.place) }
    }

    @Test("Another secret under the same id opens nothing")
    func sameID() throws {
        let envelope = try Sealer(try Self.keys("k1")).seal(Self.secret, salt: Self.salt, place: Self.place)
        let other = Sealer(try MasterKeys(parsing: MasterKeys.generate(id: "k1")))
        #expect(throws: Sealer.Failure.notAuthentic) { try other.open(envelope, salt: Self.salt, place: Self.place) }
    }

    @Test("After a rotation the new key seals and the old one opens still")
    func rotation() throws {
        let old = Sealer(try Self.keys("k1"))
        let rotated = Sealer(try Self.keys("k2", "k1"))
        let before = try old.seal(Self.secret, salt: Self.salt, place: Self.place)
        let after = try rotated.seal(Self.secret, salt: Self.salt, place: Self.place)
        #expect(try rotated.open(before, salt: Self.salt, place: Self.place) == Self.secret)
        #expect(try rotated.open(after, salt: Self.salt, place: Self.place) == Self.secret)
        #expect(throws: Sealer.Failure.unknownKey(id: "k2")) { try old.open(after, salt: Self.salt, place: Self.place) }
        let retired = Sealer(try Self.keys("k2"))
        #expect(try retired.open(after, salt: Self.salt, place: Self.place) == Self.secret)
        #expect(throws: Sealer.Failure.unknownKey(id: "k1")) { try retired.open(before, salt: Self.salt, place: Self.place) }
    }

    @Test("Keys are derived again when more salts are in use than are kept")
    func manySalts() throws {
        let sealer = Sealer(try Self.keys("k1"))
        let first = try sealer.seal(Self.secret, salt: Self.salt, place: Self.place)
        for number in 0..<5000 { _ = try sealer.seal([1], salt: withUnsafeBytes(of: number) { Array($0) }, place: []) }
        #expect(try sealer.open(first, salt: Self.salt, place: Self.place) == Self.secret)
    }
}
