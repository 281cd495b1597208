import NIOCore
import NIOEmbedded
@testable import RedisClient
import Testing

/// Subscriptions over a connection that the test holds the other end of.
@Suite("A subscription", .timeLimit(.minutes(1)))
struct SubscriptionLinkTests {
    private static func message(_ text: String) -> RedisSubscription.Event {
        .message(RedisMessage(channel: Array("news".utf8), payload: Array(text.utf8)))
    }

    private static func confirmation(_ kind: String = "subscribe") -> String { ">3\r\n+\(kind)\r\n+news\r\n:1\r\n" }

    private static func announcement(_ text: String) -> String { ">3\r\n+message\r\n+news\r\n$\(text.utf8.count)\r\n\(text)\r\n" }

    /// A client whose connection for commands is there, with the connection for one subscription.
    private func subscribed(
        _ change: (inout RedisConfiguration) -> Void = { _ in },
        _ body: (TestConnector, RedisSubscription, TestServer) async throws -> Void
    ) async throws {
        let connector = TestConnector()
        let client = connector.client(change)
        try await running(client) {
            _ = try await connector.nextOpen()
            await eventually { client.status == .connected }
            let subscription = client.subscribe("news")
            let server = try await connector.nextOpen()
            #expect(try await server.receive() == "SUBSCRIBE news")
            try await server.reply(Self.confirmation())
            #expect(try await subscription.next() == .subscribed)
            try await body(connector, subscription, server)
        }
    }

    @Test("gets what is published, survives the loss of its connection, and says that it may have missed something")
    func survives() async throws {
        try await subscribed { connector, subscription, server in
            try await server.reply(Self.announcement("one"))
            #expect(try await subscription.next() == Self.message("one"))
            try await server.hangUp()
            await connector.eventLoop.advanceTime(by: .milliseconds(50))
            connector.refuseNext()
            let second = try await connector.next()
            try await second.hangUp()
            // Refused, then accepted.
            await connector.eventLoop.advanceTime(by: .milliseconds(100))
            await connector.eventLoop.advanceTime(by: .milliseconds(200))
            let third = try await connector.nextOpen()
            #expect(try await third.receive() == "SUBSCRIBE news")
            try await third.reply(Self.confirmation() + Self.announcement("two"))
            #expect(try await subscription.next() == .mayHaveMissed)
            #expect(try await subscription.next() == Self.message("two"))
        }
    }

    @Test("that is not read keeps a bounded number of messages and says what happened")
    func bounded() async throws {
        try await subscribed {
            $0.maximumBufferedMessages = 10
        } _: { _, subscription, server in
            for number in 0..<11 { try await server.reply(Self.announcement("\(number)")) }
            try await server.reply(Self.announcement("last"))
            #expect(try await subscription.next() == .mayHaveMissed)
            #expect(try await subscription.next() == Self.message("last"))
        }
    }

    @Test("fails when the server does not allow it, and others go on")
    func refused() async throws {
        let connector = TestConnector()
        let client = connector.client()
        try await running(client) {
            _ = try await connector.nextOpen()
            await eventually { client.status == .connected }
            let subscription = client.subscribe("news")
            let server = try await connector.nextOpen()
            _ = try await server.receive()
            try await server.reply("-NOPERM no channel\r\n")
            let error = await #expect(throws: RedisError.self) { try await subscription.next() }
            #expect(error?.serverError?.prefix == "NOPERM")
            let other = client.subscribe("other")
            #expect(try await server.receive() == "SUBSCRIBE other")
            try await server.reply(">3\r\n+subscribe\r\n+other\r\n:1\r\n")
            #expect(try await other.next() == .subscribed)
        }
    }

    @Test("that is let go of is ended at the server")
    func released() async throws {
        let connector = TestConnector()
        let client = connector.client()
        try await running(client) {
            _ = try await connector.nextOpen()
            await eventually { client.status == .connected }
            var subscription: RedisSubscription? = client.subscribe("news")
            let server = try await connector.nextOpen()
            #expect(try await server.receive() == "SUBSCRIBE news")
            try await server.reply(Self.confirmation())
            #expect(try await subscription?.next() == .subscribed)
            subscription = nil
            #expect(try await server.receive() == "UNSUBSCRIBE news")
            try await server.reply(Self.confirmation("unsubscribe"))
            #expect(!server.isClosed)
        }
    }

    @Test("asks an idle server whether it is there, and leaves it when there is no answer")
    func keepsAlive() async throws {
        try await subscribed {
            $0.keepAliveInterval = .seconds(5)
        } _: { connector, subscription, server in
            await connector.eventLoop.advanceTime(by: .seconds(5))
            #expect(try await server.receive() == "PING")
            try await server.reply("+PONG\r\n")
            await connector.eventLoop.advanceTime(by: .seconds(5))
            #expect(try await server.receive() == "PING")
            #expect(!server.isClosed)
            await connector.eventLoop.advanceTime(by: .seconds(2))
            #expect(server.isClosed)
            await connector.eventLoop.advanceTime(by: .milliseconds(50))
            let second = try await connector.nextOpen()
            _ = try await second.receive()
            try await second.reply(Self.confirmation())
            #expect(try await subscription.next() == .mayHaveMissed)
        }
    }

    @Test("is read by a task that may be cancelled, and by another after that")
    func cancellation() async throws {
        try await subscribed { _, subscription, server in
            let reader = Task { try await subscription.next() }
            reader.cancel()
            #expect(try await reader.value == nil)
            try await server.reply(Self.announcement("one"))
            #expect(try await subscription.next() == Self.message("one"))
            let iterator = subscription.makeAsyncIterator()
            try await server.reply(Self.announcement("two"))
            #expect(try await iterator.next() == Self.message("two"))
        }
    }

    @Test("ends with its client, whatever it is waiting for")
    func ends() async throws {
        let connector = TestConnector()
        let client = connector.client()
        let subscription = client.subscribe("news")
        let reader = Task { try await subscription.next() }
        await connector.eventLoop.run()
        await client.close()
        #expect(try await reader.value == nil)
        #expect(try await client.subscribe("late").next() == nil)
    }
}
