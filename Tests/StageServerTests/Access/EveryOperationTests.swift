import HTTPTypes
import StageModel
import StageStore
import Testing

/// Every operation that `/openapi.json` describes, asked for by everybody, of their own business and of another, against `AccessTable`.
@Suite("Every operation by every caller")
struct EveryOperationTests {
    @Test("The description has the operations of the table, no more and no fewer, and names the same roles for each")
    func described() async throws {
        try await TestServer.run { server in
            let operations = try await DescribedOperation.all(of: server)
            let described = Set(operations.map(\.id))
            #expect(described.subtracting(AccessTable.rows.keys).isEmpty, "AccessTable has no row for these: who may ask for them?")
            #expect(Set(AccessTable.rows.keys).subtracting(described).isEmpty, "These rows of AccessTable are of no operation.")
            for operation in operations {
                let least = try #require(AccessTable.rows[operation.id]).least
                #expect(Set(operation.roles) == least.roles, "\(operation.id)")
                #expect(operation.isOpen == (least == .anybody) && (operation.json["x-roles"] == nil) == least.roles.isEmpty, "\(operation.id)")
            }
        }
    }

    @Test("Whoever asks gets what they may, of their own business alone; nothing else is done or told", arguments: AccessCaller.allCases)
    func access(_ caller: AccessCaller) async throws {
        try await TestServer.run { server in
            var server = server
            for (name, who) in [("shop_session", "viewer"), ("other_session", "other")] {
                server.names[name] = try await Browser(server, as: who).session.id.description
            }
            let trial = AccessTrial(
                server: server, caller: caller, credential: try await caller.credential(server),
                operations: try await DescribedOperation.all(of: server))
            let before = try await trial.everything()
            try await trial.expectRefusals()
            #expect(try await trial.everything() == before, "What was refused has changed something.")
            try await trial.expectSuccesses()
        }
    }
}

/// All that one caller tries.
private struct AccessTrial {
    let server: TestServer
    let caller: AccessCaller
    let credential: Credential
    let operations: [DescribedOperation]

    private enum Verdict: Equatable {
        case done
        case refused(Int, code: String)

        static let unauthorized = Verdict.refused(401, code: "unauthorized")
        static let forbidden = Verdict.refused(403, code: "forbidden")
        static let absent = Verdict.refused(404, code: "not_found")
    }

    private var home: AccessTarget { caller.standing == .stranger ? .other : .shop }
    private var foreign: AccessTarget { caller.standing == .stranger ? .shop : .other }

    private func row(_ operation: DescribedOperation) throws -> AccessRow {
        try #require(AccessTable.rows[operation.id], "AccessTable has no row for \(operation.id).")
    }

    // MARK: - What must come of it

    /// - Parameter success: what comes of it for those whose role may ask.
    private func verdict(_ least: AccessRow.Least, success: Verdict = .done) -> Verdict {
        switch (least, caller.standing) {
        case (.anybody, _), (.platform, .platform): .done
        case (_, .nobody): .unauthorized
        case (.platform, .member), (.platform, .stranger), (_, .platform): .forbidden
        case (_, .stranger): least.roles.contains("owner") ? success : .forbidden
        case (_, .member(let role)): least.roles.contains(role) ? success : .forbidden
        }
    }

    /// Everything that has to be refused: what the role may not, and whatever is another business's.
    func expectRefusals() async throws {
        for operation in operations {
            let row = try row(operation)
            let own = AccessRequest(operation: operation, row: row, target: home)
            let verdict = verdict(row.least)
            if verdict != .done { try await expect(verdict, own, alsoFor: [home.unknown(), home.malformed()]) }
            guard !row.least.roles.isEmpty else { continue }

            // A message begins a conversation of the business's own, whatever others call theirs.
            if !operation.parameters.isEmpty, operation.id != "handleMessage" {
                let request = AccessRequest(operation: operation, row: row, target: foreign.naming(business: home.names["business"] ?? ""))
                try await expect(self.verdict(row.least, success: .absent), request, alsoFor: [request.target.unknown()])
            }
            let named = AccessRequest(
                operation: operation, row: row, target: home.naming(business: foreign.names["business"] ?? ""), namesBusiness: true)
            try await expect(self.verdict(row.least, success: .forbidden), named)
        }
    }

