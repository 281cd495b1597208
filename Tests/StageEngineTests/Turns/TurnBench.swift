import Foundation
import StageEngine
import StageModel
import StageStore
import Synchronization
import Testing

/// A flow of a greeting, a form and an end, with turns.
struct TurnBench: Sendable {
    let bench: EngineBench
    let turns: TurnService
    let line: WatchedLine
    let greeting: Stage.ID
    let form: Stage.ID
    let thanks: Stage.ID

    static func with(
        model: (any LanguageModel)? = nil, busy: StageConfiguration.Busy = .queue, observer: any TurnObserver = NoTurnObserver(),
        pause: @escaping @Sendable (Duration) async throws -> Void = { _ in }, _ body: (TurnBench) async throws -> Void
    ) async throws {
        try await EngineBench.with { bench in
            try await body(try await TurnBench(bench, model: model, busy: busy, observer: observer, pause: pause))
        }
    }

    private init(
        _ bench: EngineBench, model: (any LanguageModel)?, busy: StageConfiguration.Busy, observer: any TurnObserver,
        pause: @escaping @Sendable (Duration) async throws -> Void
    ) async throws {
        self.bench = bench
        line = WatchedLine()
        turns = TurnService(
            store: bench.store, line: line, configuration: bench.configuration, model: model, observer: observer, time: bench.clock.source,
            pause: pause)
        func template(_ purpose: Template.Purpose, _ content: String) async throws -> Template.ID {
            try await bench.create(Template(name: "\(purpose.rawValue) \(content)", purpose: purpose, content: content)).id
        }
        let selection = try await template(.stageSelection, "Choose from {{available_stages}} for: {{message_content}}")
        let extraction = try await template(.dataExtraction, "Read {{fields}} in: {{message_content}}")
        func stage(_ name: String, _ style: Stage.Style, says reply: String, _ configure: (inout StageConfiguration) -> Void) async throws -> Stage.ID
        {
            var configuration = StageConfiguration()
            configuration.busy = busy
            // Longer than any test takes: that it is over is told by the pause.
            configuration.mergeMilliseconds = 60_000
            configure(&configuration)
            return try await bench.create(
                Stage(
                    name: name, description: "", style: style, selectionTemplateID: selection, extractionTemplateID: extraction,
                    responseTemplateID: try await template(.responseGeneration, reply), isEntry: name == "Greeting", configuration: configuration)
            ).id
        }
        greeting = try await stage("Greeting", .conversation, says: "Hello. You said: {{message_content}}") { _ in }
        form = try await stage("Address", .form, says: "To which address?") { configuration in
            configuration.fields = [DataField(name: "email", kind: .email, isRequired: true, isSensitive: true)]
        }
        thanks = try await stage("Thanks", .response, says: "Thank you.") { $0.isFinal = true }
        try await bench.rule(from: greeting, to: form, "message.text.contains('write')", description: "Wants mail.")
        try await bench.rule(from: form, to: thanks, "has(data.email)")
    }

    @discardableResult
    func send(
        _ text: String, _ id: String? = nil, to conversation: String = "c", watch: TurnWatch? = nil
    ) async throws -> Handling {
        let message = InboundMessage(id: id ?? text, message: Message(text: text, receivedAt: bench.clock.now))
        return try await turns.handle(message, in: try bench.id(conversation), by: bench.caller, watch: watch)
    }

    func state(_ conversation: String = "c") async throws -> ConversationState {
        try await bench.stages.state(of: try bench.id(conversation), by: bench.caller)
    }

    /// What was said, oldest first.
    func messages(_ conversation: String = "c") async throws -> [HandledMessage] {
        try await turns.messages(of: try bench.id(conversation), before: nil, limit: 100, by: bench.caller).reversed()
    }
}

/// A line that tells when a number of messages have joined it.
final class WatchedLine: TurnLine {
    private struct State {
        var joined = 0
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let line = LocalTurnLine()
    private let state = Mutex(State())

    /// Waits until so many messages have joined in all.
    func joined(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                guard state.joined < count else { return true }
                state.watchers.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    func join(_ message: InboundMessage, in key: ConversationKey, policy: StageConfiguration.Busy) async throws(StoreError) -> TurnQueue.Joining {
        let joining = line.join(message, in: key, policy: policy)
        let ready = state.withLock { state in
            state.joined += 1
            let ready = state.watchers.filter { $0.count <= state.joined }
            state.watchers.removeAll { $0.count <= state.joined }
            return ready.map(\.continuation)
        }
        for continuation in ready { continuation.resume() }
        return joining
    }

    func standing(of ticket: TurnTicket) -> TurnQueue.Standing { line.standing(of: ticket) }
    func waitForChange(of key: ConversationKey, since moment: UInt64) async { await line.waitForChange(of: key, since: moment) }
    func moment(of key: ConversationKey) -> UInt64 { line.moment(of: key) }
    func leave(_ tickets: [TurnTicket]) { line.leave(tickets) }
    func committed(_ tickets: [TurnTicket]) { line.committed(tickets) }
}

extension HandledMessage {
    func answered() throws -> JSONValue { try JSONValue(parsing: answer) }
}
