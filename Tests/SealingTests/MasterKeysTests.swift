import Foundation
import Sealing
import Testing

@Suite("Master keys")
struct MasterKeysTests {
    private static let secret = Data(repeating: 0xA7, count: 32).base64EncodedString()
    private static let short = Data(repeating: 0xA7, count: 31).base64EncodedString()
    private static let long = Data(repeating: 0xA7, count: 33).base64EncodedString()

    static let accepted = [
        "k1:\(secret)", "k1:\(secret),k2:\(secret)", "  k1:\(secret)\n", "k1:\(secret)\nk2:\(secret)\n", "k1:\(secret), k2:\(secret),",
        "A-b_9:\(secret)", "\(String(repeating: "k", count: 32)):\(secret)",
    ]

    @Test("Keys are read from a list, apart by commas or white space", arguments: accepted)
    func accepts(text: String) { #expect(throws: Never.self) { try MasterKeys(parsing: text) } }

    /// A text, and a part of what is said of it.
    static let refused: [(String, String)] = [
        ("", "There is no encryption key"), (" ,\n", "There is no encryption key"), (secret, "Encryption key 1 must read 'id:base64'"),
        ("k1:\(secret),\(secret)", "Encryption key 2 must read"), (":\(secret)", "Encryption key 1 must read"), ("k1:", "Encryption key 1 must read"),
        ("k 1:\(secret)", "Encryption key 1 must read"), ("k/1:\(secret)", "Encryption key 1 must read"),
        ("é:\(secret)", "Encryption key 1 must read"),
        ("\(String(repeating: "k", count: 33)):\(secret)", "Encryption key 1 must read"), ("\(secret):k1", "Encryption key 1 must read"),
        ("k1:\(short)", "'k1' must be 32 bytes"), ("k1:\(long)", "'k1' must be 32 bytes"), ("k1:\(secret.dropLast(2))", "'k1' must be 32 bytes"),
        ("k1:\(secret)!", "'k1' must be 32 bytes"), ("k1:k2:\(secret)", "'k1' must be 32 bytes"),
        ("k1:\(secret),k1:\(secret)", "'k1' is given twice"),
        ("k2:\(secret),k1:\(short)", "'k1' must be 32 bytes"),
    ]

    @Test("What can't be read is told without any of the secret", arguments: refused)
    func refuses(text: String, message: String) throws {
        let error = try #require(throws: MasterKeys.InvalidKeys.self) { try MasterKeys(parsing: text) }
        #expect(error.description.contains(message), "\(error)")
        #expect(!"\(error)".contains(Self.secret.prefix(8)) && !String(reflecting: error).contains(Self.secret.prefix(8)))
    }

    @Test("A generated key is read, and no two are the same")
    func generated() throws {
        let keys = (0..<100).map { _ in MasterKeys.generate(id: "k1") }
        #expect(Set(keys).count == 100)
        #expect(keys.allSatisfy { $0.hasPrefix("k1:") && $0.utf8.count == 3 + 44 })
        for key in keys { #expect(throws: Never.self) { try MasterKeys(parsing: key) } }
    }

    @Test("Keys print no secret")
    func printing() throws {
        let keys = try MasterKeys(parsing: "k1:\(Self.secret)")
        var dumped = ""
        dump(keys, to: &dumped)
        let bytes = "167, 167, 167"
        for text in ["\(keys)", String(reflecting: keys), dumped] { #expect(!text.contains(Self.secret.prefix(8)) && !text.contains(bytes)) }
    }
}

@Suite("Pseudonyms")
struct PseudonymTests {
    private static let names = Pseudonyms(secret: Array(0..<32))

    @Test("The same parts have the same pseudonym under the same secret, and another under another")
    func deterministic() {
        #expect(Self.names.name(["b", "c"]) == Pseudonyms(secret: Array(0..<32)).name(["b", "c"]))
        #expect(Self.names.name(["b", "c"]) != Pseudonyms(secret: Array(1..<33)).name(["b", "c"]))
        #expect(Self.names.name(["b", "c"]).count == 32)
    }

    @Test("Where one part ends and the next begins makes a difference")
    func separated() {
        let parts = [
            [], [""], ["", ""], ["ab", "c"], ["a", "bc"], ["abc"], ["abc", ""], ["", "abc"], ["c", "ab"], ["a", "b", "c"], ["a\u{0}bc"],
        ]
        #expect(Set(parts.map { Self.names.name($0) }).count == parts.count)
    }

    @Test("Random bytes are as many as asked for, and new each time")
    func random() {
        #expect(Set((0..<100).map { _ in randomBytes(32) }).count == 100)
        #expect(randomBytes(7).count == 7)
    }
}
