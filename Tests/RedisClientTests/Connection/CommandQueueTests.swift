import NIOCore
@testable import RedisClient
import Testing

/// Waiters are their commands' names.
private typealias Queue = CommandQueue<String>

extension CommandQueue<String> {
    fileprivate static let soon = NIODeadline.uptimeNanoseconds(1_000)

    /// Adds a command with its own name as bytes.
    /// - Returns: whether it was accepted and whether the connection has to be woken.
    @discardableResult
    fileprivate mutating func add(_ name: String, replies: Int = 1, deadline: NIODeadline = soon) -> String {
        switch add(ByteBuffer(string: name), replyCount: replies, waiter: name, deadline: deadline) {
        case .accepted(let wake): wake ? "wake" : "accepted"
        case .refused(let error): "\(error.code)"
        }
    }

    fileprivate mutating func written() -> String { takeOutbound().bytes.map { String(buffer: $0) }.joined(separator: "|") }

    /// Takes replies that are numbers.
    fileprivate mutating func receive(_ numbers: Int64..., size: Int = 4) throws(RedisError) -> [String] {
        var completions: [Completion] = []
        try received(numbers.map { RedisReply(value: .integer($0), byteCount: size) }, completions: &completions)
        return completions.map {
            switch $0 {
            case .one(let waiter, let reply): "\(waiter)=\(reply.integer ?? 0)"
            case .all(let waiter, let replies): "\(waiter)=\(replies.map { $0.integer ?? 0 })"
            }
        }
    }
}

@Suite("The queue of commands")
struct CommandQueueTests {
    private static let broken = RedisError(.connectionLost(wasSent: false), "gone")

    private static func connected(_ limits: Queue.Limits = Queue.Limits()) -> Queue {
        var queue = Queue(limits: limits)
        queue.connected()
        return queue
    }

    @Test("writes together what comes together, wakes the connection once, and gives replies in order")
    func order() throws {
        var queue = Self.connected()
        #expect(queue.add("a") == "wake")
        #expect(queue.add("b") == "accepted")
        #expect(queue.written() == "ab")
        #expect(queue.add("c") == "wake")
        #expect(queue.written() == "c")
        #expect(queue.written() == "")
        #expect(try queue.receive(1) == ["a=1"])
        #expect(try queue.receive(2, 3) == ["b=2", "c=3"])
        #expect(queue.count == 0)
    }

    @Test("does not copy large commands, and keeps their place")
    func largeCommands() {
        var queue = Self.connected()
        let large = String(repeating: "x", count: 20_000)
        for name in ["a", large, "b", "c"] { queue.add(name) }
        #expect(queue.takeOutbound().bytes.map(\.readableBytes) == [1, 20_002])
        queue.add(String(repeating: "y", count: 300_000))
        queue.add("d")
        #expect(queue.takeOutbound().bytes.map(\.readableBytes) == [300_000, 1])
    }

    @Test("collects the replies of a pipeline, however they come")
    func pipelines() throws {
        var queue = Self.connected()
        queue.add("a")
        queue.add("p", replies: 3)
        queue.add("z")
        _ = queue.written()
        #expect(queue.count == 5)
        #expect(try queue.receive(1, 2) == ["a=1"])
        #expect(try queue.receive(3) == [])
        #expect(try queue.receive(4, 5) == ["p=[2, 3, 4]", "z=5"])
    }

    @Test("keeps the place of a command that nobody waits for")
    func cancellation() throws {
        var queue = Self.connected()
        let (first, second) = (queue.upcomingID, queue.upcomingID + 1)
        queue.add("a")
        queue.add("p", replies: 2)
        queue.add("c")
        _ = queue.written()
        let given = queue.giveUp(id: first)
        #expect(given?.waiter == "a" && given?.wasSent == true)
        #expect(queue.giveUp(id: first) == nil)
        #expect(queue.giveUp(id: 99) == nil)
        #expect(try queue.receive(1, 2) == [])
        #expect(queue.giveUp(id: second)?.waiter == "p")
        #expect(try queue.receive(3, 4) == ["c=4"])
        #expect(queue.giveUp(id: second) == nil)
    }

    @Test("holds commands until there is a connection, and never sends one that was cancelled by then")
    func waiting() throws {
        var queue = Queue()
        #expect(queue.add("a") == "wake")
        let second = queue.upcomingID
        queue.add("b")
        queue.add("c")
        #expect(queue.written() == "")
        #expect(queue.giveUp(id: second)?.wasSent == false)
        queue.connected()
        #expect(queue.count == 2)
        #expect(queue.written() == "ac")
        #expect(try queue.receive(1, 2) == ["a=1", "c=2"])
    }

    @Test("tells of each command whether it was sent when the connection broke")
    func loss() {
        var queue = Self.connected()
        queue.add("sent")
        let cancelled = queue.upcomingID
        queue.add("cancelled")
        _ = queue.written()
        queue.add("unsent")
        _ = queue.giveUp(id: cancelled)
        let failed = queue.lost(Self.broken, mayWait: true)
        #expect(failed.map(\.waiter) == ["sent", "unsent"])
        #expect(failed.map(\.error.code) == [.connectionLost(wasSent: true), .connectionLost(wasSent: false)])
        // What was not sent is not sent later either.
        queue.add("later")
        queue.connected()
        #expect(queue.written() == "later")
        #expect(queue.count == 1)
    }

