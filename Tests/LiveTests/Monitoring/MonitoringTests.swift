import AsyncHTTPClient
import NIOHTTP1
import StageModel
import Testing

/// What `/metrics` of the running program says, and what docs/monitoring says of it.
extension LiveTests {
    @Suite("Metrics, the dashboard and the alerts")
    struct MonitoringTests {
        /// A model that is asked for nothing: nobody listens there.
        private static let model = ["STAGEKEEPER_MODEL_URL": "http://127.0.0.1:9/v1", "STAGEKEEPER_MODEL": "none"]

        /// Does a little of everything, and reads the metrics.
        static func walk(_ environment: [String: String], on database: Database) async throws -> Exposition {
            try await withServer(on: database, environment.merging(model) { $1 }) { server in
                try await withClient { client in
                    var api = API(client: client, url: server.url, key: "")
                    let business = try await TurnBusiness.create(through: api)
                    api.key = business.key
                    for conversation in ["c-1", "c-2", "c-3"] {
                        #expect(try await api.move(conversation, to: business.greeting).status == 200)
                        // Not as `api` asks, which wants nothing from memory.
                        let state = try await Exchange.send(
                            .GET, "\(server.url)/conversations/\(conversation)", by: client, headers: ["Authorization": "Bearer \(business.key)"],
                            within: .seconds(60))
                        #expect(state.status == 200)
                    }
                    #expect(try await api.say("Please write to me", "m-1", to: "c-1").status == 200)
                    #expect(try await api.say("A letter, please", "m-1", to: "c-2").status == 200)
                    #expect(try await api.call(.GET, "/conversations/nobody").status == 404)
                    #expect(try await api.call(.GET, "/nowhere").status == 404)
                    let answer = try await Exchange.send(.GET, "\(server.url)/metrics", by: client, within: .seconds(60))
                    #expect(answer.status == 200 && answer.headers.first(name: "Content-Type") == "text/plain; version=0.0.4; charset=utf-8")
                    let text = try #require(answer.body.string)
                    for secret in [business.key, "c-1", "Please", "Greeting"] { #expect(!text.contains(secret), "\(secret)") }
                    return try Exposition(text)
                }
            }
        }

        /// Expects that the table of metrics says of what a server has all that there is to say.
        /// - Parameter places: the parts of the deployment.
        static func expectDescribed(_ metrics: Exposition, places: Set<String>) throws {
            let documents = try MonitoringDocuments()
            let rows = documents.rows.filter { places.contains($0.place) }
            #expect(Set(rows.map(\.name)) == Set(metrics.families.keys), "docs/monitoring/README.md and /metrics")
            for row in rows {
                let family = try #require(metrics.families[row.name])
                #expect(family.kind == row.kind && family.labels == row.labels, "\(row.name)")
                #expect(family.help == row.meaning, "\(row.name)")
                #expect(!family.samples.isEmpty && row.name.hasSuffix("_seconds") == (row.unit == "seconds" && row.kind != "counter"), "\(row.name)")
            }
        }

        @Test("With SQLite and a model all that /metrics has is in the table, as it says")
        func embedded() async throws {
            try await withDatabase { database in
                try Self.expectDescribed(try await Self.walk([:], on: database), places: ["all", "SQLite", "model"])
            }
        }

        /// Samples that the walk must have changed, and their least values.
        private static let counted: [(selector: String, least: Double)] = [
            (#"stagekeeper_requests_total{class="turn",operation="handleMessage",status="2xx"}"#, 2),
            (#"stagekeeper_requests_total{operation="putStageState",status="2xx"}"#, 3),
            (#"stagekeeper_requests_total{operation="getConversation",status="4xx"}"#, 1), (#"stagekeeper_requests_total{operation="none"}"#, 1),
            (#"stagekeeper_request_seconds_count{operation="handleMessage"}"#, 2), (#"stagekeeper_commits_total{result="committed"}"#, 5),
            ("stagekeeper_commit_group_size_sum", 5), ("stagekeeper_commit_group_size_count", 1),
            (#"stagekeeper_sql_seconds_count{access="write"}"#, 5), (#"stagekeeper_sql_seconds_count{access="read"}"#, 1),
            (#"stagekeeper_memory_reads_total{kind="state",result="hit"}"#, 3), (#"stagekeeper_flow_reads_total{result="hit"}"#, 3),
            (#"stagekeeper_messages_total{outcome="replied"}"#, 2), (#"stagekeeper_stage_turns_total{stage_id!="other"}"#, 2),
            (#"stagekeeper_model_requests_total{outcome=~"unavailable|circuit_open"}"#, 1), ("stagekeeper_turn_engine_seconds_count", 2),
            (#"stagekeeper_sqlite_file_bytes{file="database"}"#, 4096), ("stagekeeper_disk_free_bytes", 1),
            ("process_resident_memory_bytes", 1_048_576), ("stagekeeper_build_info", 1),
        ]

        @Test("What is done is counted")
        func counts() async throws {
            try await withDatabase { database in
                let metrics = try await Self.walk([:], on: database)
                for (text, least) in Self.counted {
                    let selector = try #require(try Selector.all(in: text).first)
                    let total = try metrics.samples.filter { try selector.admits($0) }.map(\.value).reduce(0, +)
                    #expect(total >= least, "\(text)")
                }
                for idle in ["commits_waiting", "messages_in_line", "event_streams", "model_waiting"] {
                    #expect(metrics.families["stagekeeper_\(idle)"]?.samples.map(\.value) == [0], "\(idle)")
                }
            }
        }

        @Test("Each alert says what it means and what to do, and how urgent it is")
        func alerts() throws {
            let alerts = try MonitoringDocuments().alerts
            #expect(alerts.count > 20 && Set(alerts.map(\.name)).count == alerts.count)
            for alert in alerts {
                #expect(alert.name.wholeMatch(of: /Stagekeeper[A-Z][A-Za-z]+/) != nil, "\(alert.name)")
                #expect(["critical", "warning"].contains(alert.severity), "\(alert.name)")
                #expect((10...100).contains(alert.summary.count) && !alert.summary.hasSuffix("."), "\(alert.name)")
                #expect((100...600).contains(alert.description.count) && alert.description.hasSuffix("."), "\(alert.name)")
            }
        }

        @Test("Each panel of the dashboard says what it shows, asks the chosen data source, and covers no other")
        func dashboard() throws {
            let documents = try MonitoringDocuments()
            #expect(documents.panels.count > 40 && documents.dashboard["schemaVersion"]?.integer ?? 0 >= 38)
            let all = documents.dashboard["panels"]?.array ?? []
            let ids = all.compactMap { $0["id"]?.integer }
            #expect(ids.count == all.count && Set(ids).count == ids.count)
            for panel in documents.panels {
                let title = panel["title"]?.string ?? ""
                #expect(!title.isEmpty && !(panel["description"]?.string ?? "").isEmpty, "\(title)")
                #expect(panel["datasource"] == ["type": "prometheus", "uid": "${datasource}"], "\(title)")
                let targets = panel["targets"]?.array ?? []
                #expect(!targets.isEmpty && targets.allSatisfy { $0["datasource"] == panel["datasource"] }, "\(title)")
                #expect(Set(targets.compactMap { $0["refId"]?.string }).count == targets.count, "\(title)")
            }
            var taken: Set<[Int]> = []
            for panel in all {
                let place = try ["x", "y", "w", "h"].map { try #require(panel["gridPos"]?[$0]?.int) }
                #expect(place[0] + place[2] <= 24)
                for x in place[0]..<(place[0] + place[2]) {
                    for y in place[1]..<(place[1] + place[3]) { #expect(taken.insert([x, y]).inserted, "\(panel["title"]?.string ?? "")") }
                }
            }
        }

        /// Expressions, and whether there is what they ask for.
        private static let trials = [
            (#"x_total"#, true), (#"x_total{kind="a"}"#, true), (#"sum by (kind) (rate(x_total{job=~"$job", kind=~"a|c"}[5m])) > 0.5"#, true),
            (#"x_total{kind="c"}"#, false), (#"x_total{kind!~"a|b"}"#, false), (#"x_total{king="a"}"#, false), (#"y_total"#, false),
            (#"histogram_quantile(0.9, sum by (le) (rate(h_bucket[$__rate_interval])))"#, true), (#"rate(h[5m])"#, false),
            (#"x_total and on (kind) y_total"#, false), (#"time() - max_over_time(x_total[1h:5m] offset 1d) / 24 * 3600 >= bool 1e-3"#, true),
        ]

        @Test("What there is not is found in an expression", arguments: trials)
        func finds(_ expression: String, _ isThere: Bool) throws {
            let metrics = try Exposition(
                """
                # TYPE x_total counter
                x_total{kind="a"} 1
                x_total{kind="b"} 1
                # TYPE h histogram
                h_bucket{le="+Inf"} 0
                h_sum 0
                h_count 0

                """)
            #expect(try Self.missing(in: expression, metrics.samples).isEmpty == isThere)
        }

        /// What an expression asks for that no sample has.
        static func missing(in expression: String, _ samples: [Exposition.Sample]) throws -> [Selector] {
            // Prometheus makes it itself.
            try Selector.all(in: expression).filter { selector in
                try selector.name != "up" && !samples.contains { try selector.admits($0) }
            }
        }
    }
}

extension LiveTests.FaultTests {
    @Test("With PostgreSQL, Redis and a model all that /metrics has is in the table, and the dashboard and the alerts ask for nothing else")
    func monitoring() async throws {
        typealias Tests = LiveTests.MonitoringTests
        let servers = try #require(FaultServers.current)
        try await withDatabase { place in
            let more = ["STAGEKEEPER_PLATFORM_KEY": Stagekeeper.platformKey, "STAGEKEEPER_RATE_LIMIT_KEY": "10000/s"]
            let environment = try servers.environment().merging(more) { $1 }
            let production = try await Tests.walk(environment, on: place)
            try Tests.expectDescribed(production, places: ["all", "PostgreSQL", "Redis", "limits", "model"])
            let embedded = try await Tests.walk([:], on: place)
            let documents = try MonitoringDocuments()
            for (place, expression) in documents.expressions {
                let missing = try Tests.missing(in: expression, production.samples + embedded.samples)
                #expect(missing.isEmpty, "\(place): \(missing)")
            }
            let named = try Set(documents.expressions.flatMap { try Selector.all(in: $0.text) }.map(\.name))
            for row in documents.rows {
                let names = row.kind == "histogram" ? ["_bucket", "_sum", "_count"].map { row.name + $0 } : [row.name]
                #expect(!named.isDisjoint(with: names), "No panel and no alert shows \(row.name).")
            }
        }
    }
}
