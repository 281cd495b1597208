import Fuzzing
import HTTPTypes
import HummingbirdTesting
import NIOCore
import StageModel
import Testing

@testable import StageServer

@Suite("Bodies of any form")
struct FuzzBodiesTests {
    /// `BODY_FUZZ_CASES` makes more than these.
    private static let run = FuzzRun("BODY", short: 300)

    private struct Counts: Sendable {
        var accepted = 0
        var refused = 0
        /// As no JSON.
        var malformed = 0

        mutating func add(_ other: Counts) {
            accepted += other.accepted
            refused += other.refused
            malformed += other.malformed
        }
    }

    @Test("Every operation that takes a body is tried, and a body to begin from is there for each")
    func operations() async throws {
        try await TestServer.run { server in
            let described = try await DescribedOperation.all(of: server).filter(\.takesBody).map(\.id)
            #expect(Set(FuzzBody.all.map(\.operation)) == Set(described))
        }
    }

    @Test("A body to begin from is accepted", arguments: FuzzBody.all.indices)
    func good(_ index: Int) async throws {
        let sample = FuzzBody.all[index]
        try await TestServer.run { server in
            let answer = try await server.call(sample.method, sample.path, sample.body, as: sample.who)
            #expect((200..<300).contains(answer.status), "\(sample.operation): \(answer.text)")
        }
    }

    @Test("Any body is accepted, or refused as a problem with its places, and then nothing has changed; never is it a failure of the server")
    func survives() async throws {
        var counts = Counts()
        for round in Self.run.rounds(of: 100) {
            counts.add(
                try await TestServer.run { server in
                    var counts = Counts()
                    for number in round {
                        var generator = Self.run.begin(number)
                        try await Self.check(number, on: server, &generator, &counts)
                    }
                    return counts
                })
        }
        Self.run.end()
        // Cases that are all refused, or none, would show little.
        if Self.run.cases.count >= 300 { #expect(min(counts.accepted, counts.refused, counts.malformed) > Self.run.cases.count / 20, "\(counts)") }
    }

    private static func check(_ number: Int, on server: TestServer, _ generator: inout CaseGenerator, _ counts: inout Counts) async throws {
        guard let sample = FuzzBody.all.randomElement(using: &generator) else { return }
        var document = LooseJSON(sample.body)
        document.mutate(times: 0...3, using: &generator)
        var body = document.bytes
        if generator.isOnce(in: 5) { generator.mutate(&body, times: 1...3, pieces: HostileInput.bytes) }
        // Names of the world are put in where they have survived.
        if let text = String(validating: body, as: UTF8.self) { body = Array(server.expand(text).utf8) }
        let headers = headers(of: sample, server, &generator)

        let before = try await watch(sample, on: server)
        let response = try await server.client.execute(
            uri: server.expand(sample.path), method: sample.method, headers: headers, body: ByteBuffer(bytes: body))
        let answer = Answer(response)
        var faults = faults(of: answer, to: body, sample, server)
        if answer.status >= 400 {
            if answer.code == "malformed_json" { counts.malformed += 1 } else { counts.refused += 1 }
            for (path, bytes) in try await watch(sample, on: server) where before[path] != bytes { faults.append("\(path) has changed") }
        } else {
            counts.accepted += 1
        }
        guard !faults.isEmpty else { return }
        let sent = String(decoding: body.prefix(3000), as: UTF8.self).debugDescription
        Issue.record("\(run.name(number)): \(sample.operation) \(faults): \(answer.status) \(answer.text.prefix(2000)), sent \(sent) with \(headers)")
    }

    private static func headers(of sample: FuzzBody, _ server: TestServer, _ generator: inout CaseGenerator) -> HTTPFields {
        var headers: HTTPFields = [.contentType: sample.method == .patch ? "application/merge-patch+json" : "application/json"]
        headers[.authorization] = server.secret(of: sample.who).map { "Bearer \($0)" }
        if generator.isOnce(in: 8) { headers[.idempotencyKey] = "key-\(Int.random(in: 0...3, using: &generator))" }
        if generator.isOnce(in: 8) {
            headers[.ifMatch] = generator.pick(["*", "\"r1\"", "\"r2\"", "\"c1\"", "\"s1\"", "\"x\"", "r1", "W/\"r1\""], or: "*")
        }
        return headers
    }

    /// What is read of the things that a request is about, by the paths.
    private static func watch(_ sample: FuzzBody, on server: TestServer) async throws -> [String: [UInt8]] {
        var found: [String: [UInt8]] = [:]
        for path in sample.watched + ["/audit-log?limit=3"] {
            let who = path.hasPrefix("/businesses") ? Who.platform : .owner
            found[path] = try await server.get(path, as: who, ["Cache-Control": "no-cache"]).bytes
        }
        return found
    }

    // MARK: - What must hold of an answer

    private static func faults(of answer: Answer, to body: [UInt8], _ sample: FuzzBody, _ server: TestServer) -> [String] {
        guard answer.status >= 400 else {
            guard let operation = server.parts.server.operations.first(where: { $0.id == sample.operation }) else { return ["has no operation"] }
            let successes = ([operation.success] + operation.otherSuccesses).map { Int($0.code) }
            let wrong = operation.answer?.faults(of: answer.json, at: .root).map { "\($0.pointer) \($0.message)" } ?? []
            return (successes.contains(answer.status) ? [] : ["has a status of its own"]) + wrong
        }
        var faults = Problem.schema.faults(of: answer.json, at: .root).map { "\($0.pointer) \($0.message)" }
        if answer.status >= 500 { faults.append("fails") }
        if answer[header: "Content-Type"] != "application/problem+json" { faults.append("is no problem") }
        let inside = ["SQL", "sqlite", "constraint failed", ".swift", "Fatal", "Optional("].filter { answer.text.contains($0) }
        if !inside.isEmpty { faults.append("shows the inside: \(inside)") }
        let errors = answer["/errors"]?.array ?? []
        if [400, 422].contains(answer.status), errors.isEmpty, answer.code != "idempotency_key_reused" { faults.append("names no place") }
        let sent = try? JSONValue(parsing: body)
        for error in errors {
            guard let pointer = error["pointer"]?.string, error["message"]?.string?.isEmpty == false else {
                faults.append("has a fault without a place")
                continue
            }
            if error["in"] == "body", sample.method != .patch, !leadsSomewhere(pointer, in: sent) { faults.append("has no such place as \(pointer)") }
        }
        return faults
    }

    /// Whether a place is in what was sent, or could be: what it is missing from is there.
    private static func leadsSomewhere(_ pointer: String, in body: JSONValue?) -> Bool {
        // Scalar by scalar: a slash with a combining accent is still a slash.
        let parts = pointer.unicodeScalars.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        guard !parts.isEmpty else { return true }
        return parts.dropLast().reduce(body) { value, part in
            switch value {
            case .array(let elements): Int(String(part)).flatMap { elements.indices.contains($0) ? elements[$0] : nil }
            case .object(let members):
                members.first { JSONPointer.root.appending($0.key).description.unicodeScalars.dropFirst().elementsEqual(part) }?.value
            case .null, .bool, .integer, .number, .string, nil: nil
            }
        } != nil
    }
}
