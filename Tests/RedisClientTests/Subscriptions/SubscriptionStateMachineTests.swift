import NIOCore
@testable import RedisClient
import Testing

private typealias Machine = SubscriptionStateMachine
private let soon = NIODeadline.uptimeNanoseconds(10)
private let (a, b) = (Array("a".utf8), Array("b".utf8))

private func push(_ kind: String, _ channel: [UInt8], _ payload: RESPValue = .integer(1)) -> RESPValue {
    .push([.bulkString(Array(kind.utf8)), .bulkString(channel), payload])
}

@Suite("Subscriptions")
struct SubscriptionStateMachineTests {
    private func expect(
        _ machine: inout Machine, _ value: RESPValue, gives effects: [Machine.Effect], sends commands: [Machine.Command] = [],
        at location: SourceLocation = #_sourceLocation
    ) throws {
        let output = try machine.received(value)
        #expect(output.effects == effects, sourceLocation: location)
        #expect(output.commands == commands, sourceLocation: location)
    }

    @Test("are complete when all their channels are confirmed, and again after each loss")
    func completion() throws {
        var machine = Machine()
        #expect(machine.subscribe(1, to: [b, a, b], deadline: soon).commands == [])
        #expect(machine.connected(deadline: soon) == [.subscribe(a), .subscribe(b)])
        try expect(&machine, push("subscribe", a), gives: [])
        try expect(&machine, push("subscribe", b), gives: [.complete(1)])
        machine.lost()
        #expect(machine.deadline == nil)
        #expect(machine.connected(deadline: soon) == [.subscribe(a), .subscribe(b)])
        try expect(&machine, push("subscribe", a), gives: [])
        try expect(&machine, push("subscribe", b), gives: [.complete(1)])
    }

    @Test("share a channel: one command for all, one message to each, and no more when the last has gone")
    func sharing() throws {
        var machine = Machine()
        _ = machine.connected(deadline: soon)
        #expect(machine.subscribe(1, to: [a], deadline: soon).commands == [.subscribe(a)])
        let second = machine.subscribe(2, to: [a], deadline: soon)
        #expect(second.commands == [] && !second.isComplete)
        try expect(&machine, push("subscribe", a), gives: [.complete(1), .complete(2)])
        // Who comes later has what is there already.
        #expect(machine.subscribe(3, to: [a], deadline: soon).isComplete)
        let message = RedisMessage(channel: a, payload: [0, 255])
        try expect(&machine, push("message", a, .bulkString([0, 255])), gives: [.deliver(message, to: [1, 2, 3])])
        #expect(machine.unsubscribe(1, deadline: soon) == [])
        #expect(machine.unsubscribe(3, deadline: soon) == [])
        #expect(machine.unsubscribe(2, deadline: soon) == [.unsubscribe(a)])
        #expect(!machine.hasSubscribers)
        // It was on its way.
        try expect(&machine, push("message", a, .bulkString([0, 255])), gives: [])
        try expect(&machine, push("unsubscribe", a), gives: [])
        #expect(machine.unsubscribe(2, deadline: soon) == [])
    }

    @Test("take no old confirmation for a new one")
    func resubscription() throws {
        var machine = Machine()
        _ = machine.connected(deadline: soon)
        _ = machine.subscribe(1, to: [a], deadline: soon)
        #expect(machine.unsubscribe(1, deadline: soon) == [.unsubscribe(a)])
        #expect(machine.subscribe(2, to: [a], deadline: soon).commands == [.subscribe(a)])
        try expect(&machine, push("subscribe", a), gives: [])
        try expect(&machine, push("unsubscribe", a), gives: [])
        try expect(&machine, push("subscribe", a), gives: [.complete(2)])
    }

    @Test("fail alone when the server does not allow a channel")
    func refusal() throws {
        var machine = Machine()
        _ = machine.connected(deadline: soon)
        _ = machine.subscribe(1, to: [a, b], deadline: soon)
        _ = machine.subscribe(2, to: [a], deadline: soon)
        try expect(&machine, push("subscribe", a), gives: [.complete(2)])
        let error = RESPError("NOPERM no channel")
        try expect(&machine, .error(error), gives: [.refuse(1, RedisError(error))])
        try expect(&machine, push("message", a, .bulkString([])), gives: [.deliver(RedisMessage(channel: a, payload: []), to: [2])])
        #expect(machine.unsubscribe(2, deadline: soon) == [.unsubscribe(a)])
    }

