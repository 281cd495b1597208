import Testing

@Suite("Decisions: what conditions see")
struct DecisionVariableTests {
    static let messages = DecisionCase.read(
        """
        # message.text is what was said
        text Where is my parcel?
        1 greeting > shipping: message.text.contains('parcel')
        -> shipping by 1
        +1 won: message.text.contains('parcel') = true [message.text = "Where is my parcel?"]

        # message.type is text unless something else is said
        1 greeting > order: message.type == 'image'
        -> stays
        -1 not_held: message.type == 'image' = false [message.type = "text"]

        # message.type is what the caller calls it
        type image
        1 greeting > order: message.type == 'image'
        -> order by 1
        +1 won: message.type == 'image' = true [message.type = "image"]

        # message.metadata is what the caller adds
        metadata {"button": {"id": 7}}
        1 greeting > order: message.metadata.button.id == 7
        -> order by 1
        +1 won: message.metadata.button.id == 7 = true [message.metadata.button.id = 7]

        # message.received_at is a time
        1 greeting > order: message.received_at == now
        -> order by 1
        +1 won: message.received_at == now = true
            [message.received_at = timestamp("2027-01-15T08:01:00Z"), now = timestamp("2027-01-15T08:01:00Z")]

        # The metadata is empty unless something is added
        1 greeting > order: size(message.metadata) == 0
        -> order by 1
        +1 won: size(message.metadata) == 0 = true [size(message.metadata) = 0]
        """)

    static let data = DecisionCase.read(
        """
        # data has what is known
        data {"n": 2, "name": "Eve"}
        1 greeting > order: data.n > 1 && data.name == 'Eve'
        -> order by 1
        +1 won: data.n > 1 = true [data.n = 2]
          data.name == 'Eve' = true [data.name = "Eve"]

        # What the stage knows hides what the conversation knows
        data {"n": 1, "m": 5}
        stage-data {"n": 2}
        1 greeting > order: data.n == 2 && data.m == 5
        -> order by 1
        +1 won: data.n == 2 = true [data.n = 2]
          data.m == 5 = true [data.m = 5]

        # Whole numbers are ints of 64 bits, others doubles, and both compare as numbers
        data {"big": 9007199254740993, "half": 0.5}
        1 greeting > order: data.big == 9007199254740993 && data.half < 1
        -> order by 1
        +1 won: data.big == 9007199254740993 = true [data.big = 9007199254740993]
          data.half < 1 = true [data.half = 0.5]

        # A null is a value
        data {"n": null}
        1 greeting > order: data.n == null && has(data.n)
        -> order by 1
        +1 won: data.n == null = true [data.n = null]
          has(data.n) = true

        # Lists and maps are what they are in JSON
        data {"tags": ["new", "vip"], "address": {"city": "Bonn"}}
        1 greeting > order: 'vip' in data.tags && data.address.city == 'Bonn' && data['address']['city'].size() == 4
        -> order by 1
        +1 won: 'vip' in data.tags = true [data.tags = ["new", "vip"]]
          data.address.city == 'Bonn' = true [data.address.city = "Bonn"]
          data['address']['city'].size() == 4 = true [data['address']['city'].size() = 4]

        # A macro is one clause that shows what it goes over
        data {"tags": ["new", "vip"]}
        1 greeting > order: data.tags.exists(tag, tag == 'old')
        -> stays
        -1 not_held: data.tags.exists(tag, tag == 'old') = false [data.tags = ["new", "vip"]]
        """)

    static let conversations = DecisionCase.read(
        """
        # stage has the name and the type of the current stage
        at survey
        1 * > order: stage.name == 'survey' && stage.type == 'form'
        -> order by 1
        +1 won: stage.name == 'survey' = true [stage.name = "survey"]
          stage.type == 'form' = true [stage.type = "form"]

        # stage.visits counts the entries into the current stage
        visits greeting 2, order 9
        1 greeting > order: stage.visits == 2
        -> order by 1
        +1 won: stage.visits == 2 = true [stage.visits = 2]

        # stage.seconds is the time since the entry, in whole seconds
        seconds 59.9
        1 greeting > order: stage.seconds >= 60
        -> stays
        -1 not_held: stage.seconds >= 60 = false [stage.seconds = 59]

        # stage.seconds reaches its minute
        seconds 60
        1 greeting > order: stage.seconds >= 60
        -> order by 1
        +1 won: stage.seconds >= 60 = true [stage.seconds = 60]

        # stage.seconds is never negative, even when clocks differ
        seconds -5
        1 greeting > order: stage.seconds == 0
        -> order by 1
        +1 won: stage.seconds == 0 = true [stage.seconds = 0]

        # conversation has its id, the messages handled before, and its beginning
        turns 4
        1 greeting > order: conversation.id == 'c-1' && conversation.turns == 4 && now - conversation.created_at == duration('1m')
        -> order by 1
        +1 won: conversation.id == 'c-1' = true [conversation.id = "c-1"]
          conversation.turns == 4 = true [conversation.turns = 4]
          now - conversation.created_at == duration('1m') = true
            [now - conversation.created_at = duration("60s"), duration('1m') = duration("60s")]

        # agent has the id and the name of who it is held with
        agent ada
        1 greeting > order: agent.name == 'Ada' && agent.id == '00000000-0000-4000-8000-000000000101'
        -> order by 1
        +1 won: agent.name == 'Ada' = true [agent.name = "Ada"]
          agent.id == '00000000-0000-4000-8000-000000000101' = true
            [agent.id = "00000000-0000-4000-8000-000000000101"]

        # Without an agent both texts are empty
        1 greeting > order: agent.id == '' && agent.name == ''
        -> order by 1
        +1 won: agent.id == '' = true [agent.id = ""]
          agent.name == '' = true [agent.name = ""]

        # An agent that is not there any more has an id and no name
        agent cleo
        1 greeting > order: agent.id != '' && agent.name == ''
        -> order by 1
        +1 won: agent.id != '' = true [agent.id = "00000000-0000-4000-8000-000000000199"]
          agent.name == '' = true [agent.name = ""]

        # now is the time of the decision, a Friday
        seconds 3600.25
        1 greeting > order: now > timestamp('2027-01-15T09:00:00Z') && now.getDayOfWeek() == 5
        -> order by 1
        +1 won: now > timestamp('2027-01-15T09:00:00Z') = true
            [now = timestamp("2027-01-15T09:00:00.25Z"), timestamp('2027-01-15T09:00:00Z') = timestamp("2027-01-15T09:00:00Z")]
          now.getDayOfWeek() == 5 = true [now.getDayOfWeek() = 5]
        """)

    @Test("Conditions see message, data, stage, conversation, agent and time", arguments: messages + data + conversations)
    func decides(row: DecisionCase) throws { try row.verify() }
}
