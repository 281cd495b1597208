import HTTPTypes
import StageModel
@testable import StageServer
import Testing

@Suite("Sessions: the cookie")
struct SessionCookieTests {
    private static let cookie = SiteCookie.session(isInsecure: false)

    @Test("It is read as it stands, the first of its name", arguments: headers)
    func reading(_ headers: [String], _ value: String?) {
        var fields: HTTPFields = [:]
        for header in headers { fields.append(HTTPField(name: .cookie, value: header)) }
        #expect(Self.cookie.value(in: fields) == value)
    }

    private static let headers: [([String], String?)] = [
        ([], nil), ([""], nil), (["__Host-stagekeeper=abc"], "abc"), (["a=b; __Host-stagekeeper=abc; c=d"], "abc"),
        (["a=b;__Host-stagekeeper=abc"], "abc"), (["a=b", "__Host-stagekeeper=abc"], "abc"),
        (["__Host-stagekeeper=1; __Host-stagekeeper=2"], "1"), (["__Host-stagekeeper=1", "__Host-stagekeeper=2"], "1"),
        (["__Host-stagekeeper=a%41+b"], "a%41+b"), (["__Host-stagekeeper=\"abc\""], "\"abc\""), (["__Host-stagekeeper=a=b="], "a=b="),
        (["__Host-stagekeeper="], ""), (["__Host-stagekeeper"], nil), (["__host-stagekeeper=abc"], nil), (["stagekeeper=abc"], nil),
        (["x__Host-stagekeeper=abc"], nil), (["a=\"; __Host-stagekeeper=abc\""], "abc\""), ([";;;=; =x; __Host-stagekeeper = abc ;"], "abc"),
    ]

    @Test("It is written for this host alone, out of reach of scripts, for as long as an unused session lasts")
    func writing() {
        #expect(Self.cookie.setting("abc") == "__Host-stagekeeper=abc; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=43200")
        #expect(Self.cookie.removal == "__Host-stagekeeper=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0")
        let insecure = SiteCookie.session(isInsecure: true)
        #expect(insecure.setting("abc") == "stagekeeper=abc; Path=/; HttpOnly; SameSite=Lax; Max-Age=43200")
        #expect(insecure.removal == "stagekeeper=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0")
        #expect(insecure.value(in: [.cookie: "__Host-stagekeeper=a; stagekeeper=b"]) == "b")
    }

    @Test("It is set anew when the session lasts longer, and only then")
    func renewal() async throws {
        try await TestServer.run { server in
            let browser = try await Browser(server)
            let renewed = "__Host-stagekeeper=\(browser.cookie); Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=43200"
            for (seconds, isRenewed) in [(59, false), (1, true), (30, false), (29, false), (1, true)] as [(Int64, Bool)] {
                server.clock.advance(seconds: seconds)
                #expect(try await browser.get("/agents")[header: "Set-Cookie"] == (isRenewed ? renewed : nil), "after \(seconds) s")
            }
            server.clock.advance(seconds: 60)
            #expect(try await browser.get("/agents", ["Authorization": "Bearer <secret of owner>"])[header: "Set-Cookie"] == nil)
            #expect(try await browser.call(.post, "/flow/check", nil, ["Idempotency-Key": "k"])[header: "Set-Cookie"] == renewed)
        }
    }
}
