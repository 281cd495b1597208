public import Logging
public import ServiceLifecycle
public import StageModel
public import StageStore
import Synchronization

/// Hears of what other processes have changed, and drops what this one has kept of it.
public struct ChangeFollower: Service {
    private let feed: any ChangeFeed
    private let flows: FlowCache
    private let access: AccessService
    private let time: TimeSource
    private let logger: Logger
    private let forgetConversations: @Sendable (Business.ID) -> Void

    public static let interval = Duration.milliseconds(500)

    public init(
        feed: any ChangeFeed, flows: FlowCache, access: AccessService, time: TimeSource, logger: Logger,
        forgetConversations: @escaping @Sendable (Business.ID) -> Void
    ) {
        self.feed = feed
        self.flows = flows
        self.access = access
        self.time = time
        self.logger = logger
        self.forgetConversations = forgetConversations
    }

    public func run() async throws {
        let position = Mutex<Int64?>(nil)
        let trouble = Trouble(logger)
        let bell = Bell()
        try feed.whenChanged { bell.ring() }
        await repeatUntilShutdown(every: Self.interval, or: bell) {
            do throws(StoreError) {
                let end = try await follow(from: position.withLock { $0 })
                position.withLock { $0 = end }
                trouble.ended("The log of changes can be read again.")
            } catch {
                // Stopped in the middle, there is nobody who would have to know.
                guard !Task.isCancelled else { return }
                trouble.began("The log of changes can't be read.", error)
            }
        }
    }

    /// Reads what is new and acts on it.
    /// - Returns: the position up to which everything is known.
    public func follow(from position: Int64?) async throws(StoreError) -> Int64 {
        let asked = time.now()
        let (changes, end) = try await feed.changes(after: position)
        for change in changes {
            switch change {
            case .flow(let business): flows.drop(business)
            case .keys(let business): access.forget(business)
            case .deleted(let business):
                flows.drop(business)
                access.forget(business)
                forgetConversations(business)
            }
        }
        access.heard(at: asked)
        return end
    }
}

/// Tells of something that fails again and again when it begins, and when it is over.
final class Trouble: Sendable {
    private let logger: Logger
    private let hasBegun = Mutex(false)

    init(_ logger: Logger) { self.logger = logger }

    func began(_ message: Logger.Message, _ error: any Error) {
        let isNews = hasBegun.withLock { hasBegun in
            defer { hasBegun = true }
            return !hasBegun
        }
        if isNews { logger.error(message, metadata: ["error": "\(error)"]) }
    }

    func ended(_ message: Logger.Message) {
        let isNews = hasBegun.withLock { hasBegun in
            defer { hasBegun = false }
            return hasBegun
        }
        if isNews { logger.notice(message) }
    }
}

/// Does something, waits, and does it again, until the process is to end.
/// - Parameter bell: ends the wait before its time.
func repeatUntilShutdown(every interval: Duration, or bell: Bell = Bell(), _ work: @escaping @Sendable () async -> Void) async {
    await cancelWhenGracefulShutdown {
        await withDiscardingTaskGroup { group in
            group.addTask {
                while !Task.isCancelled {
                    // Throws only when it is time to stop.
                    try? await Task.sleep(for: interval)
                    bell.ring()
                }
            }
            while !Task.isCancelled {
                await work()
                await bell.wait()
            }
            group.cancelAll()
        }
    }
}
