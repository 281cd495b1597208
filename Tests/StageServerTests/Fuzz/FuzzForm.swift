import Fuzzing
import StageModel

/// A form of a page, to begin from.
struct FuzzForm: Sendable {
    typealias Entry = (name: String, value: String)

    /// As the page has its path.
    let page: String
    let path: String
    let entries: [Entry]

    init(_ page: String, _ path: String, _ entries: [Entry]) {
        self.page = page
        self.path = path
        self.entries = entries
    }

    /// For every page that takes a form, one at least.
    static let all: [FuzzForm] =
        [
            FuzzForm("/login", "/login", [("api_key", "sk_x"), ("next", "/stages")]), FuzzForm("/logout", "/logout", []),
            FuzzForm("/settings", "/settings", [("action", "create_key"), ("name", "More"), ("role", "viewer"), ("expires_at", "2027-01-31")]),
            FuzzForm("/settings", "/settings", [("action", "revoke_key"), ("key_id", "<viewer_key>"), ("confirmed", "1")]),
            FuzzForm("/settings", "/settings", [("action", "end_session"), ("session_id", "<shop>")]),
            FuzzForm("/stages/{stage_id}", "/stages/<notes>", [("action", "restore"), ("revision", "1"), ("if_match", "r1"), ("confirmed", "1")]),
            FuzzForm(
                "/stages/{stage_id}", "/stages/<order>", [("action", "delete"), ("move_to", "<notes>"), ("if_match", "r1"), ("confirmed", "1")]),
            FuzzForm("/stage-editor/new", "/stage-editor/new", [("action", "save"), ("stage_name", "New")]),
            FuzzForm("/stage-editor/{stage_id}", "/stage-editor/<notes>", [("action", "add_field"), ("stage_name", "New")]),
            FuzzForm(
                "/simulator", "/simulator",
                [
                    ("action", "send"), ("messages.0.text", "Hello"), ("messages.1.text", "AB-1234"), ("message.text", "Bye"),
                    ("stage_id", "<welcome>"),
                    ("conversation_id", "c-2"), ("agent_id", ""), ("data", #"{"topic":"lamp"}"#), ("seconds_in_stage", "5"), ("user_name", "Ada"),
                    ("test_name", "x"), ("answers", "{}"), ("drafts", #"{"stages":[],"rules":[]}"#),
                ]),
            FuzzForm("/simulator", "/simulator", [("action", "save"), ("messages.0.text", "Hello"), ("messages.1.text", "Two")]),
        ] + states + definitions

    private static let states = [
        FuzzForm("/stages/{stage_id}/state", "/stages/<notes>/state", [("action", "set_status"), ("status", "disabled"), ("if_match", "s1")]),
        FuzzForm("/stages/{stage_id}/state", "/stages/<notes>/state", [("action", "set_data"), ("data", #"{"a":[1,{}]}"#)]),
        FuzzForm(
            "/stages/{stage_id}/state", "/stages/<order>/state",
            [("action", "bring"), ("conversation_id", "new-1"), ("agent_id", "<mara>"), ("data", #"{"order_id":"AB-1234"}"#)]),
        FuzzForm("/stages/{stage_id}/state", "/stages/<order>/state", [("action", "clear"), ("conversation_id", "c-2"), ("confirmed", "1")]),
        FuzzForm(
            "/conversations/{conversation_id}", "/conversations/c-1",
            [("action", "send"), ("text", "AB-1234"), ("message_id", "m1"), ("agent_id", "")]),
        FuzzForm(
            "/conversations/{conversation_id}", "/conversations/c-2",
            [("action", "rewind"), ("version", "1"), ("if_match", "c1"), ("confirmed", "1")]),
        FuzzForm(
            "/conversations/{conversation_id}", "/conversations/c-1", [("action", "move"), ("to_stage_id", "<notes>"), ("confirmed", "1")]),
        FuzzForm("/conversations/{conversation_id}", "/conversations/c-1", [("action", "reveal")]),
        FuzzForm("/conversations/{conversation_id}", "/conversations/c-1", [("action", "erase"), ("confirmed", "1")]),
    ]

    private static let definitions: [FuzzForm] = [
        FuzzForm(
            "/templates/new", "/templates/new",
            [
                ("action", "save"), ("template_name", "New"), ("template_type", "response_generation"), ("content", "Hi {{user_name}}"),
                ("system_prompt", "You are {{agent_name}}."),
            ]),
        FuzzForm(
            "/templates/{template_id}", "/templates/<spare>",
            [
                ("action", "save"), ("template_name", "Spare"), ("template_type", "response_generation"), ("content", "{{data.x}}"),
                ("if_match", "r1"), ("choose.content", "theirs"), ("preview.conversation_id", "c-2"),
            ]),
        FuzzForm("/agents/new", "/agents/new", [("action", "save"), ("agent_name", "New"), ("agent_description", "Helps.")]),
        FuzzForm(
            "/agents/{agent_id}", "/agents/<idle>", [("action", "save"), ("agent_name", "Idle"), ("agent_description", ""), ("if_match", "r1")]),
        FuzzForm("/agents/{agent_id}", "/agents/<idle>", [("action", "restore"), ("revision", "1"), ("confirmed", "1")]),
    ]

    /// The forms of the stage editor as a browser holds them.
    static func editors(of server: TestServer) async throws -> [FuzzForm] {
        let browser = try await Browser(server)
        var forms: [FuzzForm] = []
        for (page, path) in [("/stage-editor/new", "/stage-editor/new"), ("/stage-editor/{stage_id}", "/stage-editor/<order>")] {
            var editor = try await EditorForm(browser, path)
            try await editor.press("add_field")
            try await editor.press("add_rule")
            for action in ["save", "field_down:0", "try_rule:0", "preview:response_generation", "edit_template:data_extraction"] {
                forms.append(FuzzForm(page, path, editor.entries + [("action", action)]))
            }
        }
        return forms
    }
}

extension FuzzForm {
    private static let actions = [
        "save", "add_field", "remove_field", "field_up", "field_down", "add_rule", "add_rule_from_any", "remove_rule", "rule_up", "rule_down",
        "try_rule",
        "preview", "edit_template", "new_template", "save_template", "close_template", "choose_yours", "choose_theirs", "send", "run", "restart",
        "back",
        "create_key", "revoke_key", "end_session", "restore", "delete", "set_status", "set_data", "bring", "pause", "resume", "clear", "move",
        "rewind",
        "erase", "reveal", "", "x",
    ]
    private static let places = [
        "0", "1", "-1", "7", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "stage_selection", "data_extraction",
        "response_generation", "", ":", "1.5",
    ]
    private static let values = [
        "", " ", "x", "on", "false", "0", "-1", "1", "60", "9223372036854775807", "-9223372036854775808", "1e9", "99999999999999999999", "2026-02-30",
        "9999-12-31", "<welcome>", "<order>", "<other_stage>", "<mara>", "<rule>", "c-1", "c-2", "..", "r1", "r9223372036854775808", "{", "[]", "{}",
        #"{"a":1,"a":2}"#, #"{"a":1e999}"#, "{{", "{{#data}}{{/data}}", "(", "a{1000}", "has(data.x)", "data.order_id == 1", "'", "\"", "<script>",
        "a\r\nb", "\r\n\r\n", "\u{0}", "\u{202E}", "é", "👍🏽", "http://x/", "//x", "/\\x", "enum", "email", "model", "none", "86400",
    ]

    /// Changes some entries: their values, their names, the numbers in these, their order, and how often they are there.
    static func mutate(_ entries: inout [Entry], times: ClosedRange<Int>, using generator: inout CaseGenerator) {
        for _ in 0..<Int.random(in: times, using: &generator) {
            let index = entries.indices.randomElement(using: &generator)
            switch Int.random(in: 0..<8, using: &generator) {
            case 0: if let index { entries.remove(at: index) }
            case 1: if let index { entries.insert(entries[index], at: Int.random(in: 0...entries.count, using: &generator)) }
            case 2: if let index { entries[index].value = generator.pick(values, or: "") }
            case 3: if let index { entries[index].value += generator.pick(values, or: "") }
            case 4:
                if let index {
                    entries[index].value = String(
                        repeating: generator.pick(["x", "é", "{{", "[", " "], or: "x"), count: generator.length(upTo: 70_000))
                }
            case 5: if let index { entries[index].name = renumbered(entries[index].name, &generator) }
            case 6: entries.append((generator.pick(entries.map(\.name), or: "x"), generator.pick(values, or: "")))
            default:
                let place = generator.isOnce(in: 2) ? ":" + generator.pick(places, or: "0") : ""
                entries.append(("action", generator.pick(actions, or: "save") + place))
            }
        }
    }

    /// The name with other numbers of rows.
    private static func renumbered(_ name: String, _ generator: inout CaseGenerator) -> String {
        let place = generator.pick(["0", "1", "9999", "10000", "-1", "9223372036854775807", "99999999999999999999", "x", ""], or: "0")
        return name.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) == nil ? String($0) : place }.joined(separator: ".")
    }
}
