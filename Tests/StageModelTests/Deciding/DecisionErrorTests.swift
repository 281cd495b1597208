import Testing

@Suite("Decisions: conditions that err")
struct DecisionErrorTests {
    static let missing = DecisionCase.read(
        """
        # Without a message a condition on it has no value
        silence
        1 greeting > order: message.text == 'x'
        -> stays
        -1 failed(there is no message): message.text == 'x' ! there is no message ? message [message.text !]

        # Without a message other conditions hold as ever
        silence
        1 greeting > order 1: message.type == 'text'
        2 greeting > refund: stage.seconds >= 60
        -> refund by 2
        -1 failed(there is no message): message.type == 'text' ! there is no message ? message [message.type !]
        +2 won: stage.seconds >= 60 = true [stage.seconds = 60]

        # A datum that is not known has no value
        1 greeting > order: data.n > 1
        -> stays
        -1 failed(no such key: n): data.n > 1 ! no such key: n ? data.n [data.n !]

        # What is missing is told with its whole path
        data {"address": {}}
        1 greeting > order: data.address.city == 'Bonn'
        -> stays
        -1 failed(no such key: city): data.address.city == 'Bonn' ! no such key: city ? data.address.city [data.address.city !]

        # What is missing is told as far as the way goes
        1 greeting > order: data.address.city == 'Bonn'
        -> stays
        -1 failed(no such key: address): data.address.city == 'Bonn' ! no such key: address ? data.address [data.address.city !]

        # A name that is no word is told in brackets
        1 greeting > order: data['first name'] == 'Eve'
        -> stays
        -1 failed(no such key: "first name"): data['first name'] == 'Eve' ! no such key: "first name" ? data["first name"]
            [data['first name'] !]

        # An element beyond the end of a list is missing
        data {"tags": ["vip"]}
        1 greeting > order: data.tags[1] == 'x'
        -> stays
        -1 failed(index out of range: 1): data.tags[1] == 'x' ! index out of range: 1 ? data.tags[1] [data.tags[1] !]

        # Metadata that was not added is missing
        1 greeting > order: message.metadata.button == 'yes'
        -> stays
        -1 failed(no such key: button):
          message.metadata.button == 'yes' ! no such key: button ? message.metadata.button [message.metadata.button !]

        # has() asks without erring, and the clause behind it tells its error all the same
        1 greeting > order: has(data.n) && data.n > 1
        -> stays
        -1 not_held: has(data.n) = false
          data.n > 1 ! no such key: n ? data.n [data.n !]

        # An optional field has a value to fall back on
        1 greeting > order: data.?n.orValue(5) > 1
        -> order by 1
        +1 won: data.?n.orValue(5) > 1 = true [data.?n.orValue(5) = 5]
        """)

    static let logic = DecisionCase.read(
        """
        # A true operand of || makes up for an error behind it
        silence
        data {"vip": true}
        1 greeting > order: data.vip || message.text == 'x'
        -> order by 1
        +1 won: data.vip = true
          message.text == 'x' ! there is no message ? message [message.text !]

        # A true operand of || makes up for an error before it
        silence
        1 greeting > order: message.text == 'x' || stage.seconds > 1
        -> order by 1
        +1 won: message.text == 'x' ! there is no message ? message [message.text !]
          stage.seconds > 1 = true [stage.seconds = 60]

        # A false operand of || does not
        silence
        1 greeting > order: message.text == 'x' || stage.seconds > 100
        -> stays
        -1 failed(there is no message): message.text == 'x' ! there is no message ? message [message.text !]
          stage.seconds > 100 = false [stage.seconds = 60]

        # A false operand of && decides before an error
        1 greeting > order: stage.seconds > 100 && data.n > 1
        -> stays
        -1 not_held: stage.seconds > 100 = false [stage.seconds = 60]
          data.n > 1 ! no such key: n ? data.n [data.n !]

        # A false operand of && decides behind an error
        1 greeting > order: data.n > 1 && stage.seconds > 100
        -> stays
        -1 not_held: data.n > 1 ! no such key: n ? data.n [data.n !]
          stage.seconds > 100 = false [stage.seconds = 60]

        # A true operand of && does not make up for an error, and the first of several errors is told
        1 greeting > order: stage.seconds > 1 && data.n > 1 && data.m > 1
        -> stays
        -1 failed(no such key: n): stage.seconds > 1 = true [stage.seconds = 60]
          data.n > 1 ! no such key: n ? data.n [data.n !]
          data.m > 1 ! no such key: m ? data.m [data.m !]

        # What is not known is not false either
        1 greeting > order: !(data.n > 1)
        -> stays
        -1 failed(no such key: n): data.n > 1 ! no such key: n ? data.n [data.n !]

        # The branch that is not taken is not evaluated
        1 greeting > order: has(data.n) ? data.n > 1 : stage.seconds > 1
        -> order by 1
        +1 won: has(data.n) = false
          data.n > 1 was not evaluated
          stage.seconds > 1 = true [stage.seconds = 60]
        """)

