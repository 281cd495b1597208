import Foundation
import HummingbirdTesting
import Sealing
import StageModel
import StageStoreSQL
import Testing

/// What every test begins with, made once: two businesses with their keys, definitions and conversations.
///
/// The shop has the templates `selection`, `extraction`, `response` and `spare`; the agents `mara`, `theo` and `idle`; the stages below; the
/// transition rule `rule` (from welcome to order); and the conversations `c-1` (at welcome) and `c-2` (at order, with a sensitive e-mail
/// address). What belongs to the other business has names that start with `other_`, but for its conversation `c-9`.
struct World: Sendable {
    let contents: TestDatabase.Contents
    let masterKeys: MasterKeys
    let names: [String: String]

    static let shared = Task { try await make() }

    private static func make() async throws -> World {
        let keys = try MasterKeys(parsing: MasterKeys.generate(id: "tests"))
        return try await TestDatabase.with(.nothing, masterKeys: keys) { database in
            let parts = try await Parts(database)
            let names = try await parts.application.test(.router) { client in
                var builder = WorldBuilder(server: TestServer(parts: parts, client: client, names: [:]))
                try await builder.build()
                return builder.server.names
            }
            try await parts.store.close()
            return World(contents: try await database.contents(), masterKeys: keys, names: names)
        }
    }
}

private struct WorldBuilder {
    var server: TestServer

    mutating func build() async throws {
        try await business("shop", owner: "owner")
        for role in ["editor", "viewer", "runtime"] {
            let key = try await create("\(role)_key", "key_id", at: "/api-keys", #"{"name":"\#(role)","role":"\#(role)"}"#, as: .owner)
            server.names["secret of \(role)"] = key["/api_key"]?.string
        }
        try await templates("", as: .owner)
        for name in ["mara", "theo", "idle"] {
            try await create(name, "agent_id", at: "/agents", Bodies.agent(#"{"agent_name":"\#(name.capitalized)"}"#), as: .owner)
        }
        try await stages()
        let condition = #"{"condition":"has(data.topic)","description":"Asks about an order"}"#
        try await create("rule", "rule_id", at: "/transition-rules", Bodies.rule(condition), as: .owner)
        try await server.move("c-1", to: "welcome", data: #"{"topic":"lamp"}"#)
        try await server.move("c-2", to: "order", data: #"{"order_id":"AB-1234","email":"jo@example.com"}"#)

        try await business("other", owner: "other")
        try await templates("other_", as: .other)
        try await create("other_agent", "agent_id", at: "/agents", Bodies.agent(), as: .other)
        try await create("other_key", "key_id", at: "/api-keys", #"{"name":"more","role":"viewer"}"#, as: .other)
        let patch = """
            {"stage_name":"Elsewhere","stage_selection_template_id":"<other_selection>","data_extraction_template_id":"<other_extraction>",
            "response_generation_template_id":"<other_response>"}
            """
        try await create("other_stage", "stage_id", at: "/stages", Bodies.stage(patch), as: .other)
        let ends = #"{"from_stage_id":null,"to_stage_id":"<other_stage>"}"#
        try await create("other_rule", "rule_id", at: "/transition-rules", Bodies.rule(ends), as: .other)
        try await server.move("c-9", to: "other_stage", as: .other)
    }

    private mutating func stages() async throws {
        try await stage("welcome", #"{"stage_name":"Welcome","is_entry":true}"#)
        try await stage("order", #"{"stage_name":"Order","stage_type":"form","configuration":{"fields":[\#(Self.fields)]}}"#)
        try await stage("notes", #"{"stage_name":"Notes","configuration":{"persistence":{"scope":"stage"}}}"#)
        try await stage("whisper", #"{"stage_name":"Whisper","configuration":{"persistence":{"scope":"none"}}}"#)
        try await stage("brief", #"{"stage_name":"Brief","configuration":{"persistence":{"ttl_seconds":60}}}"#)
        try await stage("goodbye", #"{"stage_name":"Goodbye","stage_type":"response","configuration":{"final":true}}"#)
        try await stage("maras", #"{"stage_name":"Mara's desk","agent_id":"<mara>"}"#)
        try await stage("theos", #"{"stage_name":"Theo's desk","agent_id":"<theo>"}"#)
    }

    private static let fields = [
        #"{"name":"order_id","required":true,"pattern":"[A-Z]{2}-\\d{4,}"}"#, #"{"name":"choice","pattern":"yes|no"}"#,
        #"{"name":"amount","type":"number"}"#, #"{"name":"urgent","type":"boolean"}"#, #"{"name":"due","type":"date"}"#,
        #"{"name":"contact","type":"email"}"#, #"{"name":"size","type":"enum","values":["S","M","L"]}"#,
        #"{"name":"email","type":"email","sensitive":true}"#, #"{"name":"pin","pattern":"\\d{4}","sensitive":true}"#,
    ].joined(separator: ",")

    private mutating func business(_ name: String, owner: String) async throws {
        let created = try await create(name, "business_id", at: "/businesses", #"{"business_name":"\#(name.capitalized)"}"#, as: .platform)
        server.names["secret of \(owner)"] = created["/api_key"]?.string
    }

    private mutating func templates(_ prefix: String, as who: Who) async throws {
        let types = [
            ("selection", "stage_selection"), ("extraction", "data_extraction"), ("response", "response_generation"),
            ("spare", "response_generation"),
        ]
        for (name, type) in types {
            let patch = #"{"template_name":"\#(name.capitalized)","template_type":"\#(type)"}"#
            try await create(prefix + name, "template_id", at: "/templates", Bodies.template(patch), as: who)
        }
    }

    private mutating func stage(_ name: String, _ patch: String) async throws {
        try await create(name, "stage_id", at: "/stages", Bodies.stage(patch), as: .owner)
    }

    @discardableResult
    private mutating func create(_ name: String, _ idName: String, at path: String, _ body: String, as who: Who) async throws -> Answer {
        let created = try await server.post(path, body, as: who)
        server.names[name] = try #require(created[idName]?.string)
        return created
    }
}
