import AsyncHTTPClient
import Foundation
import NIOHTTP1
import StageModel
import Testing

/// A walk through all that a server does, with secrets that can be told again wherever they come to light.
struct SecretWalk {
    let server: Server
    let client: HTTPClient
    /// By what they are; those that the settings have, and those that come about on the way.
    private(set) var secrets: [String: String]
    /// What was answered, and to whom, but for the few answers that are there to tell a secret.
    private(set) var answers: [(request: String, text: String)] = []
    /// Something that is no secret, and lies in the database.
    let conversation = "planted-conversation"

    static let address = "planted.person@example.com"
    static let card = "PLANTED-CARD-4711-0815"

    init(_ server: Server, _ client: HTTPClient, secrets: [String: String]) {
        self.server = server
        self.client = client
        self.secrets = secrets.merging(["platform key": Stagekeeper.platformKey, "address": Self.address, "card": Self.card]) { $1 }
    }

    private var api: API { API(client: client, url: server.url, key: "") }

    /// Makes a business and goes everywhere with it.
    mutating func run() async throws -> TurnBusiness {
        let business = try await TurnBusiness.create(through: api)
        let owner = api.with(key: business.key)
        let other = api.with(key: try await TurnBusiness.create(through: api).key)
        let created = try await owner.succeed(.POST, "/api-keys", ["name": "viewer", "role": "viewer"])
        let viewer = api.with(key: try #require(created["api_key"]?.string))
        plant("owner's key", business.key)
        plant("viewer's key", viewer.key)
        plant("other's key", other.key)
        let fields: JSONValue = ["fields": [["name": "card", "type": "string", "sensitive": true]]]
        _ = try await owner.succeed(.PATCH, "/stages/\(business.greeting)", ["configuration": fields])
        let cookies = try (owner: signIn(business.key), viewer: signIn(viewer.key))
        secrets["owner's cookie"] = cookies.owner
        secrets["viewer's cookie"] = cookies.viewer

        try await talk(owner, business)
        let revealed = try await owner.succeed(.POST, "/conversations/\(conversation)/reveal").jsonText
        #expect(revealed.contains(Self.address) && revealed.contains(Self.card), "What is planted must be there to be found.")
        try await goWrong(owner, business)
        try await read(business, by: ["owner": owner, "viewer": viewer, "other": other])
        try await open(business, with: cookies)
        return business
    }

    private mutating func plant(_ name: String, _ key: String) { secrets[name] = String(key.suffix(43)) }

    // MARK: - The ways

    private mutating func talk(_ owner: API, _ business: TurnBusiness) async throws {
        let path = "/conversations/\(conversation)"
        let card: JSONValue = ["conversation_id": .string(conversation), "data": ["card": .string(Self.card)]]
        await ask(owner, .PUT, "/stages/\(business.greeting)/state", card)
        for (number, text) in ["Please write a letter, card \(Self.card)", "To \(Self.address), please", "Thank you"].enumerated() {
            await ask(owner, .POST, "\(path)/messages", ["message_id": .string("m\(number)"), "text": .string(text)])
        }
        let message: JSONValue = ["text": .string("Is \(Self.address) right?")]
        await ask(owner, .POST, "/flow/simulate", ["conversation_id": .string(conversation), "message": message])
        await ask(
            owner, .POST, "/templates/preview",
            ["content": "{{extracted_data}} {{data.card}} {{conversation_history}} {{message_content}}", "conversation_id": .string(conversation)])
        for step in ["pause", "resume"] { await ask(owner, .POST, "\(path)/\(step)") }
        await ask(owner, .POST, "\(path)/rewind", ["version": 1])
    }

    /// Requests that are refused, each with a secret in the place that is wrong.
    private mutating func goWrong(_ owner: API, _ business: TurnBusiness) async throws {
        let key = owner.key
        for wrong in [key + "x", String(key.dropLast()), key.uppercased(), "Bearer \(key)", Stagekeeper.platformKey] {
            await ask(owner.with(key: wrong), .GET, "/conversations")
        }
        await ask(owner.with(key: "none"), .GET, "/conversations")
        await ask(owner, .GET, "/businesses")
        await ask(owner, .GET, "/agents?api_key=nothing")
        for data in [["card": 4711], ["email": .string("\(Self.card) is no address")], ["card": ["deep": .string(Self.card)]]] as [JSONValue] {
            await ask(owner, .PUT, "/stages/\(business.form)/state", ["conversation_id": .string(conversation), "data": data])
        }
        await ask(owner, .PUT, "/stages/\(business.form)/state", ["conversation_id": .string(conversation), "agent_id": .string("none")])
        await ask(owner, .PATCH, "/stages/\(business.form)", ["is_entry": "maybe"])
        await ask(owner, .POST, "/transition-rules", ["condition": "data.card == "])
        await ask(owner, .GET, "/stages/\(business.form)/nothing")
    }

    private mutating func read(_ business: TurnBusiness, by readers: [String: API]) async throws {
        for (_, reader) in readers.sorted(by: { $0.key < $1.key }) {
            for path in [
                "/conversations", "/conversations/\(conversation)", "/conversations/\(conversation)/history",
                "/conversations/\(conversation)/messages",
                "/stages/\(business.form)/state", "/stages/\(business.form)/state?conversation_id=\(conversation)", "/templates", "/agents",
                "/transition-rules", "/flow/graph", "/stages/\(business.form)/revisions", "/audit-log", "/api-keys", "/sessions", "/metrics",
                "/openapi.json", "/docs", "/ready", "/health",
            ] { await ask(reader, .GET, path) }
        }
    }

    private mutating func open(_ business: TurnBusiness, with cookies: (owner: String, viewer: String)) async throws {
        for cookie in [cookies.owner, cookies.viewer, "none"] {
            for path in [
                "/stages", "/stages/\(business.form)", "/stages/\(business.form)/state", "/conversations", "/conversations/\(conversation)",
                "/stage-editor/\(business.form)", "/templates", "/agents", "/simulator", "/settings", "/login", "/nothing",
                "/simulator?conversation_id=\(conversation)",
            ] {
                let headers = ["Accept": "text/html", "Cookie": "__Host-stagekeeper=\(cookie)"]
                let answer = try await Exchange.send(.GET, server.url + path, by: client, headers: headers, within: .seconds(60))
                note("page \(path)", answer.body.string ?? answer.body.jsonText, answer.headers)
            }
        }
    }

    // MARK: - Asking

    /// Asks, and keeps what comes back; that nobody answers is an answer, too.
    mutating func ask(_ api: API, _ method: HTTPMethod, _ path: String, _ body: JSONValue? = nil) async {
        do {
            let headers = ["Authorization": "Bearer \(api.key)"]
            let answer = try await Exchange.send(method, api.url + path, by: client, headers: headers, body: body, within: .seconds(60))
            note("\(method) \(path) \(answer.status)", answer.body.string ?? answer.body.jsonText, answer.headers)
        } catch {
            note("\(method) \(path)", "\(error)", [:])
        }
    }

    private mutating func note(_ request: String, _ text: String, _ headers: HTTPHeaders) {
        // A session that is used goes on: its cookie is set anew, for the one who has it.
        let others = headers.filter { $0.name.lowercased() != "set-cookie" }
        answers.append((request, "\(others.map { "\($0.name): \($0.value)" })\n\(text)"))
    }

    /// Signs in with a form.
    /// - Returns: the session's cookie.
    private func signIn(_ key: String) throws -> String {
        let connection = try RawConnection(port: try #require(server.port))
        let body = "api_key=\(key)"
        connection.send(
            """
            POST /login HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nContent-Type: application/x-www-form-urlencoded\r\n\
            Content-Length: \(body.utf8.count)\r\n\r\n\(body)
            """)
        let head = connection.receive(until: "\r\n\r\n")
        return String(try #require(head.firstMatch(of: /__Host-stagekeeper=([A-Za-z0-9_-]{43})/), "\(head)").1)
    }

    // MARK: - What came of it

    /// The secrets that are in a text, by what they are.
    func secrets(in text: String) -> [String] { secrets.filter { text.contains($0.value) }.map(\.key).sorted() }

    /// The secrets that are in bytes.
    func secrets(in bytes: Data) -> [String] { secrets.filter { bytes.range(of: Data($0.value.utf8)) != nil }.map(\.key).sorted() }

    /// No answer may hold one.
    func expectNoneAnswered() {
        #expect(answers.count > 80)
        for (request, text) in answers {
            let found = secrets(in: text)
            #expect(found.isEmpty, "\(request) tells the \(found.joined(separator: ", ")).")
        }
    }

    /// No file below a folder may hold one, but those that are there to hold it.
    /// - Parameter holds: a text that must be there, so that it is known that something was looked at.
    func expectNone(below folder: String, holds text: String, but excluded: (String) -> Bool = { _ in false }) throws {
        var hasText = false
        for name in FileManager.default.enumerator(atPath: folder)?.compactMap({ $0 as? String }) ?? [] where !excluded(name) {
            guard let bytes = FileManager.default.contents(atPath: "\(folder)/\(name)") else { continue }
            let found = secrets(in: bytes)
            #expect(found.isEmpty, "The file \(name) holds the \(found.joined(separator: ", ")).")
            hasText = hasText || bytes.range(of: Data(text.utf8)) != nil
        }
        #expect(hasText, "No file below \(folder) holds \(text): it is not the database.")
    }
}
