import Testing

@Suite("Decisions: the order of the candidates")
struct DecisionOrderTests {
    static let priorities = DecisionCase.read(
        """
        # Without rules a conversation stays
        -> stays

        # A rule whose condition holds leads on
        1 greeting > order: true
        -> order by 1
        +1 won: true = true

        # A rule whose condition does not hold leads nowhere
        1 greeting > order: false
        -> stays
        -1 not_held: false = false

        # A higher priority is tried first
        1 greeting > order: true
        2 greeting > refund 5: true
        -> refund by 2
        +2 won: true = true
        +1 not_tried: true = true

        # A priority below zero is tried after one that is not given
        1 greeting > order -1: true
        2 greeting > refund: true
        -> refund by 2
        +2 won: true = true
        +1 not_tried: true = true

        # Priorities are numbers, not texts
        1 greeting > order 9: false
        2 greeting > order 10: false
        3 greeting > order -10: false
        4 greeting > order -9: false
        -> stays
        -2 not_held: false = false
        -1 not_held: false = false
        -4 not_held: false = false
        -3 not_held: false = false

        # The whole range of priorities is in order
        1 greeting > order -1000000: true
        2 greeting > order 999999: false
        3 greeting > order 1000000: false
        4 greeting > order -999999: false
        -> order by 1
        -3 not_held: false = false
        -2 not_held: false = false
        -4 not_held: false = false
        +1 won: true = true

        # The first that holds wins, whatever comes behind it
        1 greeting > order 3: false
        2 greeting > refund 2: true
        3 greeting > shipping 1: true
        -> refund by 2
        -1 not_held: false = false
        +2 won: true = true
        +3 not_tried: true = true
        """)

    static let places = DecisionCase.read(
        """
        # Of equal priorities a stage's own rule is tried before one from any stage
        1 * > order: true
        2 greeting > refund: true
        -> refund by 2
        +2 won: true = true
        +1 not_tried: true = true

        # A rule from any stage is tried first when its priority is higher
        1 greeting > order: true
        2 * > refund 1: true
        -> refund by 2
        +2 won: true = true
        +1 not_tried: true = true

        # A rule from any stage leads on when no own one does
        1 * > order: true
        2 greeting > refund: false
        -> order by 1
        -2 not_held: false = false
        +1 won: true = true

        # Of equals the lower id is tried first
        2 greeting > order: true
        1 greeting > refund: true
        -> refund by 1
        +1 won: true = true
        +2 not_tried: true = true

        # Ids are compared by their bytes, so that 9 stands before 10
        10 greeting > order: true
        9 greeting > refund: true
        -> refund by 9
        +9 won: true = true
        +10 not_tried: true = true

        # Of equal rules from any stage the lower id is tried first
        7 * > order: true
        6 * > refund: true
        -> refund by 6
        +6 won: true = true
        +7 not_tried: true = true

        # Priority comes before own-stage, own-stage before the id
        1 * > order: false
        2 greeting > order: false
        3 * > order 1: false
        4 greeting > order 1: false
        -> stays
        -4 not_held: false = false
        -3 not_held: false = false
        -2 not_held: false = false
        -1 not_held: false = false

        # The rules of other stages are no candidates
        1 order > refund 9: true
        2 greeting > shipping: true
        -> shipping by 2
        +2 won: true = true

        # Each stage has its own candidates
        at order
        1 order > refund: true
        2 greeting > shipping 9: true
        -> refund by 1
        +1 won: true = true

        # A rule leads out of a final stage as out of any other
        at done
        1 * > order: true
        -> order by 1
        +1 won: true = true

        # A conversation that has not started stays where it is, which is nowhere
        at nowhere
        1 * > order: true
        -> stays

        # A conversation at a stage that is not there stays
        at absent
        1 * > order: true
        2 absent > order: true
        -> stays
        """)

    static let selections = DecisionCase.read(
        """
        # An automatic rule is tried before one for the model, whatever the priorities
        1 greeting > order 1000000 model: true
        2 greeting > refund -1000000: true
        -> refund by 2
        +2 won: true = true
        +1 not_tried: true = true

        # An automatic rule from any stage is tried before a stage's own one for the model
        1 greeting > order model: true
        2 * > refund: true
        -> refund by 2
        +2 won: true = true
        +1 not_tried: true = true

        # Where no automatic rule holds, those for the model are tried
        1 greeting > order 5 model: true
        2 greeting > refund: false
        -> one of 1
        -2 not_held: false = false
        +1 eligible: true = true

        # Rules for the model are in the same order among themselves
        1 * > order model: true
        2 greeting > refund model: true
        3 greeting > shipping 1 model: true
        4 greeting > once -1: false
        5 greeting > thrice -2: false
        -> one of 3, 2, 1
        -4 not_held: false = false
        -5 not_held: false = false
        +3 eligible: true = true
        +2 eligible: true = true
        +1 eligible: true = true
        """)

    @Test("Candidates are tried in the order of the design; the first automatic one that holds wins", arguments: priorities + places + selections)
    func decides(row: DecisionCase) throws { try row.verify() }
}
