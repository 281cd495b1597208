@testable import StageModel
import Testing

@Suite("Lexical match")
struct LexicalMatchTests {
    static let families = [
        "return returns returned returning", "ship ships shipped shipping shipment shipments", "deliver delivers delivered delivery deliveries",
        "arrive arrives arrived arriving", "complain complains complained complaint complaints", "reply replies replied replying",
        "fill fills filled filling", "call calls called calling",
        "cancel cancelled canceled cancelling", "exchange exchanges exchanged exchanging", "address addresses addressed", "refund refunds refunded",
        "late lately", "pass passes passed passing",
    ]

    @Test("Words of one family have one stem", arguments: families)
    func oneStem(family: String) { #expect(Set(family.stems).count == 1, "\(family.stems)") }

    @Test(
        "Words that only look alike keep stems of their own",
        arguments: ["sing sling", "red reed", "bus bush", "pay play", "thin thinner", "bed bee"]
    )
    func ownStems(words: String) { #expect(Set(words.stems).count == words.split(separator: " ").count, "\(words.stems)") }

    @Test(
        "A text is read as words, without those of one letter and those that any message may have",
        arguments: [
            ("", []), ("!? a 7", []), ("I don’t, I'd, you're", []), ("Größe GRÜN", ["größe", "grün"]), ("42 x-ray", ["42", "ray"]),
            ("order,now", ["order"]),
            ("Please tell me where it is", []), ("LL-20417", ["ll", "20417"]), ("投诉 заказы", ["投诉", "заказы"]),
        ] as [(String, [String])])
    func reading(text: String, stems: [String]) { #expect(text.stems == stems) }

    /// A hall from which a rule leads to every room.
    private func rooms(_ descriptions: [String], saying: String = "") -> Flow {
        let stages = descriptions.enumerated().map { index, description in
            var stage = Sample.stage("\(index) room")
            stage.description = description
            return Sample.saved(Sample.id(index + 1), stage)
        }
        let rules = stages.dropFirst().map { stage in
            let rule = TransitionRule(from: stages[0].id, to: stage.id, selection: .model, description: saying)
            return Sample.saved(Sample.id(500 + stage.id.number), rule)
        }
        return Flow(business: Sample.business, templates: Sample.templates, stages: stages, rules: rules)
    }

    private func target(of text: String, in flow: Flow) -> Int? {
        var state = ConversationState(key: ConversationKey(business: Sample.business.id, conversation: .simulated), at: Sample.start)
        state.stageID = Sample.id(1)
        let event = ConversationEvent(message: Message(text: text, receivedAt: Sample.start))
        let outcome = flow.choosingByWords(flow.decide(state, on: event, at: Sample.start), state, on: event).outcome
        return if case .move(let stage, _, _) = outcome { stage.number } else { nil }
    }

    @Test("A word that nearly all texts have is no reason to leave; a rarer one is")
    func weakMatch() {
        let flow = rooms(["hall"] + (1...9).map { $0 == 5 ? "parcels and invoices" : "parcels" })
        #expect(target(of: "my parcels", in: flow) == nil)
        #expect(target(of: "my invoice", in: flow) == 6)
        #expect(target(of: "invoices for parcels", in: flow) == 6)
    }

    @Test("A target must be better than staying, not only as good")
    func staying() {
        let flow = rooms(["lamps and vases", "lamps and rugs", "clocks"])
        #expect(target(of: "lamps", in: flow) == nil)
        #expect(target(of: "vases and rugs", in: flow) == nil)
        #expect(target(of: "rugs", in: flow) == 2)
        #expect(target(of: "clock", in: flow) == 3)
    }

    @Test("How rare a word is, is seen from the texts of the rules as well")
    func rarityOfRules() {
        // Every rule speaks of customers, so what they speak of decides.
        let flow = rooms(["hall", "rugs", "lamps customers", "clocks"], saying: "The customer")
        #expect(target(of: "a customer for rugs", in: flow) == 2)
    }

    @Test("What stages and rules have no words for stays")
    func withoutWords() {
        #expect(target(of: "rugs", in: rooms(["", "", ""])) == nil)
        #expect(target(of: "the and of", in: rooms(["the", "and", "of"])) == nil)
    }
}
