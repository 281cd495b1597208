import Foundation
import RedisClient

/// One way to ask for a value over and over.
enum Measurement: String, CaseIterable {
    case referencePipelined = "redis-benchmark -P 16 -c 1"
    case pipelined = "pipelines of 16 from one task"
    case pipelinedBeside = "pipelines of 16 from one task beside the connection"
    case referenceSingle = "redis-benchmark -c 64"
    case single = "single GETs from 64 tasks"
    case singleBeside = "single GETs from 64 tasks beside the connection"

    /// The key that redis-benchmark asks for, too.
    static let key: RedisArgument = "key:__rand_int__"
    private static let taskCount = 64
    private static let pipelineLength = 16

    /// What it is compared to.
    var reference: Measurement? {
        switch self {
        case .referencePipelined, .referenceSingle: nil
        case .pipelined, .pipelinedBeside: .referencePipelined
        case .single, .singleBeside: .referenceSingle
        }
    }

    /// How many values a second come.
    func rate(_ client: RedisClient, _ configuration: RedisConfiguration, seconds: Int) async throws -> Int {
        switch self {
        // So many take a second or two.
        case .referencePipelined:
            try Self.benchmark(configuration, ["-P", "\(Self.pipelineLength)", "-c", "1", "-n", "\(300_000 * seconds)"])
        case .referenceSingle: try Self.benchmark(configuration, ["-c", "\(Self.taskCount)", "-n", "\(60_000 * seconds)"])
        case .pipelined: try await Self.pipelines(client, seconds, on: nil)
        case .pipelinedBeside: try await Self.pipelines(client, seconds, on: client.taskExecutor)
        case .single: try await Self.singles(client, seconds, on: nil)
        case .singleBeside: try await Self.singles(client, seconds, on: client.taskExecutor)
        }
    }

    private static func pipelines(_ client: RedisClient, _ seconds: Int, on executor: (any TaskExecutor)?) async throws -> Int {
        try await rate(tasks: 1, seconds, on: executor) {
            let results = try await client.pipeline((0..<pipelineLength).map { _ in RedisCommand("GET", key: key) })
            for result in results { _ = try result.get() }
            return pipelineLength
        }
    }

    private static func singles(_ client: RedisClient, _ seconds: Int, on executor: (any TaskExecutor)?) async throws -> Int {
        try await rate(tasks: taskCount, seconds, on: executor) {
            _ = try await client.get(key)
            return 1
        }
    }

    /// How many commands a second so many tasks get through, each of which calls `body` over and over.
    private static func rate(
        tasks: Int, _ seconds: Int, on executor: (any TaskExecutor)?, _ body: @escaping @Sendable () async throws -> Int
    ) async throws -> Int {
        let clock = ContinuousClock()
        let start = clock.now
        let end = start + .seconds(seconds)
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
        return Int(Double(count) / ((clock.now - start) / .seconds(1)))
    }

    /// Runs redis-benchmark, which prints a line of titles and then `"GET","123456.78",…`.
    private static func benchmark(_ configuration: RedisConfiguration, _ arguments: [String]) throws -> Int {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["redis-benchmark", "-h", configuration.host, "-p", "\(configuration.port)", "-t", "get", "--csv"] + arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let fields = text.split(separator: "\n").last { $0.hasPrefix("\"GET\"") }?.split(separator: "\"")
        guard process.terminationStatus == 0, let fields, fields.count > 2, let rate = Double(fields[2]) else {
            throw RedisError(.unexpectedReply, "redis-benchmark has printed no rate of GET: \(text)")
        }
        return Int(rate)
    }
}
