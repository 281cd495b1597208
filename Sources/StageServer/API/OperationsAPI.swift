import HTTPTypes
import NIOCore
import StageEngine
import StageModel
import StageStore

/// What operators and their tools ask: whether the server lives and works, its numbers, and what it can do.
struct OperationsAPI: Sendable {
    let upkeep: any StoreUpkeep
    let metrics: PrometheusMetrics
    let version: String

    /// - Parameter others: the operations that are described beside these.
    func operations(describing others: [Operation]) -> [Operation] {
        let health = Schema.object([.required("status", .text(1...40), "ok.")])
        let readiness = Schema.object([
            .required("status", .text(1...40), "ready, or degraded: requests are served, slower."),
            .optional("code", .text(1...40), "redis_unavailable: Redis does not answer, or is not up to date."),
            .optional("detail", .text(1...400), "What is wrong, and what helps."),
        ])
        let own = [
            Operation(
                id: "getHealth", method: .get, path: "/health", summary: "Answers when the process lives.", access: .open, business: .none,
                answer: health
            ) { _ in .json { $0.field("status", "ok") } },
            Operation(
                id: "getReadiness", method: .get, path: "/ready", summary: "Answers 200 when requests can be served, else 503.", access: .open,
                business: .none, answer: readiness, handler: ready),
            Operation(
                id: "getMetrics", method: .get, path: "/metrics", summary: "Answers the metrics of the process as Prometheus reads them.",
                access: .open, business: .none, answerType: PrometheusMetrics.contentType
            ) { [metrics] _ in
                Reply(body: ByteBuffer(string: metrics.text()), contentType: PrometheusMetrics.contentType)
            },
        ]
        let described = others + own
        let document = OpenAPI(operations: described, version: version)
        let json = ByteBuffer(bytes: document.json.jsonBytes)
        let page = ByteBuffer(string: DocumentationPage(operations: described, version: version).html)
        return own + [
            Operation(
                id: "getOpenAPI", method: .get, path: "/openapi.json", summary: "Describes this API (OpenAPI 3.1).", access: .open,
                business: .none
            ) { _ in Reply(body: json) },
            Operation(
                id: "getDocumentation", method: .get, path: "/docs", summary: "Describes this API for people.", access: .open, business: .none,
                answerType: "text/html; charset=utf-8"
            ) { _ in Reply(body: page, contentType: "text/html; charset=utf-8") },
        ]
    }

    private func ready(_ call: Call) async throws -> Reply {
        try await upkeep.check()
        let detail: String? =
            switch upkeep.cacheCondition {
            case .current, nil: nil
            case .behind: "Redis is being brought up to date; until then states are read from the database."
            case .away: "Redis does not answer; states are read from the database. See whether it runs, and STAGEKEEPER_REDIS_URL."
            }
        return .json { json in
            json.field("status", detail == nil ? "ready" : "degraded")
            if let detail {
                json.field("code", "redis_unavailable")
                json.field("detail", detail)
            }
        }
    }
}
