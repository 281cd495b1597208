import StageModel
import Testing

@Suite("Stage editor: two people edit")
struct EditorConflictTests {
    /// Two forms of the stage `welcome`; the other one was saved with these changes.
    private func second(_ server: TestServer, mine: [String: String], theirs: [String: String]) async throws -> EditorForm {
        var form = try await EditorForm(try await Browser(server), "/stage-editor/<welcome>")
        var other = try await EditorForm(try await Browser(server, as: "editor"), "/stage-editor/<welcome>")
        other.fill(theirs)
        #expect(try await other.save().status == 303)
        form.fill(mine)
        #expect(try await form.press("save").status == 412)
        return form
    }

    private func chosen(_ form: EditorForm) -> [String: String] {
        var chosen: [String: String] = [:]
        for (name, value) in form.entries where name.hasPrefix("choose.") { chosen[String(name.dropFirst("choose.".count))] = value }
        return chosen
    }

    @Test("The second is shown both versions; what only they changed is theirs at first, and nothing of theirs is overwritten")
    func bothVersions() async throws {
        try await TestServer.run { server in
            let form = try await second(
                server, mine: ["stage_name": "Mine", "configuration.fallback_reply": "mine", "rules.0.condition": "has(data.mine)"],
                theirs: ["stage_name": "Theirs <&>", "configuration.max_visits": "4", "rules.0.condition": "has(data.theirs)"])
            #expect(
                chosen(form) == [
                    "stage_name": "theirs", "configuration.fallback_reply": "yours", "configuration.max_visits": "theirs",
                    "rules": "theirs",
                ])
            #expect(form.page.text.contains("<pre dir=\"auto\" tabindex=\"0\">Theirs &lt;&amp;&gt;</pre>"))
            #expect(form.page.text.contains("→ Order · has(data.theirs) · automatic · priority 0 · Asks about an order"))
            let author = try #require(try await server.get("/stages/<welcome>/revisions")["/items/0/author"]?.string)
            #expect(form.page.text.contains("<bdi>\(author)</bdi> made revision 2 at"))
            #expect(form["stage_name"] == "Mine" && form["if_match"] == "r2" && form["rules.0.if_match"] == "r2")
            let stage = try await server.get("/stages/<welcome>?business_id=<shop>")
            #expect(stage["/stage_name"] == "Theirs <&>" && stage["/configuration/fallback_reply"] == .null)
        }
    }

    @Test("What is chosen of each difference is saved")
    func choose() async throws {
        try await TestServer.run { server in
            var form = try await second(
                server, mine: ["stage_name": "Mine", "stage_description": "Mine", "rules.0.condition": "has(data.mine)"],
                theirs: ["stage_name": "Theirs", "stage_description": "Theirs", "rules.0.condition": "has(data.theirs)"])
            form.fill(["choose.stage_name": "yours", "choose.stage_description": "theirs", "choose.rules": "yours"])
            #expect(try await form.save().status == 303)
            let stage = try await server.get("/stages/<welcome>?business_id=<shop>")
            #expect(stage["/stage_name"] == "Mine" && stage["/stage_description"] == "Theirs" && stage["/revision"] == 3)
            let rule = try await server.get("/transition-rules/<rule>")
            #expect(rule["/condition"] == "has(data.mine)" && rule["/revision"] == 3)
        }
    }

    @Test("All of one side is chosen with a button, other buttons leave the choice open")
    func sides() async throws {
        try await TestServer.run { server in
            var form = try await second(
                server, mine: ["stage_name": "Mine", "is_entry": "true", "stage_type": "form"],
                theirs: ["stage_name": "Theirs", "configuration.max_visits": "4"])
            let members: Set = ["stage_name", "stage_type", "configuration.max_visits"]
            try await form.press("add_field")
            #expect(Set(chosen(form).keys).isSuperset(of: members) && chosen(form)["stage_type"] == "yours")
            try await form.press("remove_field:0")
            try await form.press("choose_theirs")
            #expect(Set(chosen(form).values) == ["theirs"] && form["stage_name"] == "Mine", "Below it is still one's own")
            try await form.press("choose_yours")
            #expect(Set(chosen(form).values) == ["yours"] && Set(chosen(form).keys) == members)
            try await form.press("choose_theirs")
            #expect(try await form.save().status == 303)
            let stage = try await server.get("/stages/<welcome>?business_id=<shop>")
            #expect(stage["/stage_name"] == "Theirs" && stage["/stage_type"] == "conversation" && stage["/revision"] == 2)
        }
    }

    @Test("A rule that others saved or deleted is no less a conflict", arguments: [true, false])
    func rule(_ isDeleted: Bool) async throws {
        try await TestServer.run { server in
            var form = try await EditorForm(try await Browser(server), "/stage-editor/<welcome>")
            form["rules.0.priority"] = "8"
            if isDeleted {
                try await server.delete("/transition-rules/<rule>")
            } else {
                try await server.patch("/transition-rules/<rule>", #"{"priority":5}"#)
            }
            #expect(try await form.press("save").status == 412)
            #expect(chosen(form) == ["rules": "theirs"])
            #expect(
                form.page.text.contains(isDeleted ? "made a deletion of one of its rules at" : "made revision 2 of one of its rules at"))
            form["choose.rules"] = "yours"
            #expect(try await form.save().status == 303)
            let rules = try await server.get("/transition-rules?stage_id=<welcome>")
            #expect(rules.column("priority") == ["8"])
        }
    }

    @Test("Taking a rule away that others have saved meanwhile asks first")
    func removal() async throws {
        try await TestServer.run { server in
            var form = try await EditorForm(try await Browser(server), "/stage-editor/<welcome>")
            try await form.press("remove_rule:0")
            try await server.patch("/transition-rules/<rule>", #"{"priority":5}"#)
            #expect(try await form.press("save").status == 412)
            #expect(try await server.get("/transition-rules/<rule>").status == 200)
            form["choose.rules"] = "yours"
            #expect(try await form.save().status == 303)
            #expect(try await server.get("/transition-rules/<rule>").status == 404)
        }
    }

    @Test("A third who saves while the second is choosing is not overwritten either")
    func third() async throws {
        try await TestServer.run { server in
            var form = try await second(server, mine: ["stage_name": "Mine"], theirs: ["stage_name": "Theirs"])
            try await server.patch("/stages/<welcome>", #"{"stage_name":"A third's"}"#)
            form["choose.stage_name"] = "yours"
            #expect(try await form.press("save").status == 412)
            #expect(form.page.text.contains("A third&#39;s</pre>") && form["if_match"] == "r3")
        }
    }

    @Test("Both having made the same of it is no conflict")
    func same() async throws {
        try await TestServer.run { server in
            var form = try await EditorForm(try await Browser(server), "/stage-editor/<welcome>")
            try await server.patch("/stages/<welcome>", #"{"stage_name":"The same"}"#)
            form["stage_name"] = "The same"
            #expect(try await form.save().status == 303)
            #expect(try await server.get("/stages/<welcome>?business_id=<shop>")["/revision"] == 2)
        }
    }

    @Test("When the stage was deleted, what was typed can be created as a new one")
    func deleted() async throws {
        try await TestServer.run { server in
            var form = try await EditorForm(try await Browser(server), "/stage-editor/<notes>")
            form["stage_name"] = "Still mine"
            try await form.press("add_rule")
            form["rules.0.to_stage_id"] = "<goodbye>"
            try await server.delete("/stages/<notes>")
            #expect(try await form.press("save").status == 409)
            #expect(
                form.page.text.contains("Others have deleted the stage") && form["stage_name"] == "Still mine" && form["if_match"] == "")
            let saved = try await form.save()
            #expect(saved.status == 303 && saved[header: "Location"] != server.expand("/stages/<notes>"))
        }
    }
}
