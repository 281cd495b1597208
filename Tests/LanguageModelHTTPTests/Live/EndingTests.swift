@testable import LanguageModelHTTP
import StageModel
import Testing

@Suite("An end to waiting", .timeLimit(.minutes(1)))
struct EndingTests {
    typealias Reply = ScriptedServer.Reply

    @Test("has come before anything is asked, when the deadline is over or the task is cancelled")
    func asksNobody() async throws {
        try await withModel([.text("x")]) { fixture in
            #expect(await fixture.ask(before: .now).cause == .timeout)
            #expect(await fixture.ask(before: .now - .seconds(60)).cause == .timeout)
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return await fixture.ask()
            }
            #expect(await task.value.cause == .timeout)
            #expect(fixture.requestCount == 0)
        }
    }

    /// Servers that do not come to an end, in their several ways.
    static let endless: [Reply] = [
        .silence, Reply(status: 200, ending: .hang), Reply(status: 200, parts: [Array(#"{"choices":"#.utf8)], ending: .hang),
        .stream([], .hang), .stream([": still there\n\n"], .hang), .stream([Reply.piece("x")], .hang),
    ]

    @Test("comes at once when the task is cancelled, and the server sees it", arguments: endless)
    func cancels(reply: Reply) async throws {
        try await withModel([reply]) { fixture in
            let task = Task { await fixture.ask(each: { _ in }) }
            for await _ in fixture.server.arrivals { break }
            task.cancel()
            #expect(await task.value.cause == .timeout)
            for await _ in fixture.server.departures { break }
            #expect(fixture.requestCount == 1)
        }
    }

    @Test("comes by the deadline", arguments: endless)
    func endsByTheDeadline(reply: Reply) async throws {
        try await withModel([reply]) { fixture in
            let result = await fixture.ask(before: .now + .milliseconds(50))
            #expect(result.cause == .timeout, "\(result)")
            #expect(fixture.requestCount <= 1)
        }
    }

    @Test("comes for every attempt alone", arguments: endless)
    func endsAttempts(reply: Reply) async throws {
        try await withModel([reply], { $0.timeout = .milliseconds(50) }) { fixture in
            let result = await fixture.ask()
            #expect(result.cause == .timeout, "\(result)")
            #expect(fixture.requestCount <= 3)
        }
    }

    @Test("comes for those who wait for their turn, too")
    func endsTheQueue() async throws {
        try await withModel([.silence], { $0.maximumConcurrency = 1 }) { fixture in
            let first = Task { await fixture.ask() }
            for await _ in fixture.server.arrivals { break }
            guard case .failure(let failure) = await fixture.ask(before: .now + .milliseconds(50)) else {
                Issue.record("somebody answered")
                return
            }
            #expect(failure.cause == .timeout)
            #expect(failure.reason.contains("no turn"))
            let second = Task { await fixture.ask() }
            second.cancel()
            #expect(await second.value.cause == .timeout)
            #expect(fixture.requestCount == 1)
            first.cancel()
            #expect(await first.value.cause == .timeout)
        }
    }

    @Test("is not needed when all get their turn in time")
    func sharesSlots() async throws {
        try await withModel([.text("x")], { $0.maximumConcurrency = 2 }) { fixture in
            await withTaskGroup(of: String?.self) { group in
                for _ in 0..<40 { group.addTask { await fixture.ask().text } }
                for await text in group { #expect(text == "x") }
            }
            #expect(fixture.requestCount == 40)
            #expect(fixture.server.connectionCount <= 2)
        }
    }

    @Test("is not waited for while the server is known to be away")
    func opensTheCircuit() async throws {
        try await withModel(
            [.failure(500), .failure(500), .text("x")],
            {
                $0.failuresUntilOpen = 2
                $0.openTime = .seconds(3600)
            }
        ) { fixture in
            // The third attempt is not made any more; the failure is what the server said, not that it is left alone.
            #expect(await fixture.ask().cause == .unavailable)
            #expect(fixture.requestCount == 2)
            #expect(await fixture.ask().cause == .circuitOpen)
            #expect(await fixture.ask(each: { _ in }).cause == .circuitOpen)
            #expect(fixture.requestCount == 2)
            #expect(fixture.log.all.filter { $0.hasPrefix("warning") }.count == 1)
        }
    }

    @Test("is not put off by a pause behind which nobody would be asked")
    func doesNotPauseInVain() async throws {
        try await withModel(
            [.failure(503, [("retry-after", "300")])],
            {
                $0.failuresUntilOpen = 1
                $0.openTime = .seconds(3600)
            }
        ) { fixture in
            #expect(await fixture.ask().cause == .unavailable)
            #expect(fixture.requestCount == 1)
        }
    }

    @Test("is known to be over when one trial succeeds")
    func closesTheCircuit() async throws {
        try await withModel(
            [.failure(500), .text("x")],
            {
                $0.maximumAttempts = 1
                $0.failuresUntilOpen = 1
                $0.openTime = .milliseconds(1)
            }
        ) { fixture in
            #expect(await fixture.ask().cause == .unavailable)
            var result = await fixture.ask()
            while result.cause == .circuitOpen { result = await fixture.ask() }
            #expect(result.text == "x")
            #expect(await fixture.ask().text == "x")
            #expect(fixture.log.all.filter { $0.hasPrefix("notice") }.count == 1)
        }
    }

    @Test("is no reason to leave the server alone when it turned requests down, or the task was cancelled")
    func keepsTheCircuitClosed() async throws {
        try await withModel([.failure(401), .failure(403), .silence, .text("x")], { $0.failuresUntilOpen = 1 }) { fixture in
            for _ in 0..<2 { #expect(await fixture.ask().cause == .rejected) }
            let task = Task { await fixture.ask() }
            var count = 0
            for await _ in fixture.server.arrivals {
                count += 1
                if count == 3 { break }
            }
            task.cancel()
            #expect(await task.value.cause == .timeout)
            #expect(await fixture.ask().text == "x")
        }
    }
}
