import StageModel
import Synchronization

/// What clients were told of their moves, and what they should not have been told.
///
/// Every move is repeated under its Idempotency-Key until it is answered for good. So at the end the versions of a conversation and the moves
/// that were acknowledged are the same in number: a move that was committed twice leaves a version that nobody was told.
final class Ledger: Sendable {
    struct Move: Sendable {
        let conversation: String
        let stage: String
        /// The one member that the move wrote.
        let name: String
        let value: JSONValue
        /// What the answer said.
        let version: Int64
        let data: JSONValue
        /// Where and when the request was sent that was answered, and when it was.
        let endpoint: Int
        let sent: ContinuousClock.Instant
        let answered: ContinuousClock.Instant
    }

    private struct Pages {
        var moves: [String: [Move]] = [:]
        var count = 0
        var refusals: [String: Int] = [:]
        var breaches: [String] = []
    }

    private let pages = Mutex(Pages())

    /// How many moves were acknowledged.
    var count: Int { pages.withLock { $0.count } }
    /// How often a request was refused, by the problem's code.
    var refusals: [String: Int] { pages.withLock { $0.refusals } }
    /// What no client should have seen.
    var breaches: [String] { pages.withLock { $0.breaches } }

    func acknowledge(_ move: Move) {
        pages.withLock { pages in
            pages.moves[move.conversation, default: []].append(move)
            pages.count += 1
        }
    }

    func refuse(_ code: String) { pages.withLock { $0.refusals[code, default: 0] += 1 } }

    func breach(_ what: String) { pages.withLock { $0.breaches.append(what) } }

    /// The newest version that was acknowledged before a moment; 0: none.
    func version(of conversation: String, before moment: ContinuousClock.Instant) -> Int64 {
        pages.withLock { pages in pages.moves[conversation, default: []].reduce(0) { $1.answered < moment ? max($0, $1.version) : $0 } }
    }

    /// Whether an endpoint has acknowledged a move that was sent after a moment.
    func hasServed(_ endpoint: Int, since moment: ContinuousClock.Instant) -> Bool {
        pages.withLock { pages in pages.moves.values.contains { $0.contains { $0.endpoint == endpoint && $0.sent >= moment } } }
    }

    func hasServed(everyOneOf endpoints: Int, since moment: ContinuousClock.Instant) -> Bool {
        (0..<endpoints).allSatisfy { hasServed($0, since: moment) }
    }

    /// Holds what is stored of a conversation against what was acknowledged.
    /// - Parameter history: oldest first.
    /// - Returns: the differences.
    func differences(of conversation: String, state: JSONValue, history: [JSONValue]) -> [String] {
        let moves = pages.withLock { $0.moves[conversation, default: []] }.sorted { $0.version < $1.version }
        var differences: [String] = []
        func expect(_ holds: Bool, _ what: @autoclosure () -> String) {
            if !holds { differences.append("\(conversation): \(what())") }
        }
        let versions = history.compactMap { $0["version"]?.integer }
        let stored = state["version"]?.integer ?? 0
        expect(versions == (0..<Int64(history.count)).map { $0 + 1 }, "its history does not have the versions 1 to n: \(versions)")
        expect(stored == Int64(history.count), "its version is \(stored), its history has \(history.count)")
        let told = Set(moves.map(\.version))
        expect(told.count == moves.count, "two moves were told the same version")
        for version in told.subtracting(versions).sorted() { expect(false, "version \(version) was acknowledged and is lost") }
        let untold = Set(versions).subtracting(told).sorted()
        expect(untold.isEmpty, "the versions \(untold) are stored and nobody was told of them: moves were done twice")

        var data: [String: JSONValue] = [:]
        var lost: Set<String> = []
        for move in moves {
            data[move.name] = move.value
            let index = Int(move.version) - 1
            if history.indices.contains(index) {
                let stage = history[index]["to_stage_id"]?.string
                expect(stage == move.stage, "version \(move.version) led to \(move.stage) when it was acknowledged, and now to \(stage ?? "none")")
            }
            // What one version lacks, those after it lack as well.
            let missing = data.filter { move.data[$0.key] != $0.value && !lost.contains($0.key) }
            expect(missing.isEmpty, "version \(move.version) was acknowledged without \(missing)")
            lost.formUnion(missing.keys)
        }
        let stays = state["data"] ?? .null
        expect(stays == .object(data), "its data is \(stays.jsonText), not \(JSONValue.object(data).jsonText)")
        expect(state["current_stage_id"]?.string == moves.last?.stage, "it is at another stage than the last move led to")
        return differences
    }
}
