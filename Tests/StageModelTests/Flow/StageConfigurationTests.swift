@testable import StageModel
import Testing

@Suite("Stage configuration")
struct StageConfigurationTests {
    @Test("What is not said has its default")
    func defaults() throws {
        let configuration = try StageConfiguration(json: [:])
        #expect(configuration == StageConfiguration())
        #expect(configuration.persistence.scope == .conversation && configuration.persistence.historyLimit == 100)
        #expect(configuration.transitionPolicy == .open && configuration.busy == .queue && !configuration.isFinal)
    }

    @Test("Every part is written and read back")
    func roundTrip() throws {
        var full = StageConfiguration()
        full.isFinal = true
        full.transitionPolicy = .strict
        full.maximumVisits = 5
        full.timeout = StageConfiguration.Timeout(seconds: 86_400, toStageID: Sample.done)
        full.busy = .merge
        full.mergeMilliseconds = 1500
        full.fallbackReply = "Sorry, \"later\"."
        full.fields = [
            DataField(name: "order_id", isRequired: true, pattern: #"[A-Z]{2}-\d{4,}"#, description: "The order", isSensitive: true),
            DataField(name: "colour", kind: .choice, values: ["red", "green"]),
        ]
        full.persistence.scope = .stage
        full.persistence.timeToLive = 60
        full.persistence.historyLimit = 7
        for configuration in [full, StageConfiguration()] {
            let json = try JSONValue(parsing: configuration.jsonBytes)
            try StageConfiguration.schema.check(json)
            #expect(try StageConfiguration(json: json) == configuration)
        }
        #expect(try JSONValue(parsing: full.jsonBytes)["timeout"] == ["seconds": 86_400, "to_stage_id": .string(Sample.done.description)])
    }

    /// What the schema refuses, and where.
    static let refused: [(JSONValue, [String])] = [
        (["final": 1], ["/final"]), (["transition_policy": "closed"], ["/transition_policy"]), (["max_visits": 0], ["/max_visits"]),
        (["timeout": [:]], ["/timeout/seconds", "/timeout/to_stage_id"]),
        (["timeout": ["seconds": 0, "to_stage_id": "x"]], ["/timeout/seconds", "/timeout/to_stage_id"]),
        (["busy": "drop", "merge_ms": -1], ["/busy", "/merge_ms"]),
        (
            ["persistence": ["scope": "all", "ttl_seconds": 0, "history_limit": 1001]],
            ["/persistence/scope", "/persistence/ttl_seconds", "/persistence/history_limit"]
        ),
        (["fields": [["name": ""], ["name": "a", "type": "int", "requird": true]]], ["/fields/0/name", "/fields/1/type", "/fields/1/requird"]),
        (["fields": ["a"]], ["/fields/0"]), (["timeout": .null, "max_visits": .null, "fields": []], []),
    ]

    @Test("The schema refuses what is of the wrong kind, each at its place", arguments: refused)
    func refuses(json: JSONValue, places: [String]) {
        var found: [String] = []
        do throws(InvalidInput) { try StageConfiguration.schema.check(json) } catch { found = error.faults.map(\.pointer.description) }
        #expect(found == places)
    }

    @Test("A field that is declared twice is told at its second place, beside all other faults")
    func repeated() {
        var configuration = StageConfiguration()
        configuration.fields = [DataField(name: "a"), DataField(name: "b", pattern: "["), DataField(name: "a", kind: .number)]
        let faults = configuration.faults(at: .root.appending("configuration"))
        #expect(faults.map(\.pointer.description) == ["/configuration/fields/1/pattern", "/configuration/fields/2/name"])
        #expect(faults.last?.message == "The field 'a' is declared twice; names must differ.")
    }
}