    /// Everything that the role may, done to the caller's own business.
    func expectSuccesses() async throws {
        for (number, operation) in operations.enumerated() {
            let row = try row(operation)
            guard verdict(row.least) == .done else { continue }
            // What belongs to the other business is there to be kept from others, not to be tried by its own.
            guard caller.standing != .stranger || row.least == .anybody else { continue }
            let target = operation.method == .get ? home : try await .fresh(for: operation, row, number: number, server)
            let request = AccessRequest(operation: operation, row: row, target: target)
            for method in operation.method == .get ? [HTTPRequest.Method.get, .head] : [operation.method] {
                let answer = try await request.ask(server, as: credential, method)
                let isDone = row.isStream ? answer.status == 400 : (200..<300).contains(answer.status)
                #expect(isDone, "\(method) \(operation.id): \(answer.status) \(answer.text)")
            }
        }
    }

    // MARK: - One request

    /// - Parameter others: targets for which the answer must be the same, but for their ids.
    private func expect(_ verdict: Verdict, _ request: AccessRequest, alsoFor others: [AccessTarget] = []) async throws {
        guard case .refused(let status, let code) = verdict else { return }
        let (id, answer) = (request.operation.id, try await request.ask(server, as: credential))
        #expect(answer.status == status && answer.code == code, "\(id) of \(request.target.names): \(answer.status) \(answer.text)")
        #expect(answer[header: "Cache-Control"] == "private, no-store", "\(id)")
        #expect(answer[header: "Set-Cookie"] == nil, "\(id)")
        if status == 401 { #expect(answer[header: "WWW-Authenticate"]?.hasPrefix("Bearer") == true, "\(id)") }
        if request.operation.method == .get {
            let head = try await request.ask(server, as: credential, .head)
            #expect(head.status == status, "HEAD \(id): \(head.status)")
        }
        for other in others where !request.operation.parameters.isEmpty {
            let same = AccessRequest(
                operation: request.operation, row: request.row, target: other, namesBusiness: request.namesBusiness)
            let otherAnswer = try await same.ask(server, as: credential)
            #expect(told(otherAnswer, of: same) == told(answer, of: request), "\(id) tells whether there is something.")
        }
    }

    /// An answer without what has to differ.
    private func told(_ answer: Answer, of request: AccessRequest) -> [String] {
        let path = server.expand(request.operation.filled(request.target.ids))
        let ids = zip(request.operation.path.split(separator: "/"), path.split(separator: "/")).filter { $0.0.hasPrefix("{") }.map(\.1)
        let text = ids.reduce(answer.text.replacing(answer["/request_id"]?.string ?? "no id", with: "REQUEST")) { $0.replacing($1, with: "ID") }
        let headers = answer.headers.filter { !["x-request-id", "content-length"].contains($0.name.canonicalName) }.map(\.description).sorted()
        return ["\(answer.status)", text] + headers
    }

    // MARK: - What there is

    /// All that owners can read of both businesses.
    func everything() async throws -> [String] {
        var texts: [String] = []
        for (target, who) in [(AccessTarget.shop, Who.owner), (.other, .other)] {
            for operation in operations where operation.method == .get {
                let row = try row(operation)
                guard row.least.roles.contains("owner"), !row.isStream else { continue }
                let answer = try await AccessRequest(operation: operation, row: row, target: target).ask(server, as: .key(who))
                try #require(answer.status == 200, "\(operation.id): \(answer.status) \(answer.text)")
                texts.append("\(who) \(operation.id) \(answer.text)")
            }
        }
        return texts
    }
}
