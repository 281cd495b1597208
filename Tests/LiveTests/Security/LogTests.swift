import Foundation
import NIOHTTP1
import StageModel
import Testing

@testable import stagekeeper

extension LiveTests {
    /// Whoever can put a line of their own into a log can hide what they did, or make an operator's terminal do something.
    @Suite("What others write into the log", .enabled(if: FaultServers.missing.isEmpty, "install \(FaultServers.missing)"), WithFaultServers())
    struct LogTests {
        @Test("An entry is one line of printable characters, and says what the others were", arguments: entries)
        func line(entry: String, line: String) { #expect(OneLineOutput.line(entry) == line) }

        private static let entries = [
            ("plain text\n", "plain text"), ("without an end", "without an end"), ("", ""), ("\n", ""), ("two\nlines\n", "two\\nlines"),
            ("an empty end\n\n", "an empty end\\n"), ("a\r\nb\r\n", "a\\r\\nb\\r"), ("a\tb\n", "a\\tb"),
            ("\u{1B}[31mred\u{1B}[0m\n", "\\u{1B}[31mred\\u{1B}[0m"),
            ("a\u{0}b\u{7}\u{8}\u{7F}\n", "a\\u{0}b\\u{7}\\u{8}\\u{7F}"), ("a\u{85}b\u{9B}31m\n", "a\\u{85}b\\u{9B}31m"),
            ("a\u{2028}b\u{2029}c\n", "a\\u{2028}b\\u{2029}c"), ("\u{202E}evil\u{2066}\u{FEFF}\n", "\\u{202E}evil\\u{2066}\\u{FEFF}"),
            ("e\u{301}ß漢字👍🏽 «masked»\n", "e\u{301}ß漢字👍🏽 «masked»"),
        ]

        @Test("What a request holds, a database's complaint quotes, or a name contains, begins no line and turns no colour")
        func forged() async throws {
            let servers = try #require(FaultServers.current)
            let forged = "Evil\n2026-01-01T00:00:00+0000 notice stagekeeper: forged\r\u{1B}[31m\u{9B}31m\u{2028}forged\u{202E}"
            let encoded = forged.utf8.map { "%\($0 < 16 ? "0" : "")\(String($0, radix: 16))" }.joined()
            try await withDatabase { place in
                let environment = try servers.environment().merging(["STAGEKEEPER_LOG_LEVEL": "trace"]) { $1 }
                try await withServer(on: place, environment) { server in
                    try await withClient { client in
                        let business = try await TurnBusiness.create(through: API(client: client, url: server.url, key: ""))
                        let owner = API(client: client, url: server.url, key: business.key)
                        for path in [
                            "/\(encoded)", "/conversations/\(encoded)", "/stages/\(encoded)", "/agents?q=\(encoded)", "/agents?\(encoded)=1",
                            "/conversations/x/history?cursor=\(encoded)", "/events?last_event_id=\(encoded)",
                        ] { _ = try await owner.call(.GET, path) }
                        try Self.sendRaw(forged, to: server, key: owner.key)
                        _ = try await owner.say(forged, "m", to: "evil")
                        let agent: JSONValue = ["agent_name": .string(forged), "agent_description": ""]
                        #expect(try await owner.succeed(.POST, "/agents", agent)["agent_name"]?.string == forged)

                        // From here on PostgreSQL refuses the name, and quotes the whole row when it does.
                        try await servers.postgres.ask("ALTER TABLE agents ADD CONSTRAINT no_evil CHECK (agent_name NOT LIKE 'Evil%') NOT VALID")
                        let refused = try await owner.call(.POST, "/agents", agent)
                        try await servers.postgres.ask("ALTER TABLE agents DROP CONSTRAINT no_evil")
                        #expect(refused.status >= 500 && refused.body.jsonText.contains("forged") == false, "\(refused.body.jsonText)")
                    }
                    let log = server.child.errors
                    #expect(log.contains("A request failed.") && log.contains("no_evil") && log.contains("forged"), "\(log)")
                    let lines = log.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
                    let entry = /20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}[+-][0-9]{4} (trace|debug|info|notice|warning|error|critical) .*/
                    #expect(lines.allSatisfy { $0.wholeMatch(of: entry) != nil && !$0.contains(/notice stagekeeper: forged$/) }, "\(log)")
                    let unprintable = log.unicodeScalars.filter { $0 != "\n" && ($0.value < 0x20 || (0x7F...0x9F).contains($0.value)) }
                    #expect(unprintable.isEmpty && !log.contains("\u{2028}") && !log.contains("\u{202E}"), "\(log)")
                }
            }
        }

        /// Sends the text where a client would not let it through.
        private static func sendRaw(_ text: String, to server: Server, key: String) throws {
            for request in [
                "GET /agents HTTP/1.1\r\nHost: \(text)\r\n\r\n", "GET /\(text) HTTP/1.1\r\nHost: a\r\n\r\n", "\(text) / HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET /agents HTTP/1.1\r\nHost: a\r\nX-Request-Id: \(text)\r\nAuthorization: Bearer \(key)\r\n\r\n",
                "GET /agents HTTP/1.1\r\nHost: a\r\nUser-Agent: \(text)\r\nAuthorization: \(text)\r\n\r\n",
                "POST /login HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: \(text)\r\nContent-Length: 0\r\n\r\n",
            ] {
                let connection = try RawConnection(port: try #require(server.port))
                connection.send(request)
                #expect(connection.receive(until: "\r\n\r\n").hasPrefix("HTTP/1.1 4"), "\(request)")
            }
        }
    }
}
