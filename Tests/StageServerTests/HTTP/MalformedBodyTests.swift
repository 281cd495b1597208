import HTTPTypes
import StageModel
import Testing

@Suite("Bodies that no operation accepts")
struct MalformedBodyTests {
    /// A body that is no JSON as this server wants it, by what is wrong.
    private static let cases: [(name: String, bytes: [UInt8])] =
        [
            ("cut", #"{"a":"#), ("single quotes", "{'a':1}"), ("a trailing comma", #"{"a":1,}"#), ("a word", "nul"), ("blank", "  "),
            ("two values", "{} {}"), ("a duplicate member", #"{"a":1,"a":1}"#), ("a duplicate member, escaped", #"{"a":1,"\u0061":1}"#),
            ("a duplicate deep inside", #"{"data":{"x":[{"b":1,"b":2}]}}"#), ("a lone high surrogate", #"{"a":"\ud83d"}"#),
            ("a lone low surrogate", #"{"a":"\ude00"}"#), ("surrogates in the wrong order", #"{"a":"\ude00\ud83d"}"#),
            ("a lone surrogate in a name", #"{"\ud83d":1}"#), ("NUL as an escape", #"{"a":"x\u0000"}"#), ("NUL in a name", #"{"\u0000":1}"#),
            ("a number out of range", #"{"a":1e999}"#), ("a leading zero", #"{"a":01}"#), ("no number", #"{"a":NaN}"#), ("a plus", #"{"a":+1}"#),
            ("a bare decimal point", #"{"a":1.}"#), ("a comment", "{} // done"), ("a raw line break in a text", "{\"a\":\"x\ny\"}"),
            ("an unknown escape", #"{"a":"\x"}"#), ("66 levels", String(repeating: "[", count: 66) + String(repeating: "]", count: 66)),
            ("100,000 levels", String(repeating: "[", count: 100_000)), ("100,000 levels of objects", String(repeating: #"{"a":"#, count: 100_000)),
        ].map { ($0, Array($1.utf8)) } + [
            ("bad UTF-8", Array(#"{"a":""#.utf8) + [0xFF, 0xFE] + Array(#""}"#.utf8)),
            ("UTF-8 of a surrogate", Array(#"{"a":""#.utf8) + [0xED, 0xA0, 0x80] + Array(#""}"#.utf8)),
            ("an overlong form", Array(#"{"a":""#.utf8) + [0xC0, 0x80] + Array(#""}"#.utf8)), ("a raw NUL", Array("{\"a\":\"\0\"}".utf8)),
            ("a cut character", Array(#"{"a":""#.utf8) + [0xC3]), ("UTF-16", [0xFF, 0xFE, 0x7B, 0x00, 0x7D, 0x00]),
        ]

    private static func operations(_ server: TestServer) async throws -> [DescribedOperation] {
        let operations = try await DescribedOperation.all(of: server).filter(\.takesBody)
        #expect(operations.count >= 24)
        return operations
    }

    private static func who(_ operation: DescribedOperation) -> Who { operation.roles.isEmpty ? .platform : .owner }

    @Test("What is no JSON is 400 with its place, at every operation that takes a body")
    func malformed() async throws {
        try await TestServer.run { server in
            for operation in try await Self.operations(server) {
                for (name, body) in Self.cases {
                    let answer = try await server.send(operation.method, operation.filled(), body, as: Self.who(operation))
                    let shown = "\(operation.id), \(name): \(answer.text)"
                    #expect(answer.status == 400 && answer.code == "malformed_json" && answer.faults == [""], "\(shown)")
                    #expect(answer["/errors/0/message"]?.string?.contains("(line 1, column ") == true, "\(shown)")
                    #expect(answer["/errors/0/in"] == "body", "\(shown)")
                }
            }
        }
    }

    @Test("A body of JSON that is no object is 422", arguments: ["[]", "\"x\"", "7", "null", "true"])
    func noObject(_ body: String) async throws {
        try await TestServer.run { server in
            for operation in try await Self.operations(server) {
                let answer = try await server.call(operation.method, operation.filled(), body, as: Self.who(operation))
                #expect(answer.status == 422 && answer.code == "invalid_input" && answer.faults == [""], "\(operation.id): \(answer.text)")
            }
        }
    }

    @Test("Members that are not known are all named")
    func unknownMembers() async throws {
        try await TestServer.run { server in
            for operation in try await Self.operations(server) where operation.method != .patch {
                let answer = try await server.call(operation.method, operation.filled(), #"{"zzz":1,"Stage_name":2}"#, as: Self.who(operation))
                #expect(answer.status == 422 && Set(answer.faults).isSuperset(of: ["/zzz", "/Stage_name"]), "\(operation.id): \(answer.text)")
            }
        }
    }

    @Test("No body where one is needed is refused")
    func noBody() async throws {
        try await TestServer.run { server in
            for operation in try await Self.operations(server) where operation.isBodyRequired {
                let answer = try await server.send(operation.method, operation.filled(), [], as: Self.who(operation))
                #expect(answer.status == 400 && answer.code == "malformed_json", "\(operation.id)")
                #expect(try await server.send(operation.method, operation.filled(), nil, as: Self.who(operation)).status == 415, "\(operation.id)")
            }
        }
    }

    @Test("A body of over 1 MiB is 413, whether one is taken or not; one that may hold a whole flow is 413 over 8 MiB")
    func tooLarge() async throws {
        try await TestServer.run { server in
            let unsafe = try await DescribedOperation.all(of: server).filter { $0.method != .get && $0.id != "clearStageState" }
            for operation in unsafe {
                let limit = operation.id == "checkFlow" ? 8 << 20 : 1 << 20
                let most = [UInt8](repeating: 0x20, count: limit - 2) + Array("[]".utf8)
                let answer = try await server.send(operation.method, operation.filled(), most + [0x20], as: Self.who(operation))
                #expect(answer.status == 413 && answer.code == "body_too_large", "\(operation.id)")
                let fits = try await server.send(operation.method, operation.filled(), most, as: Self.who(operation))
                #expect(fits.status == (operation.takesBody ? 422 : 400), "\(operation.id)")
            }
        }
    }

    @Test("A body is JSON by its type", arguments: types)
    func contentType(_ type: String, _ isTaken: Bool, _ isTakenByPatch: Bool) async throws {
        try await TestServer.run { server in
            for operation in try await Self.operations(server) {
                let answer = try await server.call(operation.method, operation.filled(), "[]", as: Self.who(operation), ["Content-Type": type])
                let isGood = operation.method == .patch ? isTakenByPatch : isTaken
                #expect(answer.status == (isGood ? 422 : 415), "\(operation.id)")
                if !isGood { #expect(answer.code == "unsupported_media_type") }
            }
        }
    }

    private static let types = [
        ("application/json", true, true), ("Application/JSON; charset=utf-8", true, true), ("application/json ; charset=utf-8", true, true),
        ("application/merge-patch+json", false, true), ("text/plain", false, false), ("text/json", false, false), ("application/jsonp", false, false),
        ("application/x-www-form-urlencoded", false, false), ("multipart/form-data; boundary=x", false, false), ("", false, false),
        ("-", false, false),
    ]

    @Test("64 levels are taken, kept and read again; 65 are not", arguments: [64, 65], ["", "7"])
    func nesting(_ levels: Int, _ inner: String) async throws {
        try await TestServer.run { server in
            // The body itself and its data are two levels.
            let value = String(repeating: "[", count: levels - 2) + inner + String(repeating: "]", count: levels - 2)
            let answer = try await server.move("c-3", to: "welcome", data: #"{"x":\#(value)}"#)
            #expect(answer.status == (levels == 64 ? 200 : 400))
            guard levels == 64 else { return }
            #expect(try await server.get("/conversations/c-3", ["Cache-Control": "no-cache"])["/data/x"]?.jsonText == value)
        }
    }
}
