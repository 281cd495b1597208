import RedisClient

// Measures GETs a second over one connection: in pipelines of 16 from one task, and one at a time from 64 tasks. Prints the rates of
// ordinary tasks and those of tasks that run beside the connection (`RedisClient.taskExecutor`), which change no threads.
// Usage: RedisRoundTrips redis://127.0.0.1:6379 [seconds of each measurement]

let taskCount = 64
let pipelineLength = 16
let key: RedisArgument = "key:__rand_int__"

/// How many commands a second so many tasks get through, each of which calls `body` over and over.
func rate(tasks: Int, for time: Duration, on executor: (any TaskExecutor)? = nil, _ body: @escaping @Sendable () async throws -> Int) async throws
    -> Int
{
    let clock = ContinuousClock()
    let start = clock.now
    let end = start + time
    let count = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<tasks {
            group.addTask(executorPreference: executor) {
                var count = 0
                while clock.now < end { count += try await body() }
                return count
            }
        }
        return try await group.reduce(0, +)
    }
    let (seconds, attoseconds) = (clock.now - start).components
    return Int(Double(count) / (Double(seconds) + Double(attoseconds) / 1e18))
}

guard CommandLine.arguments.count >= 2, let seconds = CommandLine.arguments.count > 2 ? Int(CommandLine.arguments[2]) : 3 else {
    print("usage: RedisRoundTrips redis://127.0.0.1:6379 [seconds]")
    throw RedisError(.invalidConfiguration, "The arguments are a URL and, if wanted, a number of seconds.")
}
let client = try RedisClient(configuration: RedisConfiguration(url: CommandLine.arguments[1]))
let running = Task { await client.run() }
try await client.set(key, "VXK")

let pipelined: @Sendable () async throws -> Int = {
    let results = try await client.pipeline((0..<pipelineLength).map { _ in RedisCommand("GET", key: key) })
    for result in results { _ = try result.get() }
    return pipelineLength
}
let single: @Sendable () async throws -> Int = {
    _ = try await client.get(key)
    return 1
}
// The first second warms both sides up.
_ = try await rate(tasks: taskCount, for: .seconds(1), single)
print("pipelined_gets_per_second \(try await rate(tasks: 1, for: .seconds(seconds), pipelined))")
print("pipelined_gets_beside_connection_per_second \(try await rate(tasks: 1, for: .seconds(seconds), on: client.taskExecutor, pipelined))")
print("single_gets_beside_connection_per_second \(try await rate(tasks: taskCount, for: .seconds(seconds), on: client.taskExecutor, single))")
print("single_gets_per_second \(try await rate(tasks: taskCount, for: .seconds(seconds), single))")
await client.close()
await running.value
