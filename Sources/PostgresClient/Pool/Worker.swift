import DequeModule
import Foundation
import Synchronization

/// The thread of one connection: makes it, runs what it is given on it, one after another, and notices when the server closes it.
final class Worker: Sendable {
    /// Works with the connection.
    /// - Returns: what to do when the connection is back in the pool: tell the outcome.
    typealias Job = @Sendable (PostgresConnection) -> @Sendable () -> Void

    enum Order {
        case run(Job, CancelFlag)
        case check
        case end
    }

    enum Report {
        case opened
        case refused(PostgresError)
        case returned
        case checked
        /// In use.
        case broke
        /// Before it was used.
        case stale
    }

    private let wake: WakeSignal
    private let orders = Mutex<Deque<Order>>([])
    /// Gives up connecting.
    private let connecting = CancelFlag()

    /// - Throws: `.insufficientResources` when the process has no file descriptors left.
    init() throws(PostgresError) { wake = try WakeSignal() }

    /// Starts the thread.
    /// - Parameter report: is called on the thread; the last report is `.refused`, `.broke` or `.stale`, or comes before an `.end`.
    func start(_ configuration: PostgresConfiguration, report: @escaping @Sendable (Report) -> Void) {
        let thread = Thread { [self] in main(configuration, report) }
        thread.name = "postgres"
        thread.start()
    }

    /// Gives the thread something to do.
    func send(_ order: Order) {
        if case .end = order { connecting.raise() }
        orders.withLock { $0.append(order) }
        wake.raise()
    }

    /// Lets a job's flag be looked at.
    func nudge() { wake.raise() }

    private func main(_ configuration: PostgresConfiguration, _ report: @Sendable (Report) -> Void) {
        let connection: PostgresConnection
        do throws(PostgresError) {
            connection = try PostgresConnection(configuration, wake: wake, flag: connecting)
        } catch {
            report(.refused(error))
            return
        }
        report(.opened)
        while true {
            switch orders.withLock({ $0.popFirst() }) {
            case .run(let job, let flag):
                guard connection.link.looksAlive() else { return report(.stale) }
                let tell = connection.lend(flag, job)
                // Back before the outcome is told: who asks again at once finds it.
                report(connection.isBroken ? .broke : .returned)
                tell()
                if connection.isBroken { return }
            case .check:
                guard connection.check() else { return report(.stale) }
                report(.checked)
            case .end: return
            case nil:
                // A server that closes the connection is heard at once.
                guard wake.wait(socket: connection.link.socket, until: nil) == .ready else { continue }
                guard connection.link.looksAlive() else { return report(.stale) }
            }
        }
    }
}
