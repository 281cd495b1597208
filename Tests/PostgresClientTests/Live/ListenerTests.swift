import PostgresClient
import Testing

@Suite(.needsPostgres) struct ListenerTests {
    @Test func notificationsAreHeardAlsoAfterTheConnectionWasLost() async throws {
        let name = TestServer.name("listener")
        let channel = "A \"channel\" \(name)"
        let listener = try PostgresListener(
            try TestServer.configuration("application_name=\(name)"), channels: [channel, "\(name)_other"], logger: TestServer.logger)
        var events = listener.events.makeAsyncIterator()
        guard case .listening = await events.next() else { throw PostgresTestFailure("not listening") }
        try await TestServer.withPool { pool in
            let process = try await pool.withTransaction { connection in
                try connection.query("SELECT pg_notify($1, $2)", [.text(channel), .text("Ä 1")])
                try connection.query("SELECT pg_notify($1, $2)", [.text("\(name)_other"), .text("")])
                try connection.query("SELECT pg_notify($1, $2)", [.text("\(name)_nobody"), .text("unheard")])
                return try connection.query("SELECT pg_backend_pid()")[0].decode(0, as: Int32.self)
            }
            for (expected, payload) in [(channel, "Ä 1"), ("\(name)_other", "")] {
                guard case .notification(let notification) = await events.next() else { throw PostgresTestFailure("no notification") }
                #expect(notification.channel == expected && notification.payload == payload && notification.process == process)
            }
            try await pool.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1", [.text(name)])
            guard case .interrupted(let error) = await events.next() else { throw PostgresTestFailure("not interrupted") }
            #expect(error.code == .connectionLost)
            guard case .listening = await events.next() else { throw PostgresTestFailure("not listening again") }
            try await pool.query("SELECT pg_notify($1, 'again')", [.text(channel)])
            guard case .notification(let notification) = await events.next() else { throw PostgresTestFailure("no notification") }
            #expect(notification.payload == "again")
            listener.close()
            #expect(await events.next() == nil)
            try await pool.wait(until: "SELECT WHERE NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = $1)", [.text(name)])
        }
    }

    @Test func aListenerWhoseReaderIsCancelledClosesItsConnection() async throws {
        let name = TestServer.name("leaving")
        let listener = try PostgresListener(
            try TestServer.configuration("application_name=\(name)"), channels: ["a"], logger: TestServer.logger)
        let started = Gate()
        let reader = Task { for await event in listener.events { if case .listening = event { started.open() } } }
        await started.passed()
        reader.cancel()
        await reader.value
        try await TestServer.withPool { pool in
            try await pool.wait(until: "SELECT WHERE NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = $1)", [.text(name)])
        }
    }
}
