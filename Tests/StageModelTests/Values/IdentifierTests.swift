import StageModel
import Testing

@Suite("Ids")
struct IdentifierTests {
    @Test("A new id is a random UUID of version 4 that reads back as itself")
    func random() throws {
        var seen: Set<Stage.ID> = []
        for _ in 0..<1000 {
            let id = Stage.ID()
            let text = Array(id.description)
            #expect(text.count == 36 && text[14] == "4" && "89ab".contains(text[19]))
            #expect(Stage.ID(id.description) == id)
            #expect(seen.insert(id).inserted)
        }
    }

    static let accepted = [
        "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "123e4567-e89b-42d3-a456-426614174000",
        "123E4567-E89B-42D3-A456-426614174000", "01234567-89ab-cdef-0123-456789abcdef",
    ]

    @Test("Hexadecimal digits of either case are read, and written in lower case", arguments: accepted)
    func accepts(text: String) throws {
        let id = try #require(Template.ID(text))
        #expect(id.description == text.lowercased())
        #expect(String(decoding: id.jsonBytes, as: UTF8.self) == "\"\(text.lowercased())\"")
    }

    static let refused = [
        "", "123e4567", "123e4567-e89b-42d3-a456-42661417400", "123e4567-e89b-42d3-a456-4266141740000", "123e4567e89b42d3a456426614174000",
        "123e4567-e89b-42d3-a456-42661417400g", "123e4567-e89b-42d3-a4564-26614174000", " 123e4567-e89b-42d3-a456-426614174000",
        "{123e4567-e89b-42d3-a456-426614174000}", "123e4567-e89b-42d3-a456-42661417400é", "123e4567–e89b–42d3–a456–426614174000",
    ]

    @Test("Anything else is no id", arguments: refused)
    func refuses(text: String) { #expect(Stage.ID(text) == nil) }

    @Test("Ids are ordered as their texts are")
    func order() throws {
        let ids = (0..<200).map { _ in Agent.ID() }
        #expect(ids.sorted().map(\.description) == ids.map(\.description).sorted())
    }
}

@Suite("Conversation ids")
struct ConversationIDTests {
    static let accepted = [
        "a", "0", "...", ".a", "-", "user@example.org", "whatsapp:+49-170_1.2", "A-Z", String(repeating: "x", count: 128),
    ]

    @Test("What keeps the rule is an id, as it is", arguments: accepted)
    func accepts(text: String) { #expect(ConversationID(text)?.description == text) }

    static let refused = [
        "", ".", "..", " ", "a b", "a/b", "a%20b", "é", "a\n", "a\u{0}", "a~", "a,b", "a?b", "#", "👍🏽", String(repeating: "x", count: 129),
    ]

    @Test("What breaks the rule is none", arguments: refused)
    func refuses(text: String) { #expect(ConversationID(text) == nil) }

    @Test("Exactly the characters of the rule are allowed")
    func characters() {
        let allowed = (UInt8.min...127).filter { ConversationID("x" + String(UnicodeScalar($0))) != nil }
        let expected = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:@+-".utf8)
        #expect(Set(allowed) == expected)
    }

    @Test("Ids that differ in case are different")
    func comparison() { #expect(ConversationID("a") != ConversationID("A")) }
}
