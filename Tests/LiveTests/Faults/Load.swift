import AsyncHTTPClient
import NIOHTTP1
import StageModel
import Synchronization

/// Clients that move conversations through all servers and read them, whatever happens.
final class Load: Sendable {
    /// What answers may be like.
    struct Terms: Sendable {
        /// How long an answer may take.
        var patience: Duration = .seconds(20)
        /// How old a state may be that is read without `no-cache`.
        var staleness: Duration = .seconds(2)
        /// Whether servers are killed, so that requests end without an answer.
        var losesConnections = false
        /// How long a move may be unanswered after everything is well again.
        var settling: Duration = .seconds(15)
    }

    let ledger = Ledger()
    let conversations = (0..<8).map { "conversation-\($0)" }
    let client: HTTPClient
    let endpoints: [String]
    let business: TestBusiness
    let terms: Terms
    /// Conversations below this one are left alone.
    private let first = Atomic<Int>(0)
    private let isEnding = Atomic<Bool>(false)

    private static let movers = 16
    private static let readers = 2
    /// Between two requests of a client, in milliseconds: as busy as this, not as busy as can be, so that there is a processor for the servers.
    private static let pause = 10

    init(_ client: HTTPClient, endpoints: [String], business: TestBusiness, terms: Terms) {
        self.client = client
        self.endpoints = endpoints
        self.business = business
        self.terms = terms
    }

    /// Leaves the first conversations as they are from now on.
    func leaveAlone(_ count: Int) { first.store(count, ordering: .relaxed) }

