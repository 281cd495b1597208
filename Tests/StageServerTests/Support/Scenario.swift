import HTTPTypes
import StageModel
import Testing

/// One request and what its answer must be.
struct Scenario: Sendable, CustomTestStringConvertible {
    let name: String
    let method: HTTPRequest.Method
    let path: String
    var body: String?
    var who = Who.owner
    var headers: [String: String] = [:]
    let status: Int
    /// The stable code of a problem.
    var code: String?
    /// All places that a problem names.
    var faults: [String]?
    /// Values by their places; `*` is any value.
    var has: [String: JSONValue] = [:]
    /// Places at which nothing is.
    var hasNot: [String] = []
    /// Headers of the answer; `*` is any value, `-` is none.
    var answers: [String: String] = [:]
    let place: SourceLocation

    init(
        _ name: String, _ method: HTTPRequest.Method, _ path: String, _ body: String? = nil, as who: Who = .owner,
        _ headers: [String: String] = [:], status: Int, code: String? = nil, faults: [String]? = nil, has: [String: JSONValue] = [:],
        hasNot: [String] = [], answers: [String: String] = [:], sourceLocation: SourceLocation = #_sourceLocation
    ) {
        self.name = name
        self.method = method
        self.path = path
        self.body = body
        self.who = who
        self.headers = headers
        self.status = status
        self.code = code
        self.faults = faults
        self.has = has
        self.hasNot = hasNot
        self.answers = answers
        place = sourceLocation
    }

    var testDescription: String { name }

    /// Asks one new server everything that a table holds; no line depends on those before it.
    static func run(_ table: [Scenario]) async throws {
        try await TestServer.run { server in
            for scenario in table { try await scenario.run(on: server) }
        }
    }

    @discardableResult
    func run(on server: TestServer) async throws -> Answer {
        let answer = try await server.call(method, path, body, as: who, headers, sourceLocation: place)
        let shown = Comment(rawValue: "\(name): \(answer.status) \(answer.text.prefix(1500))")
        #expect(answer.status == status, shown, sourceLocation: place)
        if let code { #expect(answer.code == code, shown, sourceLocation: place) }
        if let faults { #expect(answer.faults == faults.sorted(), shown, sourceLocation: place) }
        for (pointer, value) in has {
            let found = answer[pointer]
            if value == "*" {
                #expect(found != nil, "\(pointer) of \(shown)", sourceLocation: place)
            } else {
                let expected = value.string.map { JSONValue.string(server.expand($0)) } ?? value
                #expect(found == expected, "\(pointer) of \(shown)", sourceLocation: place)
            }
        }
        for pointer in hasNot { #expect(answer[pointer] == nil, "\(pointer) of \(shown)", sourceLocation: place) }
        for (name, value) in answers {
            let found = answer[header: name]
            switch value {
            case "*": #expect(found != nil, "\(name) of \(shown)", sourceLocation: place)
            case "-": #expect(found == nil, "\(name) of \(shown)", sourceLocation: place)
            default: #expect(found == server.expand(value), "\(name) of \(shown)", sourceLocation: place)
            }
        }
        return answer
    }
}
