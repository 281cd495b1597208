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
        let state = Schema.object([.required("status", .text(1...40), "ok or ready.")])
        let own = [
            Operation(
                id: "getHealth", method: .get, path: "/health", summary: "Answers when the process lives.", access: .open, business: .none,
                answer: state
            ) { _ in .json { $0.field("status", "ok") } },
            Operation(
                id: "getReadiness", method: .get, path: "/ready", summary: "Answers 200 when requests can be served, else 503.", access: .open,
                business: .none, answer: state, handler: ready),
            Operation(
                id: "getMetrics", method: .get, path: "/metrics", summary: "Answers the metrics of the process as Prometheus reads them.",
                access: .open, business: .none, answerType: "text/plain; version=0.0.4; charset=utf-8"
            ) { [metrics] _ in
                Reply(body: ByteBuffer(string: metrics.text()), contentType: "text/plain; version=0.0.4; charset=utf-8")
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
        return .json { $0.field("status", "ready") }
    }
}
