import HTTPTypes
import HummingbirdTesting
import NIOCore
@testable import StageServer
import Testing

@Suite("Security headers: what every answer tells browsers")
struct SecurityHeadersTests {
    @Test("Every operation's answer, whatever it is, is taken as what it says that it is")
    func operations() async throws {
        try await TestServer.run { server async throws in
            for operation in try await DescribedOperation.all(of: server) {
                for who in [Who.owner, .nobody] {
                    let answer = try await operation.call(server, as: who)
                    #expect(answer[header: "X-Content-Type-Options"] == "nosniff", "\(operation.id): \(answer.status)")
                    #expect(answer[header: "Strict-Transport-Security"] == nil)
                }
            }
            for path in ["/nowhere", "//agents", "/docs", "/openapi.json"] {
                #expect(try await server.get(path, as: .nobody)[header: "X-Content-Type-Options"] == "nosniff", "\(path)")
            }
            #expect(try await server.put("/agents", "{}")[header: "X-Content-Type-Options"] == "nosniff")
        }
    }

    @Test("Every page, and every page that says what went wrong, loads nothing from elsewhere and stands in no frame")
    func pages() async throws {
        try await TestServer.run { server async throws in
            let browser = try await Browser(server)
            let paths = server.parts.server.pages.filter { $0.method == .get }.map(\.path).map { path in
                path.replacing("{stage_id}", with: server.names["welcome"] ?? "").replacing("{conversation_id}", with: "c-1")
            }
            for path in paths + ["/nowhere", "/stages/nothing", "/docs"] {
                for answer in [try await browser.page(path), try await server.page(path)] {
                    let isPage = answer[header: "Content-Type"]?.hasPrefix("text/html") ?? false
                    #expect(isPage || (300..<400).contains(answer.status), "\(path): \(answer.status)")
                    #expect(answer[header: "X-Content-Type-Options"] == "nosniff", "\(path)")
                    #expect(answer[header: "Referrer-Policy"] == "same-origin", "\(path)")
                    guard isPage else { continue }
                    let policy = answer[header: "Content-Security-Policy"] ?? ""
                    for part in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action"] {
                        #expect(policy.contains(part), "\(path): \(policy)")
                    }
                }
            }
        }
    }

    @Test("Too many sign-ins that failed say when to try again")
    func signIn() async throws {
        try await TestServer.run { server async throws in
            let headers: HTTPFields = [.accept: "text/html", .contentType: "application/x-www-form-urlencoded"]
            var answers: [Answer] = []
            for _ in 0..<11 {
                answers.append(
                    Answer(try await server.client.execute(uri: "/login", method: .post, headers: headers, body: .init(string: "api_key=x"))))
            }
            #expect(answers.map(\.status) == Array(repeating: 401, count: 10) + [429] && answers.last?[header: "Retry-After"] == "60")
        }
    }
}