    /// Runs the clients while something is done; returns when all moves are answered for good.
    func run(while body: (Load) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<Self.movers { group.addTask { await self.move(as: number) } }
            for number in 0..<Self.readers { group.addTask { await self.read(as: number) } }
            defer { isEnding.store(true, ordering: .relaxed) }
            try await body(self)
        }
    }

    /// Waits until so many more moves are acknowledged.
    func wait(forMoves count: Int, within limit: Duration = .seconds(15)) async throws {
        let before = ledger.count
        guard await eventually(within: limit, { ledger.count >= before + count }) != nil else {
            throw StartFailure("Only \(ledger.count - before) of \(count) moves were acknowledged in \(limit); refused: \(ledger.refusals)")
        }
    }

    /// Waits until a server acknowledges a move that it gets from now on.
    func wait(forMoveAt endpoint: Int) async throws {
        let start = ContinuousClock.now
        guard await eventually(within: .seconds(15), { ledger.hasServed(endpoint, since: start) }) != nil else {
            throw StartFailure("The server \(endpoints[endpoint]) acknowledges no move any more; refused: \(ledger.refusals)")
        }
    }

    // MARK: - Moves

    private func move(as mover: Int) async {
        for number in 1... {
            guard !isEnding.load(ordering: .relaxed), !Task.isCancelled else { return }
            let left = first.load(ordering: .relaxed)
            let conversation = conversations[left + (mover + number) % (conversations.count - left)]
            await Attempt(mover: mover, number: number, conversation: conversation, stage: business.stages[(mover + number) % business.stages.count])
                .carryOut(by: self)
            try? await Task.sleep(for: .milliseconds(Self.pause))
        }
    }

    /// One move, repeated under one Idempotency-Key until it is acknowledged or refused.
    private struct Attempt {
        let mover: Int
        let number: Int
        let conversation: String
        let stage: String
        /// Whether an answer said that nothing was changed.
        var wasDenied = false

        private var name: String { "client_\(mover)" }

        func carryOut(by load: Load) async {
            var attempt = self
            var repetition = 0
            var end: ContinuousClock.Instant?
            // Every fifth move builds on the version that its client knows.
            let version = number.isMultiple(of: 5) ? load.ledger.version(of: conversation, before: .now) : 0
            while await !attempt.isOver(at: (mover + number + repetition) % load.endpoints.count, building: version, load) {
                repetition += 1
                if load.isEnding.load(ordering: .relaxed) {
                    let limit = end ?? .now + load.terms.settling
                    end = limit
                    guard .now < limit else { return load.ledger.breach("\(self) is not answered for good \(load.terms.settling) after the fault") }
                }
                try? await Task.sleep(for: .milliseconds(50))
            }
        }

        /// Sends the request once.
        /// - Returns: whether the answer is the last word.
        private mutating func isOver(at endpoint: Int, building version: Int64, _ load: Load) async -> Bool {
            let sent = ContinuousClock.now
            var headers = ["Authorization": "Bearer \(load.business.key)", "Idempotency-Key": "move-\(mover)-\(number)"]
            if version > 0 { headers["If-Match"] = "\"c\(version)\"" }
            let value = JSONValue.integer(Int64(number))
            let answer: Exchange
            do {
                answer = try await Exchange.send(
                    .PUT, "\(load.endpoints[endpoint])/stages/\(stage)/state", by: load.client, headers: headers,
                    body: ["conversation_id": .string(conversation), "data": .object([name: value])], within: load.terms.patience)
            } catch {
                load.lost(self, after: sent, error)
                return false
            }
            switch answer.status {
            case 200:
                if wasDenied, answer.headers.first(name: "Idempotency-Replayed") == "true" {
                    load.ledger.breach("\(self) was told that nothing was changed, and it was: version \(answer.body["version"]?.jsonText ?? "")")
                }
                load.ledger.acknowledge(
                    Ledger.Move(
                        conversation: conversation, stage: stage, name: name, value: value, version: answer.body["version"]?.integer ?? 0,
                        data: answer.body["data"] ?? .null, endpoint: endpoint, sent: sent, answered: .now))
                return true
            case 409 where answer.code == "idempotency_key_in_progress": return false
            case 409 where answer.code == "state_conflict", 412 where version > 0:
                load.ledger.refuse(answer.code ?? "")
                return true
            case 503:
                load.refused(self, answer)
                if answer.body["detail"]?.string?.contains("nothing was changed") == true { wasDenied = true }
                return false
            default:
                load.ledger.breach("\(self) was answered with \(answer.status) \(answer.body.jsonText)")
                return true
            }
        }
    }

    // MARK: - Reads

    /// Reads all at once at each server, past all caches.
    func crowd(_ count: Int) async {
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<count * endpoints.count {
                let conversation = conversations[number % conversations.count]
                group.addTask { await self.read(conversation, at: number % self.endpoints.count, fresh: true) }
            }
        }
    }

    private func read(as reader: Int) async {
        for number in reader... {
            guard !isEnding.load(ordering: .relaxed), !Task.isCancelled else { return }
            let endpoint = (number / conversations.count) % endpoints.count
            await read(conversations[number % conversations.count], at: endpoint, fresh: false)
            try? await Task.sleep(for: .milliseconds(Self.pause))
        }
    }

    private func read(_ conversation: String, at endpoint: Int, fresh: Bool) async {
        let sent = ContinuousClock.now
        let least = ledger.version(of: conversation, before: fresh ? sent : sent - terms.staleness)
        var headers = ["Authorization": "Bearer \(business.key)"]
        if fresh { headers["Cache-Control"] = "no-cache" }
        do {
            let answer = try await Exchange.send(
                .GET, "\(endpoints[endpoint])/conversations/\(conversation)", by: client, headers: headers, within: terms.patience)
            switch answer.status {
            case 200, 404:
                let version = answer.body["version"]?.integer ?? 0
                if version < least { ledger.breach("\(conversation) was read as of version \(version), when \(least) should have been seen") }
            case 503: refused(conversation, answer)
            default: ledger.breach("\(conversation) was read with \(answer.status) \(answer.body.jsonText)")
            }
        } catch {
            lost(conversation, after: sent, error)
        }
    }

    // MARK: - What must hold of every answer

    private func refused(_ request: Any, _ answer: Exchange) {
        ledger.refuse(answer.code ?? "")
        let isKnown = ["database_unavailable", "redis_unavailable"].contains(answer.code)
        let saysWhen = answer.headers.first(name: "Retry-After").flatMap { Int($0) }.map { $0 > 0 } ?? false
        let saysWhat = answer.body["detail"]?.string?.contains("again") ?? false
        if !isKnown || !saysWhen || !saysWhat {
            ledger.breach("\(request) was refused without a code, a time or a remedy: \(answer.headers) \(answer.body.jsonText)")
        }
    }

    private func lost(_ request: Any, after sent: ContinuousClock.Instant, _ error: any Error) {
        ledger.refuse("no answer")
        let time = ContinuousClock.now - sent
        if time >= terms.patience {
            ledger.breach("\(request) was not answered within \(time)")
        } else if !terms.losesConnections {
            ledger.breach("\(request) lost its connection: \(error)")
        }
    }
}
