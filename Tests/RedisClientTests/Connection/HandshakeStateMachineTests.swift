import NIOCore
@testable import RedisClient
import Testing

@Suite("The handshake")
struct HandshakeStateMachineTests {
    private typealias Settings = HandshakeStateMachine.Settings

    private static let ok = RESPValue.simpleString(Array("OK".utf8))
    private static let all = Settings(user: "alex", password: "geheim", database: 3, clientName: "test")

    private static func error(_ text: String) -> RESPValue { .error(RESPError(text)) }

    @Test("asks for RESP3 and signs in at once, then chooses database and name")
    func full() {
        var machine = HandshakeStateMachine(settings: Self.all)
        #expect(machine.start() == .send(.hello(user: "alex", password: "geheim")))
        #expect(machine.received(.map([])) == .send(.select(database: 3)))
        #expect(machine.received(Self.ok) == .send(.setName("test")))
        #expect(machine.received(Self.ok) == .succeed(.resp3))
    }

    @Test("is one question when nothing is set")
    func short() {
        var machine = HandshakeStateMachine(settings: Settings())
        #expect(machine.start() == .send(.hello(user: nil, password: nil)))
        #expect(machine.received(.map([])) == .succeed(.resp3))
    }

    @Test(
        "falls back to RESP2 where HELLO is unknown, not allowed, or not for this version",
        arguments: [
            "ERR unknown command 'HELLO', with args beginning with: '3' 'AUTH' 'alex' 'geheim'", "NOPROTO unsupported protocol version",
            "NOPERM User alex has no permissions to run the 'hello' command", "ERR unknown command `HELLO`",
        ])
    func fallback(refusal: String) {
        var machine = HandshakeStateMachine(settings: Self.all)
        _ = machine.start()
        #expect(machine.received(Self.error(refusal)) == .send(.authenticate(user: "alex", password: "geheim")))
        #expect(machine.received(Self.ok) == .send(.select(database: 3)))
        #expect(machine.received(Self.ok) == .send(.setName("test")))
        // Who may not set a name works without.
        #expect(machine.received(Self.error("NOPERM no")) == .succeed(.resp2))

        var bare = HandshakeStateMachine(settings: Settings())
        _ = bare.start()
        #expect(bare.received(Self.error(refusal)) == .succeed(.resp2))
    }

    @Test(
        "fails with the reason, and never repeats the password",
        arguments: [
            ("WRONGPASS invalid username-password pair or user is disabled. geheim", RedisError.Code.authenticationFailed),
            ("NOAUTH HELLO must be called with the client already authenticated", .authenticationFailed),
            ("ERR Client sent AUTH, but no password is set", .authenticationFailed), ("ERR invalid password geheim", .authenticationFailed),
            ("ERR max number of clients reached", .notConnected), ("DENIED Redis is running in protected mode", .notConnected),
            ("LOADING Redis is loading the dataset in memory", .notConnected),
        ])
    func failures(answer: String, code: RedisError.Code) {
        var machine = HandshakeStateMachine(settings: Self.all)
        _ = machine.start()
        guard case .fail(let error) = machine.received(Self.error(answer)) else {
            Issue.record("no failure")
            return
        }
        #expect(error.code == code)
        #expect(!error.debugDescription.contains("geheim"))
        // It has ended.
        guard case .fail = machine.received(Self.ok) else {
            Issue.record("no failure")
            return
        }
    }

    @Test("names the database that can't be selected")
    func database() {
        var machine = HandshakeStateMachine(settings: Settings(database: 99))
        _ = machine.start()
        _ = machine.received(.map([]))
        guard case .fail(let error) = machine.received(Self.error("ERR DB index is out of range")) else {
            Issue.record("no failure")
            return
        }
        #expect(error.code == .invalidConfiguration)
        #expect(error.message.contains("The database 99 can't be selected"))
    }

    @Test("puts its questions into these commands")
    func commands() {
        typealias Step = HandshakeStateMachine.Step
        let wires: [(Step, String)] = [
            (.hello(user: nil, password: nil), "*2\r\n$5\r\nHELLO\r\n$1\r\n3\r\n"),
            (
                .hello(user: nil, password: "pw"),
                "*5\r\n$5\r\nHELLO\r\n$1\r\n3\r\n$4\r\nAUTH\r\n$7\r\ndefault\r\n$2\r\npw\r\n"
            ),
            (.authenticate(user: "u", password: "pw"), "*3\r\n$4\r\nAUTH\r\n$1\r\nu\r\n$2\r\npw\r\n"),
            (.authenticate(user: nil, password: "pw"), "*2\r\n$4\r\nAUTH\r\n$2\r\npw\r\n"),
            (.select(database: 5), "*2\r\n$6\r\nSELECT\r\n$1\r\n5\r\n"), (.setName("n"), "*3\r\n$6\r\nCLIENT\r\n$7\r\nSETNAME\r\n$1\r\nn\r\n"),
        ]
        for (step, wire) in wires { #expect(String(buffer: step.command.encoded) == wire) }
        for text in ["\(Step.hello(user: "u", password: "geheim"))", String(reflecting: Step.authenticate(user: "u", password: "geheim"))] {
            #expect(!text.contains("geheim"))
        }
    }
}
