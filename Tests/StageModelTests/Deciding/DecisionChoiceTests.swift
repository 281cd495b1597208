@testable import StageModel
import Testing

@Suite("Decisions: a choice among rules")
struct DecisionChoiceTests {
    static let model = DecisionCase.read(
        """
        # Rules for the model that hold are one to choose from, in their order
        1 greeting > order model: true
        2 greeting > refund 1 model: true
        3 greeting > shipping model: false
        -> one of 2, 1
        +2 eligible: true = true
        +1 eligible: true = true
        -3 not_held: false = false

        # What the model takes of them wins
        1 greeting > order model: true
        2 greeting > refund 1 model: true
        choose 1 by model
        -> order by 1, model
        +2 eligible: true = true
        +1 won: true = true

        # Two rules to one stage are two to choose from
        1 greeting > order model: true
        2 greeting > order model: true
        choose 2 by model
        -> order by 2, model
        +1 eligible: true = true
        +2 won: true = true

        # The model may stay
        1 greeting > order model: true
        choose nothing by model
        -> stays
        +1 eligible: true = true

        # A rule that does not hold is not taken, whatever the model says
        1 greeting > order model: true
        2 greeting > refund model: false
        choose 2 by model
        -> stays
        +1 eligible: true = true
        -2 not_held: false = false

        # A rule to another agent's stage is not taken
        1 greeting > order model: true
        2 greeting > ofAda model: true
        choose 2 by model
        -> stays
        +1 eligible: true = true
        +2 closed(other_agent): true = true

        # A rule of another stage is not taken
        1 greeting > order model: true
        2 order > refund model: true
        choose 2 by model
        -> stays
        +1 eligible: true = true

        # A rule that is not there is not taken
        1 greeting > order model: true
        choose 77 by model
        -> stays
        +1 eligible: true = true

        # An automatic rule is not for the model to take
        1 greeting > order model: true
        2 greeting > refund: false
        choose 2 by model
        -> stays
        -2 not_held: false = false
        +1 eligible: true = true

        # Where an automatic rule has won there is nothing to choose
        1 greeting > order model: true
        2 greeting > refund: true
        choose 1 by model
        -> refund by 2
        +2 won: true = true
        +1 not_tried: true = true

        # Where no rule holds there is nothing to choose
        1 greeting > order model: false
        choose 1 by model
        -> stays
        -1 not_held: false = false

        # The model may take a re-entry
        1 greeting > greeting model: true
        choose 1 by model
        -> greeting by 1, model
        +1 won: true = true
        """)

    static let words = DecisionCase.read(
        """
        # Without a model the target whose words match best is taken
        text I want my money back
        1 greeting > shipping model: true
        2 greeting > refund model: true
        3 greeting > order model: true
        choose by words
        -> refund by 2, lexical
        +1 eligible: true = true
        +2 won: true = true
        +3 eligible: true = true

        # The name of a stage counts as a word
        text SHIPPING?!
        1 greeting > order model: true
        2 greeting > shipping model: true
        choose by words
        -> shipping by 2, lexical
        +1 eligible: true = true
        +2 won: true = true

        # The description of a rule counts beside its target's words
        text I am angry
        1 greeting > order model: true
        2 greeting > refund model: true
        says 2 The customer is angry
        choose by words
        -> refund by 2, lexical
        +1 eligible: true = true
        +2 won: true = true

        # What matches nothing stays
        text zebra
        1 greeting > order model: true
        2 greeting > refund model: true
        choose by words
        -> stays
        +1 eligible: true = true
        +2 eligible: true = true

        # Staying competes: the words of the current stage may match better
        at refund
        text my money, my payment, my order
        1 refund > order model: true
        choose by words
        -> stays
        +1 eligible: true = true

        # Leaving the same stage with other words
        at refund
        text my order
        1 refund > order model: true
        choose by words
        -> order by 1, lexical
        +1 won: true = true

        # A re-entry that matches no better than staying is not made
        at refund
        text money
        1 refund > refund model: true
        choose by words
        -> stays
        +1 eligible: true = true

        # Of equal matches the first is taken
        text parcel
        2 greeting > shipping model: true
        1 greeting > shipping model: true
        3 greeting > shipping 1 model: false
        choose by words
        -> shipping by 1, lexical
        -3 not_held: false = false
        +1 won: true = true
        +2 eligible: true = true

        # The better match is taken though it stands behind
        text parcel
        1 greeting > order 9 model: true
        2 greeting > shipping model: true
        choose by words
        -> shipping by 2, lexical
        +1 eligible: true = true
        +2 won: true = true

        # A word of most stages says nothing
        text about
        1 greeting > order model: true
        choose by words
        -> stays
        +1 eligible: true = true

        # Words that any message may have say nothing
        text I would like to have something from you, please
        1 greeting > order model: true
        says 1 Somebody would like to have something
        choose by words
        -> stays
        +1 eligible: true = true

        # The endings of words do not count
        text Paying, goods, buys
        1 greeting > order model: true
        2 greeting > refund model: true
        says 2 Somebody pays for a good or buys it
        choose by words
        -> refund by 2, lexical
        +1 eligible: true = true
        +2 won: true = true

        # Without a message a conversation stays
        silence
        1 greeting > order model: true
        says 1 hello
        choose by words
        -> stays
        +1 eligible: true = true

        # An automatic rule that has won is not weighed against words
        text parcel
        1 greeting > shipping model: true
        2 greeting > order: true
        choose by words
        -> order by 2
        +2 won: true = true
        +1 not_tried: true = true

        # Only eligible rules are weighed
        text parcel and money
        1 greeting > shipping model: false
        2 greeting > refund model: true
        choose by words
        -> refund by 2, lexical
        -1 not_held: false = false
        +2 won: true = true
        """)

    @Test("Only eligible rules can be chosen, by the model or by words", arguments: model + words)
    func decides(row: DecisionCase) throws { try row.verify() }

    @Test("The words of a match are whole words of two letters and more without their endings, in any case and script")
    func wholeWords() {
        func chosen(_ text: String) -> Decision.Outcome {
            let rule = TransitionRule(from: nil, to: DecisionFlow.order, selection: .model, description: "a Größe 42 x-y")
            let flow = DecisionFlow.flow([Sample.saved(Sample.id(1), rule)])
            var state = ConversationState(key: ConversationKey(business: Sample.business.id, conversation: .simulated), at: Sample.start)
            state.stageID = DecisionFlow.greeting
            let event = ConversationEvent(message: Message(text: text, receivedAt: Sample.start))
            return flow.choosingByWords(flow.decide(state, on: event, at: Sample.start), state, on: event).outcome
        }
        let taken = Decision.Outcome.move(to: DecisionFlow.order, rule: Sample.id(1), by: .lexical)
        for text in ["GRÖSSE? größe!", "(42)", "order,now", "Order", "orders", "ordering"] { #expect(chosen(text) == taken, "\(text)") }
        for text in ["", " ", "a", "x", "y", "border", "4 2", "?!"] { #expect(chosen(text) == .stay, "\(text)") }
    }
}
