import NIOHTTP1
import StageModel
import Synchronization
import Testing

/// What clients know of their moves: which they tried, and which were acknowledged.
final class Journal: Sendable {
    struct Move: Sendable {
        let conversation: String
        let version: Int64
        let stage: String
        let client: Int
        let number: Int64
    }

    /// A client's moves of a conversation.
    private struct Lane: Hashable {
        let conversation: String
        let client: Int
    }

    private struct Entries {
        var acknowledged: [Move] = []
        var attempted: [Lane: Int64] = [:]
    }

    private let entries = Mutex(Entries())

    var acknowledged: [Move] { entries.withLock { $0.acknowledged } }

    /// The number of a client's next move of a conversation.
    func attempt(_ conversation: String, client: Int) -> Int64 {
        entries.withLock { entries in
            entries.attempted[Lane(conversation: conversation, client: client), default: 0] += 1
            return entries.attempted[Lane(conversation: conversation, client: client), default: 0]
        }
    }

    /// - Returns: how many moves are acknowledged by now.
    func acknowledge(_ move: Move) -> Int {
        entries.withLock { entries in
            entries.acknowledged.append(move)
            return entries.acknowledged.count
        }
    }

    private func attempts(_ conversation: String, client: Int) -> Int64 {
        entries.withLock { $0.attempted[Lane(conversation: conversation, client: client)] ?? 0 }
    }

    /// Holds everything that the server answers about some conversations against what was acknowledged.
    /// - Parameter moves: what was acknowledged; default: all.
    /// - Returns: the number of moves that are kept.
    @discardableResult
    func expectKept(_ moves: [Move]? = nil, by api: API, conversations: [String], _ comment: Comment) async throws -> Int {
        let moves = Dictionary(grouping: moves ?? acknowledged, by: \.conversation)
        var kept = 0
        for conversation in conversations {
            kept += try await expectKept(moves[conversation] ?? [], of: conversation, by: api, comment)
        }
        return kept
    }

    private func expectKept(_ moves: [Move], of conversation: String, by api: API, _ comment: Comment) async throws -> Int {
        let answer = try await api.call(.GET, "/conversations/\(conversation)")
        guard answer.status == 200 else {
            #expect(answer.status == 404 && moves.isEmpty, "\(comment): \(conversation) is lost: \(answer.body.jsonText)")
            return 0
        }
        let state = answer.body
        let version = try #require(state["version"]?.integer)
        let history = try await api.all("/conversations/\(conversation)/history").reversed().map { $0 }

        let versions = history.map { $0["version"]?.integer }
        #expect(versions == (0..<version).map { $0 + 1 }, "\(comment): \(conversation) has gaps in its history")
        #expect(history.last?["to_stage_id"]?.string == state["current_stage_id"]?.string, "\(comment): \(conversation) is half committed")
        let origins = [nil] + history.dropLast().map { $0["to_stage_id"]?.string }
        #expect(history.map { $0["from_stage_id"]?.string } == origins, "\(comment): \(conversation) has an unconnected history")
        let visits = (state["visits"]?.object ?? [:]).values.reduce(0) { $0 + ($1.integer ?? 0) }
        let entries = history.count { $0["to_stage_id"] != $0["from_stage_id"] }
        #expect(visits == entries, "\(comment): \(conversation) counts \(visits) visits, its history \(entries)")

        #expect(Set(moves.map(\.version)).count == moves.count, "\(comment): two moves of \(conversation) were told the same version")
        for move in moves {
            let index = Int(move.version) - 1
            let isThere = history.indices.contains(index) && history[index]["to_stage_id"]?.string == move.stage
            #expect(isThere, "\(comment): version \(move.version) of \(conversation) was acknowledged and is lost")
        }
        expectData(state["data"], of: conversation, moves, comment)
        return history.count
    }

    /// Each client's last number was committed with its move: not older than what was acknowledged, not newer than what was tried.
    private func expectData(_ data: JSONValue?, of conversation: String, _ moves: [Move], _ comment: Comment) {
        for (client, moves) in Dictionary(grouping: moves, by: \.client) {
            let stored = data?["client_\(client)"]?.integer ?? 0
            let least = moves.map(\.number).max() ?? 0
            let most = attempts(conversation, client: client)
            #expect((least...most).contains(stored), "\(comment): the data of \(conversation) is not that of its version")
        }
    }
}

/// Many clients that move conversations.
struct Movers: Sendable {
    let api: API
    let stages: [String]
    let journal: Journal

    /// Moves a conversation once.
    /// - Returns: the number of moves that are acknowledged by now; nil when this one was refused because of others.
    func move(_ conversation: String, client: Int) async throws -> Int? {
        let number = journal.attempt(conversation, client: client)
        let stage = stages[(client + Int(number)) % stages.count]
        let answer = try await api.move(conversation, to: stage, data: ["client_\(client)": .integer(number)])
        if answer.status == 409, answer.code == "state_conflict" { return nil }
        guard answer.status == 200, let version = answer.body["version"]?.integer else {
            throw UnexpectedAnswer(text: "\(answer.status) \(answer.body.jsonText)")
        }
        return journal.acknowledge(Journal.Move(conversation: conversation, version: version, stage: stage, client: client, number: number))
    }

    /// Lets every client move its conversation until the server does not answer any more.
    /// - Parameter acknowledged: is told how many moves are acknowledged by now.
    func moveUntilTheServerIsGone(_ conversationOf: [String], acknowledged: @escaping @Sendable (Int) -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            for (client, conversation) in conversationOf.enumerated() {
                group.addTask {
                    while !Task.isCancelled {
                        do {
                            if let count = try await move(conversation, client: client) { acknowledged(count) }
                        } catch let answer as UnexpectedAnswer {
                            Issue.record("A move was answered with \(answer.text)")
                            return
                        } catch {
                            return
                        }
                    }
                }
            }
        }
    }
}

/// An answer that no client should get.
struct UnexpectedAnswer: Error {
    let text: String
}
