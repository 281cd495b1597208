import RedisClient

// Measures GETs a second over one connection and, in turn, those of redis-benchmark: in pipelines of 16 from one task, and one at a time from 64
// tasks. Prints every round, the medians, and how many times redis-benchmark's rate that is; the aims are 0.5 for pipelines and 1 for single GETs.
// Usage: RedisRoundTrips redis://127.0.0.1:6379 [rounds [seconds of each measurement]]

func number(_ index: Int, else value: Int) -> Int? { CommandLine.arguments.count > index ? Int(CommandLine.arguments[index]) : value }

guard CommandLine.arguments.count >= 2, let rounds = number(2, else: 5), rounds > 0, let seconds = number(3, else: 2), seconds > 0 else {
    print("usage: RedisRoundTrips redis://127.0.0.1:6379 [rounds [seconds]]")
    throw RedisError(.invalidConfiguration, "The arguments are a URL and, if wanted, a number of rounds and one of seconds.")
}
let configuration = try RedisConfiguration(url: CommandLine.arguments[1])
guard configuration.password == nil, configuration.tls == nil else {
    throw RedisError(.invalidConfiguration, "redis-benchmark is run without password and TLS; give the URL of a server that asks for neither.")
}
let client = try RedisClient(configuration: configuration)
let running = Task { await client.run() }
try await client.set(Measurement.key, "VXK")
// The first second warms both sides up.
_ = try await Measurement.single.rate(client, configuration, seconds: 1)

var rates: [Measurement: [Int]] = [:]
for round in 1...rounds {
    for measurement in Measurement.allCases {
        let rate = try await measurement.rate(client, configuration, seconds: seconds)
        rates[measurement, default: []].append(rate)
        print("round \(round)  \(measurement.rawValue): \(rate)")
    }
}
let medians = rates.mapValues { $0.sorted()[$0.count / 2] }
for measurement in Measurement.allCases {
    let comparison = measurement.reference.flatMap { medians[$0] }.map { reference in
        let ratio = Double(medians[measurement] ?? 0) / Double(max(1, reference))
        return ", \((ratio * 100).rounded() / 100) × redis-benchmark"
    }
    print("median   \(measurement.rawValue): \(medians[measurement] ?? 0)\(comparison ?? "")")
}
await client.close()
await running.value
