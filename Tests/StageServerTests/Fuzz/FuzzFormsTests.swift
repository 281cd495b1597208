import Fuzzing
import HTTPTypes
import HummingbirdTesting
import NIOCore
import StageModel
import Testing

@testable import StageServer

@Suite("Forms of any content")
struct FuzzFormsTests {
    /// `FORM_FUZZ_CASES` makes more than these.
    private static let run = FuzzRun("FORM", short: 150)

    @Test("Every page that takes a form is tried")
    func pages() async throws {
        try await TestServer.run { server in
            #expect(Set(FuzzForm.all.map(\.page)) == Set(server.parts.server.pages.filter { $0.method == .post }.map(\.path)))
        }
    }

    @Test("Any form is done or answered with a page that says why not, and when it is refused nothing has changed; never is it a failure")
    func survives() async throws {
        var counts = (done: 0, shown: 0, refused: 0)
        for round in Self.run.rounds(of: 50) {
            let found = try await TestServer.run { server in
                var counts = (done: 0, shown: 0, refused: 0)
                let editors = try await FuzzForm.editors(of: server)
                for number in round {
                    var generator = Self.run.begin(number)
                    let status = try await Self.check(number, FuzzForm.all + editors, on: server, &generator)
                    switch status {
                    case ..<300: counts.shown += 1
                    case ..<400: counts.done += 1
                    default: counts.refused += 1
                    }
                }
                return counts
            }
            counts = (counts.done + found.done, counts.shown + found.shown, counts.refused + found.refused)
        }
        Self.run.end()
        // Cases that all come to the same would show little.
        if Self.run.cases.count >= 150 { #expect(min(counts.done, counts.shown, counts.refused) > Self.run.cases.count / 20, "\(counts)") }
    }

    private static func check(
        _ number: Int, _ forms: [FuzzForm], on server: TestServer, _ generator: inout CaseGenerator
    ) async throws -> Int {
        guard let form = forms.randomElement(using: &generator) else { return 0 }
        // Each has a session of its own, for some end theirs.
        let browser = try await Browser(server)
        var entries = form.entries.filter { $0.name != "csrf_token" }
        FuzzForm.mutate(&entries, times: 0...4, using: &generator)
        if !generator.isOnce(in: 30) { entries.append(("csrf_token", browser.token)) }
        var body = Array(
            entries.map { "\(server.expand($0.name).percentEncoded)=\(server.expand($0.value).percentEncoded)" }.joined(separator: "&").utf8)
        if generator.isOnce(in: 10) { generator.mutate(&body, times: 1...3, pieces: HostileInput.bytes) }

        let before = try await watch(form, on: server)
        let headers: HTTPFields = [
            .accept: "text/html", .cookie: "\(Browser.name)=\(browser.cookie)", .contentType: "application/x-www-form-urlencoded",
            try #require(HTTPField.Name("Origin")): "http://localhost",
        ]
        let answer = Answer(
            try await server.client.execute(uri: server.expand(form.path), method: .post, headers: headers, body: ByteBuffer(bytes: body)))
        var faults: [String] = []
        if answer.status >= 500 { faults.append("fails") }
        let inside = ["SQLITE", "constraint failed", ".swift", "Fatal error", "Optional("].filter { answer.text.contains($0) }
        if !inside.isEmpty { faults.append("shows the inside: \(inside)") }
        if answer.status == 303, answer[header: "Location"]?.hasPrefix("/") != true { faults.append("leads elsewhere") }
        if answer.status != 303, answer[header: "Content-Type"]?.hasPrefix("text/html") != true, answer[header: "Content-Disposition"] == nil {
            faults.append("is no page")
        }
        if answer.status >= 400 {
            for (path, bytes) in try await watch(form, on: server) where before[path] != bytes { faults.append("\(path) has changed") }
        }
        if !faults.isEmpty {
            Issue.record(
                "\(run.name(number)): \(form.path) \(faults): \(answer.status) \(answer.text.suffix(1500)), sent \(String(decoding: body.prefix(3000), as: UTF8.self))"
            )
        }
        return answer.status
    }

    private static func watch(_ form: FuzzForm, on server: TestServer) async throws -> [String: [UInt8]] {
        var found: [String: [UInt8]] = [:]
        let all = ["/stages?business_id=<shop>&limit=200", "/transition-rules?limit=200", "/templates?limit=200", "/agents?limit=200", "/api-keys"]
        for path in all + ["/conversations?limit=200"] { found[path] = try await server.get(path, ["Cache-Control": "no-cache"]).bytes }
        return found
    }

    @Test("A button about a row that there is not does nothing", arguments: [Int.max, .min, -1, 99])
    func rows(_ row: Int) async throws {
        try await TestServer.run { server in
            for action in ["remove_field", "field_up", "field_down", "remove_rule", "rule_up", "rule_down", "try_rule"] {
                var editor = try await EditorForm(try await Browser(server), "/stage-editor/<order>")
                let (before, rules) = (editor.rows("fields"), editor.rows("rules"))
                let answer = try await editor.press("\(action):\(row)")
                #expect(answer.status == 200 && editor.rows("fields") == before && editor.rows("rules") == rules, "\(action)")
            }
        }
    }

    @Test("A form with the character NUL in it is refused, as such a body is", arguments: ["agent_name", "agent_description", "x\0"])
    func nul(_ name: String) async throws {
        try await TestServer.run { server in
            let fields = ["action": "save", "agent_name": "New", "agent_description": ""].merging([name: "a\0b"]) { $1 }
            let answer = try await Browser(server).submit("/agents/new", fields)
            #expect(answer.status == 400)
        }
    }

    @Test("Any text is read as a form, or is none; what was encoded is read again")
    func reading() {
        let run = FuzzRun("FORM_TEXT", short: 2000)
        let pieces = [
            "a", "b.0.c", "b.1.c", "b.9223372036854775807.c", "b.-1.c", "b..c", ".", "=", "&", "+", "%", "%41", "%C3%A9", "%FF", "%0", "%0D%0A", "é",
            "\r\n", ";",
        ]
        run.forEach { number, generator in
            let text = generator.text(of: Int.random(in: 0...20, using: &generator), pieces: pieces)
            if let form = Form(text) {
                for list in ["b", "a", ""] where form.elements(of: list).count > form.entries.count { Issue.record("\(run.name(number)): \(text)") }
            }
            // That character is in no form.
            if text.utf8.contains(0) { return }
            let again = Form("\(text.percentEncoded)=\(text.percentEncoded)")
            if let again, again.entries.map(\.name) == [text], again[text] == text.replacing("\r\n", with: "\n") { return }
            Issue.record("\(run.name(number)): \(text.debugDescription) is read as \(again?.entries ?? [])")
        }
    }
}
