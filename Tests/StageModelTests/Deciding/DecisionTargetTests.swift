import Testing

@Suite("Decisions: targets that are open or closed")
struct DecisionTargetTests {
    static let reentries = DecisionCase.read(
        """
        # A stage's own rule to itself is a re-entry
        1 greeting > greeting: true
        -> greeting by 1
        +1 won: true = true

        # A rule from any stage to the current one is skipped
        1 * > greeting: true
        -> stays
        +1 closed(already_there): true = true

        # A rule from any stage to the current one makes way for the next
        1 * > greeting 5: true
        2 * > order: true
        -> order by 2
        +1 closed(already_there): true = true
        +2 won: true = true

        # Elsewhere the same rule leads back
        at order
        1 * > greeting 5: true
        2 * > order: true
        -> greeting by 1
        +1 won: true = true
        +2 not_tried(already_there): true = true

        # For the model, too, an own rule to the current stage is a re-entry and one from any stage is skipped
        1 * > greeting 5 model: true
        2 greeting > greeting model: true
        -> one of 2
        +1 closed(already_there): true = true
        +2 eligible: true = true
        """)

    static let agents = DecisionCase.read(
        """
        # An agent's stage is skipped by a conversation without an agent
        1 greeting > ofAda 1: true
        2 greeting > order: true
        -> order by 2
        +1 closed(other_agent): true = true
        +2 won: true = true

        # An agent's stage is skipped by a conversation with another agent
        agent bob
        1 greeting > ofAda: true
        -> stays
        +1 closed(other_agent): true = true

        # An agent's stage is entered by a conversation with that agent
        agent ada
        1 greeting > ofAda: true
        -> ofAda by 1
        +1 won: true = true

        # One rule from any stage for each agent: the right one is taken
        agent bob
        1 * > ofAda 1: true
        2 * > ofBob: true
        -> ofBob by 2
        +1 closed(other_agent): true = true
        +2 won: true = true

        # Rules lead from an agent's stage to shared ones
        at ofAda
        agent ada
        1 ofAda > greeting: true
        -> greeting by 1
        +1 won: true = true

        # What the model may choose from has no stage of another agent
        agent ada
        1 greeting > ofBob model: true
        2 greeting > ofAda model: true
        -> one of 2
        +1 closed(other_agent): true = true
        +2 eligible: true = true
        """)

    static let disabled = DecisionCase.read(
        """
        # A disabled stage is skipped
        1 greeting > closed 1: true
        2 greeting > order: true
        -> order by 2
        +1 closed(disabled): true = true
        +2 won: true = true

        # A closed target is told even where the condition does not hold
        1 greeting > closed: false
        -> stays
        -1 closed(disabled): false = false

        # A closed target is told even where the condition has no value
        1 greeting > closed: data.n == 1
        -> stays
        -1 closed(disabled): data.n == 1 ! no such key: n ? data.n [data.n !]

        # A disabled stage is left as any other
        at closed
        1 closed > order: true
        -> order by 1
        +1 won: true = true

        # A disabled stage is not entered again either
        at closed
        1 closed > closed: true
        -> stays
        +1 closed(disabled): true = true

        # A disabled stage is none to choose
        1 greeting > closed model: true
        -> stays
        +1 closed(disabled): true = true

        # A target that is not there is skipped
        1 greeting > absent 1: true
        2 greeting > order: true
        -> order by 2
        +1 closed(missing): true = true
        +2 won: true = true

        # A target that is not there is none to choose
        1 * > absent model: true
        -> stays
        +1 closed(missing): true = true

        # That a rule from any stage leads nowhere is told before that the stage is disabled
        at closed
        1 * > closed: true
        -> stays
        +1 closed(already_there): true = true

        # A rule that was not tried tells of its closed target, too
        1 greeting > order 1: true
        2 greeting > closed: true
        -> order by 1
        +1 won: true = true
        +2 not_tried(disabled): true = true
        """)

    static let limits = DecisionCase.read(
        """
        # A stage that was never entered is open
        1 greeting > once: true
        -> once by 1
        +1 won: true = true

        # A stage that was entered as often as it may be is closed
        visits once 1
        1 greeting > once 1: true
        2 greeting > order: true
        -> order by 2
        +1 closed(max_visits): true = true
        +2 won: true = true

        # A stage that was entered more often than that is closed
        visits thrice 4
        1 * > thrice: true
        -> stays
        +1 closed(max_visits): true = true

        # A stage that was entered less often is open
        visits thrice 2, once 1
        1 * > thrice: true
        -> thrice by 1
        +1 won: true = true

        # A re-entry counts: below the limit it is made
        at thrice
        visits thrice 2
        1 thrice > thrice: true
        -> thrice by 1
        +1 won: true = true

        # A re-entry at the limit is not made
        at thrice
        visits thrice 3
        1 thrice > thrice: true
        -> stays
        +1 closed(max_visits): true = true

        # Being there already is told before the limit
        at once
        visits once 1
        1 * > once: true
        -> stays
        +1 closed(already_there): true = true

        # A stage without a limit is never closed by visits
        visits order 1000000
        1 greeting > order: true
        -> order by 1
        +1 won: true = true

        # The limit of one stage is nothing to another
        visits once 1, greeting 3
        1 greeting > thrice: true
        -> thrice by 1
        +1 won: true = true

        # A stage at its limit is none to choose
        visits once 1
        1 greeting > once model: true
        2 greeting > order model: true
        -> one of 2
        +1 closed(max_visits): true = true
        +2 eligible: true = true
        """)

    @Test("Closed targets are skipped and told, open ones entered", arguments: reentries + agents + disabled + limits)
    func decides(row: DecisionCase) throws { try row.verify() }
}
