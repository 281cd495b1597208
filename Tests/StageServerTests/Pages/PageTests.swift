import HTTPTypes
import HummingbirdTesting
import NIOCore
import StageModel
@testable import StageServer
import Testing

@Suite("Pages: every page, and what holds of all")
struct PageTests {
    /// Every page that there is, and what it names itself.
    static let all: [(path: String, page: String)] = [
        ("/stages", "StageList"), ("/stages?view=flow", "StageList"), ("/stages?q=nothing%20like%20it", "StageList"),
        ("/stages/<welcome>", "StageView"), ("/stages/<welcome>/state", "StageState"), ("/stage-editor/new", "StageEditor"),
        ("/stage-editor/<welcome>", "StageEditor"), ("/conversations", "Conversations"), ("/conversations/c-1", "Conversation"),
        ("/conversations/c-2", "Conversation"), ("/templates", "Templates"), ("/templates/new", "TemplateEditor"),
        ("/templates/<response>", "TemplateEditor"), ("/agents", "Agents"), ("/agents/new", "AgentEditor"), ("/agents/<mara>", "AgentEditor"),
        ("/simulator", "Simulator"), ("/settings", "Settings"),
    ]

    @Test("Every page opens for an owner, under a strict policy, without inline script or style", arguments: all)
    func opens(_ expected: (path: String, page: String)) async throws {
        try await TestServer.run { server in
            let answer = try await Browser(server).page(expected.path)
            #expect(answer.status == 200)
            #expect(answer.text.contains("data-page=\"\(expected.page)\""))
            #expect(answer[header: "Content-Security-Policy"]?.hasPrefix("default-src 'none'; style-src 'self'; script-src 'self'") == true)
            #expect(answer[header: "X-Content-Type-Options"] == "nosniff")
            for forbidden in ["<style", " style=", "<script>", " onclick=", "javascript:", "http://www.w3.org/1999"] {
                #expect(!answer.text.contains(forbidden), "\(forbidden)")
            }
        }
    }

    @Test("Nobody sees a page without signing in, and is sent back to it afterwards", arguments: all)
    func signedOut(_ expected: (path: String, page: String)) async throws {
        try await TestServer.run { server in
            let answer = try await server.page(expected.path)
            let next = server.expand(expected.path).percentEncoded
            #expect(answer.status == 303 && answer[header: "Location"] == "/login?next=\(next)")
        }
    }

    @Test("Another business's definitions and conversations are not there")
    func isolation() async throws {
        try await TestServer.run { server in
            let browser = try await Browser(server)
            for path in ["/stages/<other_stage>", "/stages/<other_stage>/state", "/stage-editor/<other_stage>", "/conversations/c-9"] {
                let answer = try await browser.page(path)
                #expect(answer.status == 404 && answer.text.contains("There is nothing here"), "\(path)")
            }
        }
    }

    @Test("What users typed is text in every page, whatever it looks like")
    func escaping() async throws {
        try await TestServer.run { server in
            let evil = "<b>&\\\"'\u{301}\\\"\u{301} onfocus=alert(1) <\u{301}script>"
            let made = try await server.post("/stages", Bodies.stage(#"{"stage_name":"\#(evil)","stage_description":"\#(evil)"}"#))
            let id = try #require(made["/stage_id"]?.string)
            let browser = try await Browser(server)
            for path in ["/stages", "/stages/\(id)", "/stages/\(id)/state", "/stage-editor/\(id)"] {
                let text = try await browser.page(path).text.unicodeScalars
                let page = String(String.UnicodeScalarView(text.filter { $0 != "\u{301}" }))
                #expect(!page.contains("<b>&") && !page.contains("<script>"), "\(path)")
                #expect(page.contains("&lt;b&gt;&amp;"), "\(path)")
            }
        }
    }

    @Test("The files of pages are kept for good, under names that their content makes, and sent compressed to those who take it")
    func assets() async throws {
        try await TestServer.run { server in
            let page = try await Browser(server).page("/stages").text
            let paths = page.split(separator: "\"").map(String.init).filter { $0.hasPrefix("/assets/") }
            #expect(Set(paths.map { $0.split(separator: ".").last.map(String.init) ?? "" }) == ["css", "js", "svg"])
            for path in paths {
                let plain = try await server.page(path)
                #expect(plain.status == 200 && plain[header: "Cache-Control"] == "public, max-age=31536000, immutable")
                let compressed = try await server.page(path, ["Accept-Encoding": "gzip"])
                #expect(compressed.bytes.count <= plain.bytes.count)
                #expect((compressed[header: "Content-Encoding"] == "gzip") == (compressed.bytes.count < plain.bytes.count))
            }
        }
    }

    @Test("A page with all that it needs is under 60 KB compressed")
    func size() async throws {
        try await TestServer.run { server in
            let page = try await Browser(server).page("/stage-editor/<welcome>", ["Accept-Encoding": "gzip"])
            let assets = Assets().all.reduce(0) { $0 + ($1.compressed ?? $1.bytes).readableBytes }
            #expect(page[header: "Content-Encoding"] == "gzip")
            #expect(page.bytes.count + assets < 60_000)
        }
    }

    @Test("A path that is not there is a page for browsers and a problem for others")
    func notFound() async throws {
        try await TestServer.run { server in
            let page = try await Browser(server).page("/nothing")
            #expect(page.status == 404 && page.text.contains("There is nothing here"))
            let problem = try await server.get("/nothing")
            #expect(problem.code == "not_found")
        }
    }
}
