import RedisClient
public import ServiceLifecycle
import StageModel
import StageStore

/// Brings what Redis keeps up to what the log of commits says, twice a second, while the process runs. Every process has one.
public struct RedisFollower: Service {
    static let interval = Duration.milliseconds(500)
    /// While Redis is away: its return is to be seen soon, and asking costs nothing.
    private static let absenceInterval = Duration.milliseconds(100)
    private static let pageLimit = 1000

    /// Who did not do what the follower asked for.
    enum Failure: Error {
        case redis(RedisError)
        case log(StoreError)
    }

    let client: CountedRedis
    let log: any CommitLog
    let keys: RedisKeys
    let status: RedisStatus

    /// Follows until the process is to end.
    public func run() async {
        await cancelWhenGracefulShutdown {
            var machine = FollowerStateMachine()
            while !Task.isCancelled {
                let pause = await catchUp(&machine)
                // Throws only when it is time to stop.
                try? await Task.sleep(for: pause)
            }
        }
    }

    /// Follows up to the end of the log, as far as Redis and the database let it.
    /// - Returns: how long to wait until the next time.
    func catchUp(_ machine: inout FollowerStateMachine) async -> Duration {
        do throws(Failure) {
            while try await step(&machine), !Task.isCancelled {}
            return Self.interval
        } catch {
            // Stopped in the middle, there is nobody who would have to know.
            guard !Task.isCancelled else { return Self.interval }
            switch error {
            case .redis(let error):
                status.isAway(error)
                return Self.absenceInterval
            case .log(let error):
                status.isLogUnreadable(error)
                return Self.interval
            }
        }
    }

    /// Looks at Redis, reads a part of the log, and does what it says.
    /// - Returns: whether the log goes on.
    func step(_ machine: inout FollowerStateMachine) async throws(Failure) -> Bool {
        status.beginStep()
        client.noteWaiting()
        machine.observed(try await send(keys.positions.map { RedisCommand("GET", key: $0) }).map(\.bytes))
        let page = try await page(after: machine.cursor)
        try await carryOut(machine.actions(on: page, isUrgent: !status.isCurrent), &machine)
        let isAtEnd = page.position >= page.extent.last
        status.endStep(positions: machine.positions, end: page.extent.last, isAtEnd: isAtEnd)
        return !isAtEnd
    }

    private func page(after cursor: Int64?) async throws(Failure) -> FollowerStateMachine.Page {
        do throws(StoreError) {
            guard let cursor else {
                let extent = try await log.eventExtent()
                return FollowerStateMachine.Page(position: extent.last, extent: extent)
            }
            return sorted(try await log.commits(after: cursor, limit: Self.pageLimit))
        } catch {
            throw .log(error)
        }
    }

    private func sorted(_ page: CommitPage) -> FollowerStateMachine.Page {
        var names: [Business.ID: String] = [:]
        var sorted = FollowerStateMachine.Page(position: page.position, extent: page.extent)
        for commit in page.commits {
            let business = names[commit.business] ?? keys.name(of: commit.business)
            names[commit.business] = business
            func add(_ conversation: RedisKeys.Conversation, _ places: [RedisArgument], least: Int64) {
                sorted.entries[conversation.partition, default: []] += places.map {
                    FollowerStateMachine.Entry(position: commit.position, key: $0, least: least)
                }
            }
            switch commit.subject {
            case .conversation(let id):
                let key = ConversationKey(business: commit.business, conversation: id)
                let conversation = keys.conversation(key, business: business)
                add(conversation, [conversation.state], least: commit.version)
            case .erased(let pseudonym):
                let conversation = keys.conversation(pseudonym: pseudonym, business: business)
                add(conversation, [conversation.state, conversation.history], least: commit.version + 1)
            }
        }
        return sorted
    }

    private func carryOut(_ actions: [FollowerStateMachine.Action], _ machine: inout FollowerStateMachine) async throws(Failure) {
        let replies = try await send(actions.map(command))
        for (action, reply) in zip(actions, replies) {
            switch action {
            case .renew(let partition, _, _): machine.renewed(partition, reply.bytes ?? [])
            case .follow(let partition, _, let end, _): if reply.integer == 1 { machine.followed(partition, to: end) }
            }
        }
    }

    private func command(_ action: FollowerStateMachine.Action) -> RedisCommand {
        switch action {
        case .renew(let partition, let seen, let position):
            let stamp = Stamp(generation: .random(in: .min ... .max), number: position)
            return RedisScripts.renew(position: keys.positions[partition], seen: seen, stamp: stamp)
        case .follow(let partition, let start, let end, let entries):
            return RedisScripts.follow(
                position: keys.positions[partition], from: start, to: end, entries: entries.map { ($0.key, $0.least) })
        }
    }

    /// Any command that fails fails all: the next step looks at Redis anew.
    private func send(_ commands: [RedisCommand]) async throws(Failure) -> [RESPValue] {
        do throws(RedisError) {
            var replies: [RESPValue] = []
            for result in try await client.pipeline(commands) { replies.append(try result.get()) }
            return replies
        } catch {
            throw .redis(error)
        }
    }
}
