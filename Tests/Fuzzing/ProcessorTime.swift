import Foundation

/// The processor time that the calling thread takes for something: unlike the time of a clock it is not longer when others work beside it.
public func processorTime(of body: () throws -> Void) rethrows -> Duration {
    let start = usedProcessorTime()
    try body()
    return usedProcessorTime() - start
}

private func usedProcessorTime() -> Duration {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
}
