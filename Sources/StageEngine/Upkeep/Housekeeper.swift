public import Logging
public import ServiceLifecycle
import StageModel
public import StageStore
import Synchronization

/// Records what time has done: states that expire, timeouts that are over, numbers that grow, entries that are past their time.
public struct Housekeeper: Service {
    private static let interval = Duration.seconds(1)
    private static let cleaningInterval: Double = 600
    private static let batch = 200
    /// The longest time from one fold of statistics to the next.
    private static let longestPause = Duration.seconds(60)

    private let conversations: any ConversationStore
    private let upkeep: any StoreUpkeep
    private let stages: StageService
    private let time: TimeSource
    private let logger: Logger

    public init(
        conversations: any ConversationStore, upkeep: any StoreUpkeep, stages: StageService, time: TimeSource, logger: Logger
    ) {
        self.conversations = conversations
        self.upkeep = upkeep
        self.stages = stages
        self.time = time
        self.logger = logger
    }

    public func run() async throws {
        let trouble = Trouble(logger)
        let cleanedAt = Mutex(Timestamp(microseconds: 0))
        let foldsAt = Mutex(ContinuousClock.now)
        await repeatUntilShutdown(every: Self.interval) {
            do {
                try await recordElapsed()
                if ContinuousClock.now >= foldsAt.withLock({ $0 }) {
                    let pause = Self.pause(afterWriting: try await upkeep.foldStatistics())
                    foldsAt.withLock { $0 = ContinuousClock.now + pause }
                }
                let now = time.now()
                if now.seconds(since: cleanedAt.withLock { $0 }) >= Self.cleaningInterval {
                    try await upkeep.removeOutdated(at: now)
                    cleanedAt.withLock { $0 = now }
                }
                trouble.ended("Housekeeping goes on.")
            } catch {
                // Stopped in the middle, it goes on at the next start.
                guard !Task.isCancelled else { return }
                trouble.began("Housekeeping failed; it is tried again.", error)
            }
        }
    }

    /// How long to wait for the next fold of statistics. A sum takes the writer about 30 µs: it is to spend a twentieth of its time on them, at most. Where many
    /// stages are in use, what happens in a longer time goes into the same sums.
    static func pause(afterWriting sums: Int) -> Duration { min(.microseconds(600) * sums, longestPause) }

    /// Records every expiry and timeout that is due. A conversation that can't be read is logged and passed over.
    /// - Returns: how many were recorded.
    @discardableResult
    public func recordElapsed() async throws(StoreError) -> Int {
        var total = 0
        while true {
            let now = time.now()
            let due = try await conversations.due(at: now, limit: Self.batch)
            var done = 0
            for key in due {
                do throws(EngineError) {
                    _ = try await stages.perform(
                        .elapse, on: key.conversation, by: Caller(business: key.business, actor: "timer", now: now))
                    done += 1
                } catch {
                    logger.error("What time has done to a conversation can't be recorded.", metadata: ["error": "\(error.debug ?? error.message)"])
                }
            }
            total += done
            if due.count < Self.batch || done == 0 { return total }
        }
    }
}
