/// Runs both at once until one is done; the other is cancelled then, and waited for.
/// - Returns: what the first one brought; nil counts as nothing, so that what the other one has by then is not lost.
func race<Value: Sendable>(
    _ first: @escaping @Sendable () async -> Value?, _ second: @escaping @Sendable () async -> Value?
) async -> Value? {
    await withTaskGroup(of: Value?.self) { group in
        group.addTask(operation: first)
        group.addTask(operation: second)
        var result: Value?
        for await value in group {
            group.cancelAll()
            result = result ?? value
        }
        return result
    }
}

/// Runs something until it is done or its time is over.
/// - Returns: what it brought; nil: nothing, as it took too long or the task was cancelled.
func within<Value: Sendable>(_ end: ContinuousClock.Instant, _ body: @escaping @Sendable () async -> Value?) async -> Value? {
    await race(body) {
        try? await Task.sleep(until: end, clock: .continuous)
        return nil
    }
}
