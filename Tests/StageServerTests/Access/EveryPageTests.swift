import HTTPTypes
import StageModel
import Testing

@testable import StageServer

/// Every page and every form, for everybody who is signed in and for nobody, against a table that is written by hand.
@Suite("Every page by every visitor")
struct EveryPageTests {
    private enum Least {
        case anybody, viewers, editors, owners

        func isMet(by role: String) -> Bool {
            switch self {
            case .anybody, .viewers: true
            case .editors: role != "viewer"
            case .owners: role == "owner"
            }
        }
    }

    /// Who may have a page, or do what its form does.
    private static let table: [String: (least: Least, form: [String: String])] = [
        "GET /": (.anybody, [:]), "GET /login": (.anybody, [:]), "POST /login": (.anybody, [:]), "POST /logout": (.anybody, [:]),
        "GET /stages": (.viewers, [:]), "GET /stages/{stage_id}": (.viewers, [:]), "GET /stages/{stage_id}/state": (.viewers, [:]),
        "GET /templates": (.viewers, [:]), "GET /templates/{template_id}": (.viewers, [:]), "GET /agents": (.viewers, [:]),
        "GET /agents/{agent_id}": (.viewers, [:]), "GET /conversations": (.viewers, [:]), "GET /conversations/{conversation_id}": (.viewers, [:]),
        "GET /simulator": (.viewers, [:]), "POST /simulator": (.viewers, [:]), "GET /settings": (.viewers, [:]),
        "GET /stage-editor/new": (.editors, [:]), "GET /stage-editor/{stage_id}": (.editors, [:]), "GET /templates/new": (.editors, [:]),
        "GET /agents/new": (.editors, [:]), "POST /stage-editor/new": (.editors, ["action": "save"]),
        "POST /stage-editor/{stage_id}": (.editors, ["action": "save"]), "POST /stages/{stage_id}": (.editors, ["action": "delete"]),
        "POST /stages/{stage_id}/state": (.editors, ["action": "disable"]), "POST /templates/new": (.editors, ["action": "save"]),
        "POST /templates/{template_id}": (.editors, ["action": "delete"]), "POST /agents/new": (.editors, ["action": "save"]),
        "POST /agents/{agent_id}": (.editors, ["action": "delete"]), "POST /conversations/{conversation_id}": (.editors, ["action": "pause"]),
        "POST /settings": (.owners, ["action": "revoke_key", "key_id": "<viewer_key>"]),
    ]

    @Test("The table has every page, and nothing else")
    func complete() async throws {
        try await TestServer.run { server in
            #expect(Set(server.parts.server.pages.map { "\($0.method) \($0.path)" }) == Set(Self.table.keys))
        }
    }

    @Test("Who is signed in sees and does what the role may, of the own business alone", arguments: ["owner", "editor", "viewer", "other"])
    func visitors(_ who: String) async throws {
        try await TestServer.run { server in
            let browser = try await Browser(server, as: who)
            let before = try await Self.everything(server)
            for page in server.parts.server.pages {
                let (name, ids) = ("\(page.method) \(page.path)", page.path.contains("{"))
                let (least, form) = try #require(Self.table[name])
                guard least != .anybody else { continue }
                let isAllowed = least.isMet(by: who == "other" ? "owner" : who)
                for target in who == "other" ? [AccessTarget.shop] : [.shop, .other] where ids || target.ids == AccessTarget.shop.ids {
                    let answer = try await Self.ask(browser, page, target, form)
                    let isForeign = who == "other" || target.ids == AccessTarget.other.ids
                    let comment: Comment = "\(name): \(answer.status) \(answer.text.prefix(400))"
                    if !isAllowed {
                        #expect(answer.status == 403, comment)
                    } else if ids, isForeign {
                        #expect(answer.status == 404, comment)
                        #expect(
                            try await Self.told(answer, target, server) == Self.told(Self.ask(browser, page, target.unknown(), form), target, server))
                    } else if page.method == .get {
                        #expect(answer.status == 200, comment)
                    }
                }
            }
            if who == "viewer" || who == "other" { #expect(try await Self.everything(server) == before) }
        }
    }

    @Test("Nobody sees a page or does what its form does without signing in")
    func nobody() async throws {
        try await TestServer.run { server in
            let browser = try await Browser(server)
            let before = try await Self.everything(server)
            for page in server.parts.server.pages {
                let (least, form) = try #require(Self.table["\(page.method) \(page.path)"])
                guard least != .anybody else { continue }
                let path = Self.path(page, .shop)
                for cookie in ["-", "\(Browser.name)=\(String(repeating: "A", count: 43))"] {
                    let answer =
                        page.method == .get
                        ? try await server.page(path, cookie == "-" ? [:] : ["Cookie": cookie])
                        : try await browser.submit(path, form, ["Cookie": cookie])
                    #expect(answer.status == 303 && answer[header: "Location"]?.hasPrefix("/login?next=") == true, "\(page.method) \(path)")
                }
            }
            #expect(try await Self.everything(server) == before)
        }
    }

    // MARK: - Asking

    private static func path(_ page: Page, _ target: AccessTarget) -> String {
        let unknown = ["conversation_id": "nobody"]
        return page.path.replacing(/\{([a-z_]+)\}/) { match in
            target.ids[String(match.1)] ?? unknown[String(match.1)] ?? "123e4567-e89b-42d3-a456-426614174000"
        }
    }

    private static func ask(_ browser: Browser, _ page: Page, _ target: AccessTarget, _ form: [String: String]) async throws -> Answer {
        let path = path(page, target)
        return page.method == .get ? try await browser.page(path) : try await browser.submit(path, form)
    }

    /// A page without the ids and the number of the request.
    private static func told(_ answer: Answer, _ target: AccessTarget, _ server: TestServer) -> String {
        let ids = target.ids.values.map(server.expand) + ["nobody", "123e4567-e89b-42d3-a456-426614174000"]
        let text = ids.reduce(answer.text.replacing(answer[header: "X-Request-Id"] ?? "-", with: "REQUEST")) {
            $0.replacing($1, with: "ID").replacing($1.percentEncoded, with: "ID")
        }
        return "\(answer.status) \(text)"
    }

    private static func everything(_ server: TestServer) async throws -> [String] {
        var texts: [String] = []
        for (who, business, conversation) in [(Who.owner, "<shop>", "c-1"), (.other, "<other>", "c-9")] {
            for path in [
                "/stages?business_id=\(business)", "/templates", "/agents", "/transition-rules", "/conversations",
                "/conversations/\(conversation)/history",
                "/api-keys", "/sessions", "/audit-log",
            ] { texts.append(try await server.get(path, as: who).text) }
        }
        return texts
    }
}
