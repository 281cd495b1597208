import StageModel
import StageStore

/// The turn of one message, from its place in line to its commit.
struct PendingTurn {
    let service: TurnService
    let message: InboundMessage
    let ticket: TurnTicket
    let agent: Agent.ID?
    let caller: Caller
    let policy: BusyPolicy
    /// Whether it is found out before the turn, and not when it is committed, that the message was handled before.
    let looksFirst: Bool
    let watch: TurnWatch?

    private var key: ConversationKey { ticket.key }

    /// Waits for the turn and does it.
    /// - Returns: what came of the message; nil when its place was lost, and it has to begin again.
    func take(arrivedAt arrival: ContinuousClock.Instant) async throws(EngineError) -> Handling? {
        do throws(EngineError) {
            var hasWaited = policy.busy != .merge
            var isAgain = false
            while true {
                let moment = service.line.moment(of: key)
                switch try await standing() {
                case .gone:
                    // When the database has lost sight of this server for a moment, the place is there again afterwards, and would be nobody's.
                    try await leave([ticket])
                    return try await stored(message).map { Handling($0, isRepeated: $0.outcome == .replied) }
                case .waiting, .interrupted:
                    await service.line.waitForChange(of: key, since: moment)
                    guard !Task.isCancelled else { throw .cancelled }
                case .first where !hasWaited:
                    // Others may come that are one with it.
                    hasWaited = true
                    let rest = policy.window - (ContinuousClock.now - arrival)
                    if rest > .zero { try await engine { try await service.pause(rest) } }
                case .first(let interrupted, let behind):
                    service.observer.reached(.begun)
                    if isAgain || looksFirst, let handled = try await stored(message) {
                        try await leave([ticket])
                        return Handling(handled, isRepeated: true)
                    }
                    var group = TurnGroup(ticket, message, merged: policy.busy == .merge ? behind : [], interrupted: interrupted)
                    if isAgain { try await leaveOutHandled(of: &group) }
                    if let handled = try await handle(group, arrivedAt: arrival) { return handled }
                    isAgain = true
                }
            }
        } catch {
            // What else could go wrong now goes wrong for whoever waits behind, too, and is told there.
            try? await service.line.leave([ticket])
            throw error
        }
    }

    private func standing() async throws(EngineError) -> TurnQueue.Standing {
        try await engine { try await service.line.standing(of: ticket) }
    }

    private func stored(_ message: InboundMessage) async throws(EngineError) -> HandledMessage? {
        try await engine { try await service.store.turn(of: message.id, in: key) }
    }

    /// Leaves messages to themselves that were handled before: they are found to be when it is their turn.
    private func leaveOutHandled(of group: inout TurnGroup) async throws(EngineError) {
        for other in group.others {
            if try await stored(other.message) != nil { group.leaveOut(other) }
        }
    }

    // MARK: - The turn

    /// Handles the messages that are one, and stores those whose turns they have ended.
    /// - Returns: nil when the line has changed meanwhile, or one of the messages was handled before.
    private func handle(_ group: TurnGroup, arrivedAt arrival: ContinuousClock.Instant) async throws(EngineError) -> Handling? {
        var work = TurnWork(deadline: .now + TurnPlanner.longestTurn)
        work.waiting = ContinuousClock.now - arrival
        let handled = try await engine { () async throws -> [HandledMessage]? in
            do { return try await commit(group, &work) } catch StoreError.alreadyHandled, StoreError.placeLost { return nil }
        }
        guard let handled else { return nil }
        service.observer.reached(.committed)
        await service.line.committed(group.tickets + group.interruptedTickets)
        return handled.first { $0.messageID == message.id }.map { Handling($0, isRepeated: false) }
    }

    private func leave(_ tickets: [TurnTicket]) async throws(EngineError) { try await engine { try await service.line.leave(tickets) } }

    /// Others have changed the conversation so that the model has to be asked something else.
    private struct Outdated: Error {
        let state: ConversationState
    }

