public import StageModel
import Synchronization

/// Takes a turn to its outcome, asking the model where the turn can't go on without it.
public struct TurnPlanner: Sendable {
    /// nil: everything is decided without one.
    public let model: (any LanguageModel)?

    /// How long a turn may take from its begin to its commit.
    public static let longestTurn = Duration.seconds(60)

    public init(model: (any LanguageModel)?) { self.model = model }

    /// Goes on until the turn is done.
    /// - Parameters:
    ///   - work: what the model has said before; what it says now is added.
    ///   - watch: hears of the turn as it goes on.
    func outcome(
        of request: TurnRequest, _ work: inout TurnWork, watch: TurnWatch?
    ) async throws(ConversationFault) -> TurnOutcome {
        while true {
            let begin = ContinuousClock.now
            let progress = try request.proceed(with: work.answers)
            work.deciding += ContinuousClock.now - begin
            switch progress {
            case .done(let outcome): return outcome
            case .asks(let prompt, let soFar):
                await watch?(.progress(soFar))
                await ask(prompt, &work, watch)
            }
        }
    }

    private func ask(_ prompt: ModelPrompt, _ work: inout TurnWork, _ watch: TurnWatch?) async {
        let begin = ContinuousClock.now
        let answer: Result<ModelAnswer, ModelFailure>
        if let model {
            var each: (@Sendable (String) async -> Void)?
            if prompt.purpose == .response, let watch { each = { await watch(.piece($0, of: prompt)) } }
            do throws(ModelFailure) {
                answer = .success(try await model.answer(prompt, before: work.deadline, each: each))
            } catch {
                answer = .failure(error)
            }
        } else {
            answer = .failure(ModelFailure(.unavailable, "There is no model."))
        }
        work.answers[prompt] = answer
        work.calls.append(TurnWork.Call(prompt: prompt, answer: answer, duration: ContinuousClock.now - begin))
    }
}

/// What was done for a turn so far besides deciding it.
public struct TurnWork: Sendable {
    /// A question to the model.
    public struct Call: Sendable {
        public let prompt: ModelPrompt
        public let answer: Result<ModelAnswer, ModelFailure>
        public let duration: Duration
    }

    public internal(set) var answers: ModelAnswers = [:]
    public internal(set) var calls: [Call] = []
    /// How long the engine itself took.
    public internal(set) var deciding = Duration.zero
    /// How long the message waited for its turn.
    public internal(set) var waiting = Duration.zero
    public let deadline: ContinuousClock.Instant

    public init(deadline: ContinuousClock.Instant) { self.deadline = deadline }
}

/// What is told of a turn while it goes on.
public enum TurnNews: Sendable {
    /// Where it is, and what it has learned. It counts when the turn is done, not before.
    case progress(TurnOutcome)
    /// A piece of the reply that the model is writing.
    case piece(String, of: ModelPrompt)
    /// What was told before is void: others have changed the conversation meanwhile.
    case anew
}

public typealias TurnWatch = @Sendable (TurnNews) async -> Void
