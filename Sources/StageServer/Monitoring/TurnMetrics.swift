public import Metrics
public import StageEngine
public import StageModel
public import StageStore
import Synchronization

/// Counts turns and what the model was used for, by stage.
public final class TurnMetrics: TurnObserver {
    /// What is counted of one stage.
    private struct StageCounters {
        let turns: Counter
        let promptTokens: Counter
        let completionTokens: Counter
        let model: Timer

        init(_ stage: String, _ factory: any MetricsFactory) {
            func tokens(_ kind: String) -> Counter {
                Counter(label: "stagekeeper_stage_tokens_total", dimensions: [("stage_id", stage), ("kind", kind)], factory: factory)
            }
            turns = Counter(label: "stagekeeper_stage_turns_total", dimensions: [("stage_id", stage)], factory: factory)
            promptTokens = tokens("prompt")
            completionTokens = tokens("completion")
            model = Timer(label: "stagekeeper_stage_model_seconds", dimensions: [("stage_id", stage)], factory: factory)
        }
    }

    /// More stages than these are counted as one, so that the metrics stay readable.
    private static let mostStages = 250

    private let factory: any MetricsFactory
    private let messages: [HandledMessage.Outcome: Counter]
    private let engine: Timer
    private let waiting: Timer
    private let stages = Mutex<[Stage.ID: StageCounters]>([:])
    private let others: StageCounters
    /// Hears of the points of turns.
    private let next: any TurnObserver

    public init(factory: any MetricsFactory, next: any TurnObserver = NoTurnObserver()) {
        self.factory = factory
        self.next = next
        messages = Dictionary(
            uniqueKeysWithValues: HandledMessage.Outcome.allCases.map {
                ($0, Counter(label: "stagekeeper_messages_total", dimensions: [("outcome", $0.rawValue)], factory: factory))
            })
        engine = Timer(label: "stagekeeper_turn_engine_seconds", dimensions: [], factory: factory)
        waiting = Timer(label: "stagekeeper_turn_waiting_seconds", dimensions: [], factory: factory)
        others = StageCounters("other", factory)
    }

    public func reached(_ point: TurnPoint) { next.reached(point) }

    public func committed(_ outcome: TurnOutcome, _ handled: [HandledMessage], _ work: TurnWork) {
        for message in handled { messages[message.outcome]?.increment() }
        engine.record(work.deciding)
        waiting.record(work.waiting)
        if let stage = outcome.state.stageID { counters(of: stage).turns.increment() }
        for call in work.calls {
            let counters = counters(of: call.prompt.stage)
            counters.promptTokens.increment(by: call.promptTokens)
            counters.completionTokens.increment(by: call.completionTokens)
            counters.model.record(call.duration)
        }
        next.committed(outcome, handled, work)
    }

    private func counters(of stage: Stage.ID) -> StageCounters {
        stages.withLock { stages in
            if let known = stages[stage] { return known }
            guard stages.count < Self.mostStages else { return others }
            let new = StageCounters(stage.description, factory)
            stages[stage] = new
            return new
        }
    }
}

extension Metrics.Timer {
    fileprivate func record(_ duration: Duration) { recordNanoseconds(Int64(duration / .nanoseconds(1))) }
}