    /// Decides and commits, again when others have changed what it was decided on.
    /// - Returns: nil when the turn was ended by a later message.
    private func commit(_ group: TurnGroup, _ work: inout TurnWork) async throws -> [HandledMessage]? {
        var flow = try await service.configuration.flow(of: key.business)
        let history = try await history(flow)
        let now = service.time.now()
        var state = try await service.store.state(of: key, fresh: false) ?? ConversationState(key: key, at: now)
        var decisions = 0
        while true {
            decisions += 1
            let request = group.request(
                flow: flow, state: state, agent: agent, history: history, hasModel: service.hasModel && decisions <= TurnService.mostDecisions,
                actor: caller.actor, now: now)
            guard let planned = try await plan(request, &work) else { return nil }
            service.observer.reached(.decided)
            let newest = try await service.configuration.flow(of: key.business)
            if decisions == 1, newest.revision != flow.revision, planned.isStranded(in: newest) {
                flow = newest
                continue
            }
            do {
                return try await write(group, planned, request, work)
            } catch let outdated as Outdated {
                state = outdated.state
                await watch?(.anew)
            } catch StoreError.danglingReference where decisions == 1 {
                service.configuration.flows.drop(key.business)
                flow = try await service.configuration.flow(of: key.business)
            } catch let fault as ConversationFault {
                throw EngineError(fault, in: flow)
            }
        }
    }

    /// Takes the turn to its outcome; nil when a later message ends it before.
    private func plan(_ request: TurnRequest, _ work: inout TurnWork) async throws -> TurnOutcome? {
        guard service.hasModel else { return try await outcome(request, &work) }
        let begun = work
        return try await withThrowingTaskGroup(of: (TurnOutcome?, TurnWork).self) { group in
            group.addTask {
                var work = begun
                return (try await self.outcome(request, &work), work)
            }
            group.addTask {
                try await self.interruption()
                return (nil, begun)
            }
            defer { group.cancelAll() }
            guard let (outcome, done) = try await group.next() else { return nil }
            work = done
            return outcome
        }
    }

    private func outcome(_ request: TurnRequest, _ work: inout TurnWork) async throws -> TurnOutcome {
        do throws(ConversationFault) {
            let outcome = try await service.planner.outcome(of: request, &work, watch: watch)
            await watch?(.progress(outcome))
            return outcome
        } catch {
            throw EngineError(error, in: request.flow)
        }
    }

    /// Returns when a later message has ended this turn.
    private func interruption() async throws {
        while true {
            let moment = service.line.moment(of: key)
            switch try await standing() {
            case .interrupted, .gone: return
            case .waiting, .first: await service.line.waitForChange(of: key, since: moment)
            }
            try Task.checkCancellation()
        }
    }

    private func write(
        _ group: TurnGroup, _ planned: TurnOutcome, _ request: TurnRequest, _ work: TurnWork
    ) async throws -> [HandledMessage] {
        let record = TurnRecord()
        let observer = service.observer
        let now = request.now
        // Written down before: while it is committed, all others wait.
        let answered = group.handled(planned, in: request.flow, work, at: now)
        _ = try await service.store.handle(group.ids, in: key, at: now) { state, _ in
            observer.reached(.committing)
            var (outcome, messages) = (planned, answered)
            if state.version != request.state.version {
                // Decided once more on what is there now, with what the model has said already.
                switch try request.with(state, in: request.flow).proceed(with: work.answers) {
                case .done(let again): outcome = again
                case .asks: throw Outdated(state: state)
                }
                messages = group.handled(outcome, in: request.flow, work, at: now)
            }
            record.set(outcome, messages)
            return ConversationCommit(
                change: ConversationChange(state: outcome.state, transitions: outcome.transitions), sensitive: request.flow.sensitive,
                messages: messages, tickets: group.tickets, interrupted: group.interruptedTickets)
        }
        guard let (outcome, messages) = record.value else { throw EngineError(.internalError, "The turn was not recorded.") }
        observer.committed(outcome, messages, work)
        return messages
    }

    /// What was said before, as far as anybody wants to know.
    private func history(_ flow: Flow) async throws -> [ModelPrompt.Line] {
        guard service.hasModel || flow.recallsMessages else { return [] }
        let last = try await service.store.turns(of: key, before: nil, limit: TurnRequest.longestHistory / 2)
        return last.reversed().flatMap { message in
            [.init(.user, message.text)] + (message.reply.map { [.init(.assistant, $0)] } ?? [])
        }
    }
}

extension TurnOutcome {
    /// Whether the stage that it ends at is closed in a newer flow.
    fileprivate func isStranded(in flow: Flow) -> Bool {
        guard let stage = state.stageID, !transitions.isEmpty else { return false }
        return flow.stages[stage] == nil || flow.state(of: stage).status == .disabled
    }
}
