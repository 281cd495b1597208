import Dispatch
import Synchronization
import Testing

@testable import StageStoreSQL

@Suite("Readers of a SQLite file", .timeLimit(.minutes(1)))
struct SQLiteReaderTests {
    /// Runs tasks, until it is told to let them lie.
    private final class Threads: TaskExecutor {
        private let held = Mutex<[UnownedJob]?>(nil)

        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            let isHeld = held.withLock { held in
                held?.append(job)
                return held != nil
            }
            if !isHeld { run(job) }
        }

        func hold() { held.withLock { $0 = [] } }

        func release() {
            let jobs = held.withLock { held in
                defer { held = nil }
                return held ?? []
            }
            for job in jobs { run(job) }
        }

        private func run(_ job: UnownedJob) {
            DispatchQueue.global().async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
        }
    }

    /// How a reader is asked.
    enum Reading: CaseIterable, Sendable {
        case transaction, statement

        func read(_ database: SQLiteDatabase, _ body: @escaping @Sendable () -> Void = {}) async throws -> Int64? {
            let read: @Sendable (any SQLConnection) throws -> Int64? = { connection in
                body()
                return try connection.row("SELECT 1", []) { $0.integer(0) }
            }
            switch self {
            case .transaction: return try await database.read(read)
            case .statement: return try await database.readOnce(read)
            }
        }
    }

    @Test("Readers are free as soon as they have read, however long those who asked wait for their turn to go on", arguments: Reading.allCases)
    func freeReaders(_ reading: Reading) async throws {
        try await TemporaryFolder.with { folder in
            let database = try SQLiteDatabase(path: folder.database)
            let (threads, goOn) = (Threads(), DispatchSemaphore(value: 0))
            let (begun, arrived) = AsyncStream.makeStream(of: Void.self)
            let all = 4
            let readings = (0..<all).map { _ in
                Task(executorPreference: threads) {
                    try await reading.read(database) {
                        arrived.yield()
                        goOn.wait()
                    }
                }
            }
            var beginnings = begun.makeAsyncIterator()
            for _ in 0..<all { await beginnings.next() }
            threads.hold()
            for _ in 0..<all { goOn.signal() }
            let others = try await withTaskCancellationHandler {
                var values: [Int64?] = []
                for _ in 0..<all { values.append(try await reading.read(database)) }
                return values
            } onCancel: {
                // By the time limit.
                threads.release()
            }
            #expect(others == [1, 1, 1, 1])
            threads.release()
            for reading in readings { #expect(try await reading.value == 1) }
            try await database.close()
        }
    }
}