    @Test("of RESP2 come as arrays and mean the same")
    func resp2() throws {
        var machine = Machine()
        _ = machine.connected(deadline: soon)
        _ = machine.subscribe(1, to: [a], deadline: soon)
        func array(_ kind: String, _ rest: RESPValue...) -> RESPValue { .array([.bulkString(Array(kind.utf8))] + rest) }
        try expect(&machine, array("subscribe", .bulkString(a), .integer(1)), gives: [.complete(1)])
        try expect(
            &machine, array("message", .bulkString(a), .bulkString([1])), gives: [.deliver(RedisMessage(channel: a, payload: [1]), to: [1])])
        #expect(machine.tick(now: soon, pingDeadline: soon) == .send(.ping))
        try expect(&machine, array("pong", .bulkString([])), gives: [])
        #expect(machine.deadline == nil)
    }

    @Test("ask an idle server whether it is there, and leave one that does not answer")
    func keepAlive() throws {
        var machine = Machine()
        #expect(machine.tick(now: soon, pingDeadline: soon) == .nothing)
        _ = machine.connected(deadline: soon)
        #expect(machine.tick(now: .uptimeNanoseconds(1), pingDeadline: soon) == .send(.ping))
        #expect(machine.deadline == soon)
        #expect(machine.tick(now: .uptimeNanoseconds(9), pingDeadline: soon) == .nothing)
        #expect(machine.tick(now: soon, pingDeadline: soon) == .dropConnection)
        try expect(&machine, .simpleString(Array("PONG".utf8)), gives: [])
        // An unwilling answer is one, too.
        _ = machine.tick(now: soon, pingDeadline: soon)
        try expect(&machine, .error(RESPError("NOPERM")), gives: [])
        #expect(machine.deadline == nil)
    }

    @Test("pass over what they do not know, and stop at what nobody asked for")
    func strangers() throws {
        var machine = Machine()
        _ = machine.connected(deadline: soon)
        try expect(&machine, push("invalidate", a), gives: [])
        try expect(&machine, push("message", b, .bulkString([])), gives: [])
        for value in [
            push("subscribe", a), push("unsubscribe", a), push("message", a), .integer(1), .null, .error(RESPError("ERR")), push("pong", a),
        ] {
            var machine = machine
            #expect(throws: RedisError.self, "\(value)") { try machine.received(value) }
        }
        _ = machine.subscribe(1, to: [a], deadline: soon)
        #expect(throws: RedisError.self) { try machine.received(push("subscribe", b)) }
    }
}

@Suite("The buffer of a subscription")
struct SubscriptionBufferTests {
    private static func message(_ size: Int) -> RedisSubscription.Event {
        .message(RedisMessage(channel: [], payload: [UInt8](repeating: 0, count: size)))
    }

    private static func filled(_ events: [RedisSubscription.Event]) -> [RedisSubscription.Event] {
        var buffer = SubscriptionBuffer(limits: SubscriptionBuffer.Limits(messages: 3, bytes: 100))
        for event in events { buffer.append(event) }
        var taken: [RedisSubscription.Event] = []
        while let event = buffer.take() { taken.append(event) }
        // All that was taken has made room.
        buffer.append(message(100))
        return buffer.take() == message(100) ? taken : []
    }

    static let rows: [(events: [RedisSubscription.Event], taken: [RedisSubscription.Event])] = [
        ([.subscribed, message(1), message(2)], [.subscribed, message(1), message(2)]),
        // One too many: all that waits is dropped, and the reader told.
        ([message(1), message(2), message(3), message(4)], [.mayHaveMissed]),
        ([.subscribed, message(1), message(2), message(3)], [.subscribed, .mayHaveMissed]),
        ([message(1), message(2), message(3), message(4), message(5)], [.mayHaveMissed, message(5)]),
        ([message(60), message(41)], [.mayHaveMissed]), ([message(60), message(40)], [message(60), message(40)]), ([message(101)], [.mayHaveMissed]),
        ([.mayHaveMissed, .mayHaveMissed, message(1), .mayHaveMissed], [.mayHaveMissed, message(1), .mayHaveMissed]),
    ]

    @Test("is bounded, and says what it lost", arguments: rows.indices)
    func isBounded(row: Int) { #expect(Self.filled(Self.rows[row].events) == Self.rows[row].taken) }
}