    @Test("fails at once while there is no connection and the last attempt failed")
    func failsFast() {
        var queue = Queue()
        queue.add("a")
        let failed = queue.lost(RedisError(.timedOut(wasSent: false), "late"), mayWait: false)
        #expect(failed.map(\.error.code) == [.notConnected])
        #expect(queue.add("b") == "\(RedisError.Code.notConnected)")
        #expect(queue.count == 0)
        queue.connected()
        #expect(queue.add("c") == "accepted" || queue.written() == "c")

        var refused = Queue()
        _ = refused.lost(RedisError(.authenticationFailed, "wrong"), mayWait: false)
        #expect(refused.add("a") == "\(RedisError.Code.authenticationFailed)")
    }

    @Test("drops a connection whose oldest command has no reply in time")
    func timeout() {
        var queue = Self.connected()
        guard case .idle = queue.expire(now: .uptimeNanoseconds(5)) else {
            Issue.record("not idle")
            return
        }
        queue.add("a", deadline: .uptimeNanoseconds(10))
        queue.add("b", deadline: .uptimeNanoseconds(20))
        #expect(queue.takeOutbound().deadline == .uptimeNanoseconds(10))
        guard case .checkAgain(.uptimeNanoseconds(10)) = queue.expire(now: .uptimeNanoseconds(9)) else {
            Issue.record("too early")
            return
        }
        guard case .dropConnection(timedOut: ["a"]) = queue.expire(now: .uptimeNanoseconds(10)) else {
            Issue.record("not dropped")
            return
        }
        #expect(queue.lost(Self.broken, mayWait: false).map(\.waiter) == ["b"])
    }

    @Test("drops it as well when nobody waits for the oldest command any more")
    func timeoutOfNobody() {
        var queue = Self.connected()
        let id = queue.upcomingID
        queue.add("a", deadline: .uptimeNanoseconds(10))
        _ = queue.giveUp(id: id)
        guard case .dropConnection(timedOut: []) = queue.expire(now: .uptimeNanoseconds(10)) else {
            Issue.record("not dropped")
            return
        }
    }

    @Test("lets commands that wait for a connection time out, and never sends them")
    func timeoutWhileWaiting() {
        var queue = Queue()
        queue.add("a", deadline: .uptimeNanoseconds(10))
        queue.add("b", deadline: .uptimeNanoseconds(20))
        guard case .giveUp(["a"], checkAgain: .uptimeNanoseconds(20)) = queue.expire(now: .uptimeNanoseconds(10)) else {
            Issue.record("not given up")
            return
        }
        queue.connected()
        #expect(queue.written() == "b")
    }

    @Test("refuses more commands, or more bytes, than may wait")
    func limits() throws {
        var queue = Self.connected(Queue.Limits(commands: 3, bytes: 10, replyBytes: 100))
        #expect(queue.add("a", replies: 2) == "wake")
        #expect(queue.add("b", replies: 2) == "\(RedisError.Code.tooManyPending)")
        #expect(queue.add("1234567890") == "\(RedisError.Code.tooManyPending)")
        let id = queue.upcomingID
        #expect(queue.add("123456789") == "accepted")
        #expect(queue.add("c") == "\(RedisError.Code.tooManyPending)")
        _ = queue.written()
        // What is cancelled counts on, for its reply is still to come.
        #expect(queue.giveUp(id: id) != nil)
        #expect(queue.add("c") == "\(RedisError.Code.tooManyPending)")
        #expect(try queue.receive(1, 2, 3) == ["a=[1, 2]"])
        #expect(queue.add("c") == "wake")
    }

    @Test("gives up no other command for one that was refused")
    func refusedIDs() {
        var queue = Self.connected(Queue.Limits(commands: 1))
        queue.add("a")
        let refused = queue.upcomingID
        queue.add("b")
        _ = queue.lost(Self.broken, mayWait: true)
        queue.add("c")
        #expect(queue.giveUp(id: refused) == nil)
    }

    @Test("does not take a reply that nobody asked for")
    func unexpected() {
        var queue = Self.connected()
        #expect(throws: RedisError.self) { try queue.receive(1) }
        queue.add("a")
        // Not written yet, so this can't be its reply.
        #expect(throws: RedisError.self) { try queue.receive(1) }
        _ = queue.written()
        #expect(throws: RedisError.self) { try queue.receive(1, 2) }
    }

    @Test("passes over announcements, and over replies beyond what a pipeline may have")
    func announcements() throws {
        var queue = Self.connected(Queue.Limits(replyBytes: 10))
        queue.add("p", replies: 3)
        _ = queue.written()
        var completions: [Queue.Completion] = []
        let push = RedisReply(value: .push([]), byteCount: 4)
        let reply = RedisReply(value: .null, byteCount: 3)
        try queue.received([push, reply, push, reply, push, reply, push], completions: &completions)
        #expect(completions.count == 1)
        queue.add("p", replies: 3)
        _ = queue.written()
        #expect(throws: RedisError.self) { try queue.receive(1, 2, 3) }
        // It still fails with the connection.
        #expect(queue.lost(Self.broken, mayWait: true).map(\.waiter) == ["p"])
    }

    @Test("is drained when it is closed and the last reply has come")
    func draining() throws {
        var queue = Self.connected()
        queue.add("a")
        _ = queue.written()
        #expect(!queue.isDrained)
        queue.close()
        #expect(!queue.isDrained)
        #expect(queue.add("b") == "\(RedisError.Code.closed)")
        #expect(try queue.receive(1) == ["a=1"])
        #expect(queue.isDrained)
    }
}
