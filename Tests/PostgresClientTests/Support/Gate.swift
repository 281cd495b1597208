import Foundation
import Synchronization

/// Keeps threads and tasks until it is opened.
final class Gate: @unchecked Sendable {
    private let condition = NSCondition()
    private var isOpen = false
    private var tasks: [CheckedContinuation<Void, Never>] = []

    func open() {
        let waiting = condition.withLock { () -> [CheckedContinuation<Void, Never>] in
            isOpen = true
            condition.broadcast()
            defer { tasks = [] }
            return tasks
        }
        for task in waiting { task.resume() }
    }

    /// Only for threads of connections: a task's thread is needed by others.
    func wait() {
        condition.withLock { while !isOpen { condition.wait() } }
    }

    func passed() async {
        await withCheckedContinuation { continuation in
            let isOpen = condition.withLock { () -> Bool in
                if !self.isOpen { tasks.append(continuation) }
                return self.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}

/// Keeps threads until a number of them have come.
final class Meeting: @unchecked Sendable {
    private let condition = NSCondition()
    private var missing: Int

    init(of count: Int) { missing = count }

    func attend() {
        condition.withLock {
            missing -= 1
            condition.broadcast()
            while missing > 0 { condition.wait() }
        }
    }
}

/// Is true once.
final class Once: Sendable {
    private let isUsed = Atomic<Bool>(false)

    func isFirst() -> Bool { !isUsed.exchange(true, ordering: .acquiringAndReleasing) }
}

/// Counts.
final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .acquiring) }

    func add() { count.add(1, ordering: .acquiringAndReleasing) }

    func set(_ value: Int) { count.store(value, ordering: .releasing) }
}
