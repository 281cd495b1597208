import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@testable import StageServer

/// The form of the stage editor as a browser without scripts holds it: read from a page, filled in, and sent with one of its buttons.
struct EditorForm: Sendable {
    let browser: Browser
    private(set) var page: Answer
    private(set) var entries: [(name: String, value: String)] = []

    /// Opens a page of the editor.
    init(_ browser: Browser, _ path: String) async throws {
        self.browser = browser
        page = try await Self.load(.get, browser.server.expand(path), nil, browser)
        try read()
    }

    private mutating func read() throws {
        entries = []
        guard page.status != 303, let form = page.text.firstMatch(of: #/(?s)<form[^>]* id="editor".*?</form>/#)?.output else { return }
        for match in String(form).matches(of: #/(?s)<input([^>]*)>|<select([^>]*)>(.*?)</select>|<textarea([^>]*)>(.*?)</textarea>/#) {
            if let attributes = match.1 {
                readInput(String(attributes))
            } else if let attributes = match.2, let options = match.3 {
                let option =
                    options.firstMatch(of: #/<option value="([^"]*)" selected/#) ?? options.firstMatch(of: #/<option value="([^"]*)"/#)
                entries.append((try name(attributes), Self.unescaped(String(option?.1 ?? ""))))
            } else if let attributes = match.4, let content = match.5 {
                // A browser drops the line end behind the tag.
                entries.append((try name(attributes), Self.unescaped(String(content.trimmingPrefix("\n")))))
            }
        }
    }

    private mutating func readInput(_ attributes: String) {
        guard let name = Self.attribute("name", attributes) else { return }
        let isBox = ["checkbox", "radio"].contains(Self.attribute("type", attributes))
        if isBox, !attributes.contains(" checked") { return }
        entries.append((name, Self.attribute("value", attributes) ?? ""))
    }

    private func name(_ attributes: Substring) throws -> String { try #require(Self.attribute("name", String(attributes))) }

    private static func attribute(_ name: String, _ attributes: String) -> String? {
        attributes.split(separator: " \(name)=\"", maxSplits: 1, omittingEmptySubsequences: false).dropFirst().first
            .map { unescaped(String($0.prefix { $0 != "\"" })) }
    }

    private static func unescaped(_ text: String) -> String {
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")].reduce(text) { $0.replacing($1.0, with: $1.1) }
    }
}

extension EditorForm {
    /// The value of a field; nil: it is not in the form, or not ticked.
    subscript(name: String) -> String? {
        get { entries.last { $0.name == name }?.value }
        set {
            let value = newValue.map { browser.server.expand($0) }
            if let place = entries.firstIndex(where: { $0.name == name }) {
                if let value { entries[place].value = value } else { entries.removeAll { $0.name == name } }
            } else if let value {
                entries.append((name, value))
            }
        }
    }

    /// Values by the names of fields: `rules.0.priority`.
    mutating func fill(_ values: [String: String]) {
        for (name, value) in values { self[name] = value }
    }

    /// Sends the form with a button, and goes on with the page that is answered.
    @discardableResult
    mutating func press(_ action: String, _ headers: [String: String] = [:]) async throws -> Answer {
        let path = try #require(page.text.firstMatch(of: #/<form [^>]*method="post" action="([^"]*)" id="editor"/#)?.1)
        let fields = entries + [("action", action)]
        let body = fields.map { "\($0.0.percentEncoded)=\($0.1.replacing("\n", with: "\r\n").percentEncoded)" }.joined(separator: "&")
        page = try await Self.load(.post, String(path), body, browser, headers)
        try read()
        return page
    }

    private static func load(
        _ method: HTTPRequest.Method, _ path: String, _ body: String?, _ browser: Browser, _ headers: [String: String] = [:]
    ) async throws -> Answer {
        var fields: HTTPFields = [.accept: "text/html", .cookie: "\(Browser.name)=\(browser.cookie)"]
        if body != nil { fields[.contentType] = "application/x-www-form-urlencoded" }
        if method == .post { fields[try #require(HTTPField.Name("Origin"))] = "http://localhost" }
        for (name, value) in headers { fields[try #require(HTTPField.Name(name))] = value == "-" ? nil : value }
        let answer = try await browser.server.client.execute(
            uri: path, method: method, headers: fields, body: body.map { ByteBuffer(string: $0) })
        return Answer(answer)
    }

    /// Saves, and saves again when the editor asks whether that is meant.
    @discardableResult
    mutating func save() async throws -> Answer {
        try await press("save")
        if page.status == 409 { try await press("save") }
        return page
    }

    /// The fields that are marked as wrong, in the order of the page.
    var faults: [String] {
        page.text.matches(of: #/ id="([^"]+)"[^>]*aria-invalid="true"/#).map { String($0.1) }
    }

    /// The texts of the messages beside fields.
    var messages: [String] { page.text.matches(of: #/<p class="error"[^>]*>([^<]*)</#).map { Self.unescaped(String($0.1)) } }

    /// The part of the page from an element on to the end of its list.
    func part(_ id: String) -> String {
        let text = page.text.split(separator: " id=\"\(id)\"", maxSplits: 1, omittingEmptySubsequences: false).dropFirst().first ?? ""
        return Self.unescaped(String(text.split(separator: "</ul>", maxSplits: 1).first ?? ""))
    }

    /// How many rows a list has: `fields`, `rules`.
    func rows(_ list: String) -> Int {
        let names = entries.map(\.name).filter { $0.hasPrefix("\(list).") }
        return Set(names.compactMap { $0.split(separator: ".").dropFirst().first }).count
    }
}