    static let types = DecisionCase.read(
        """
        # A datum that is a truth value is a condition
        data {"vip": true}
        1 greeting > order: data.vip
        -> order by 1
        +1 won: data.vip = true

        # A datum that is false does not hold
        data {"vip": false}
        1 greeting > order: data.vip
        -> stays
        -1 not_held: data.vip = false

        # A number is no truth value
        data {"vip": 1}
        1 greeting > order: data.vip
        -> stays
        -1 failed(no such overload: a truth value is needed here, not int): data.vip = 1

        # A text is no truth value, not even "true"
        data {"vip": "true"}
        1 greeting > order: !data.vip
        -> stays
        -1 failed(no such overload: a truth value is needed here, not string): data.vip = "true"

        # A null is no truth value
        data {"vip": null}
        1 greeting > order: data.vip && stage.seconds > 1
        -> stays
        -1 failed(no such overload: a truth value is needed here, not null_type): data.vip = null
          stage.seconds > 1 = true [stage.seconds = 60]

        # An operand of || that is no truth value errs, and a true one makes up for it
        data {"vip": 1}
        1 greeting > order: data.vip || stage.seconds > 1
        -> order by 1
        +1 won: data.vip = 1
          stage.seconds > 1 = true [stage.seconds = 60]

        # A text is not compared with a number
        data {"n": "5"}
        1 greeting > order: data.n > 1
        -> stays
        -1 failed(no such overload: _>_(string, int)): data.n > 1 ! no such overload: _>_(string, int) [data.n = "5"]

        # A text that is no number can't be made one
        data {"n": "five"}
        1 greeting > order: int(data.n) > 1
        -> stays
        -1 failed('five' is not a valid int): int(data.n) > 1 ! 'five' is not a valid int [int(data.n) !]

        # Nothing is divided by zero
        data {"n": 0}
        1 greeting > order: 10 / data.n > 1
        -> stays
        -1 failed(division by zero): 10 / data.n > 1 ! division by zero [10 / data.n !]

        # An error in one rule is nothing to the next
        1 greeting > order 1: data.n > 1
        2 greeting > refund: true
        -> refund by 2
        -1 failed(no such key: n): data.n > 1 ! no such key: n ? data.n [data.n !]
        +2 won: true = true

        # A rule for the model that errs is none to choose
        1 greeting > order 1 model: data.n > 1
        2 greeting > refund model: true
        -> one of 2
        -1 failed(no such key: n): data.n > 1 ! no such key: n ? data.n [data.n !]
        +2 eligible: true = true

        # A condition that can't be read any more has no value and no clauses
        1 greeting > order 1: data.n >
        2 greeting > refund: true
        -> refund by 2
        -1 failed(expected an expression, not the end)
        +2 won: true = true
        """)

    static let steps = DecisionCase.read(
        """
        # A condition that takes too many steps has no value
        numbers 1000
        1 greeting > order: data.numbers.exists(a, data.numbers.exists(b, a + b < 0))
        -> stays
        -1 failed(the expression takes more steps than the limit):
          data.numbers.exists(a, data.numbers.exists(b, a + b < 0))
            ! the expression takes more steps than the limit [data.numbers = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 1…]

        # A limit is not made up for by || behind it
        numbers 1000
        1 greeting > order: data.numbers.exists(a, data.numbers.exists(b, a + b < 0)) || stage.seconds > 1
        -> stays
        -1 failed(the expression takes more steps than the limit):
          data.numbers.exists(a, data.numbers.exists(b, a + b < 0))
            ! the expression takes more steps than the limit [data.numbers = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 1…]
          stage.seconds > 1 was not evaluated

        # What || has decided before holds, though the trace goes on into the limit
        numbers 1000
        1 greeting > order: stage.seconds > 1 || data.numbers.exists(a, data.numbers.exists(b, a + b < 0))
        -> order by 1
        +1 won: stage.seconds > 1 = true [stage.seconds = 60]
          data.numbers.exists(a, data.numbers.exists(b, a + b < 0))
            ! the expression takes more steps than the limit [data.numbers = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 1…]

        # Each rule has its own steps
        numbers 1000
        1 greeting > order 1: data.numbers.exists(a, data.numbers.exists(b, a + b < 0))
        2 greeting > refund: data.numbers.exists(a, a > 998)
        -> refund by 2
        -1 failed(the expression takes more steps than the limit):
          data.numbers.exists(a, data.numbers.exists(b, a + b < 0))
            ! the expression takes more steps than the limit [data.numbers = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 1…]
        +2 won: data.numbers.exists(a, a > 998) = true [data.numbers = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 1…]
        """)

    @Test("A condition that errs does not hold, and its trace says why", arguments: missing + logic + types + steps)
    func decides(row: DecisionCase) throws { try row.verify() }
}
