import StageModel
import Testing

@Suite("Conversations: any sequence of commands")
struct ConversationPropertyTests {
    private static let stages = [
        Sample.greeting, Sample.order, Sample.scratch, Sample.ghost, Sample.done, Sample.ofAda, Sample.ofBob, Sample.closed, Sample.absent,
    ]

    private static func command(_ generator: inout SeededGenerator) -> ConversationCommand {
        let stage = stages.randomElement(using: &generator) ?? Sample.greeting
        switch Int.random(in: 0..<12, using: &generator) {
        case 0: return .clear
        case 1: return .pause
        case 2: return .resume
        case 3: return .rewind(toVersion: 1, stage: stage)
        case 4: return .elapse
        case 5: return .evacuate(from: stage, to: [Sample.greeting, Sample.order, Sample.done].randomElement(using: &generator) ?? stage)
        default:
            let agent = [nil, nil, nil, Sample.ada, Sample.bob].randomElement(using: &generator) ?? nil
            let data: [String: JSONValue] = [[:], ["a": 1], ["quantity": 3], ["a": .null], ["quantity": "x"]].randomElement(using: &generator) ?? [:]
            return .go(stage, data, agent: agent)
        }
    }

    /// What the history says of the state: where it is, and how often each stage was entered since it was last clear.
    private static func retell(_ history: [Transition]) -> (stage: Stage.ID?, visits: [Stage.ID: Int]) {
        var stage: Stage.ID?
        var visits: [Stage.ID: Int] = [:]
        for transition in history {
            stage = transition.to
            guard let to = transition.to else {
                visits = [:]
                continue
            }
            if transition.isMove || transition.trace["action"] == "rewind" { visits[to, default: 0] += 1 }
        }
        return (stage, visits)
    }

    @Test("Versions have no gap, the history is complete, and visits are the entries that it tells of", arguments: 0..<12)
    func invariants(seed: Int) throws {
        var generator = SeededGenerator(seed: seed)
        var rehearsal = try Rehearsal()
        var now: Int64 = 0
        for _ in 0..<400 {
            now += Int64.random(in: 0...1500, using: &generator)
            let before = (state: rehearsal.state, count: rehearsal.history.count)
            let outcome = rehearsal.perform(Self.command(&generator), at: now)
            let (state, new) = (rehearsal.state, rehearsal.history[before.count...])
            if outcome == "nothing" || outcome.hasPrefix("refused") {
                #expect(state == before.state && new.isEmpty)
                continue
            }
            #expect(new.map(\.version) == (before.state.version + 1...state.version).map { $0 })
            #expect((1...2).contains(new.count), "An expiry and a command at most.")
            var stage = before.state.stageID
            for transition in new {
                #expect(transition.from == stage)
                #expect((transition.secondsInStage == nil) == (transition.from == nil || !transition.isMove))
                stage = transition.to
            }
            let told = Self.retell(rehearsal.history)
            #expect(state.stageID == told.stage && state.visits == told.visits)
            #expect((state.status == .completed) == (state.stageID == Sample.done))
            #expect((state.enteredAt == nil) == (state.stageID == nil))
            #expect((state.expiresAt != nil) == (state.stageID == Sample.order))
            if let owner = state.stageID.flatMap({ Sample.flow.stages[$0]?.agentID }) { #expect(owner == state.agentID) }
            if state.stageID == nil { #expect(state.data == ConversationData()) }
            #expect(state.stageID == Sample.scratch || state.data.stage.isEmpty)
        }
        #expect(Set(rehearsal.history.map(\.id)).count == rehearsal.history.count)
        #expect(rehearsal.history.map(\.version) == rehearsal.history.indices.map { Int64($0 + 1) })
    }
}
