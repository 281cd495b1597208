import HTTPTypes
import StageEngine
import StageModel

/// Signing in with an API key or a link that is good for once, and signing out.
struct SignInPages: Sendable {
    let access: AccessService
    let site: Site

    var pages: [Page] {
        [.get("/login", by: .open, form), .post("/login", by: .open, signIn), .post("/logout", by: .open, signOut), .get("/", by: .open, home)]
    }

    private func home(_ call: PageCall) async throws -> PageAnswer { .redirect(to: "/stages") }

    private func form(_ call: PageCall) async throws -> PageAnswer {
        if let link = call.query["link"] { return try await signIn(withLink: link, call) }
        return .page(page(next: Self.local(call.query["next"]), call))
    }

    private func signIn(withLink link: String, _ call: PageCall) async throws -> PageAnswer {
        guard site.allowsSignIn(call.head) else { return .page(page(next: "/stages", call)) }
        do throws(EngineError) {
            let signIn = try await access.signIn(
                withLink: link, userAgent: call.head.headerFields[.userAgent] ?? "", from: call.address, at: call.now)
            return entering(signIn.cookie, next: "/stages")
        } catch {
            guard error.code == .unauthorized else { throw error }
            return .page(page(next: "/stages", call, notice: error.message))
        }
    }

    private func signIn(_ call: PageCall) async throws -> PageAnswer {
        let next = Self.local(call.form["next"])
        guard site.allowsSignIn(call.head) else { return .page(page(next: next, call)) }
        do throws(EngineError) {
            let signIn = try await access.signIn(
                withKey: call.form.filled("api_key") ?? "", userAgent: call.head.headerFields[.userAgent] ?? "", from: call.address, at: call.now)
            return entering(signIn.cookie, next: next)
        } catch {
            switch error.code {
            case .tooManyAttempts: return .page(page(next: next, call, isWaiting: true, status: .tooManyRequests))
            case .unauthorized, .forbidden:
                return .page(page(next: next, call, fault: error.message, status: error.code == .forbidden ? .forbidden : .unauthorized))
            default: throw error
            }
        }
    }

    private func signOut(_ call: PageCall) async throws -> PageAnswer {
        if let cookie = site.cookie.value(in: call.head.headerFields) { try await access.signOut(cookie, at: call.now) }
        var reply = Reply(status: .seeOther, contentType: nil)
        reply.headers[.location] = "/login?out=1"
        reply.headers[.setCookie] = site.cookie.removal
        return .reply(reply)
    }

    private func entering(_ cookie: String, next: String) -> PageAnswer {
        var reply = Reply(status: .seeOther, contentType: nil)
        reply.headers[.location] = next
        reply.headers[.setCookie] = site.cookie.setting(cookie)
        reply.headers[.cacheControl] = "private, no-store"
        return .reply(reply)
    }

    private func page(
        next: String, _ call: PageCall, fault: String? = nil, notice: String? = nil, isWaiting: Bool = false,
        status: HTTPResponse.Status = .ok
    ) -> PageContent {
        let isInsecure = !site.allowsSignIn(call.head)
        let told = notice.map { ($0, "warn") } ?? (call.query["out"] == "1" ? ("You are signed out.", "good") : nil)
        return PageContent(
            template: "Login", title: "Sign in",
            model: [
                "csrf_token": "", "next": .text(next), "error": .optional(fault), "is_closed": .flag(isInsecure || isWaiting),
                "wait": isWaiting ? ["text": "a minute"] : .none,
                "insecure": isInsecure ? ["secure_address": .text("https://\(call.head.authority ?? "")/login")] : .none,
                "notice": told.map { message, tone in
                    [
                        "tone": .text(tone), "icon": .text(tone == "good" ? "check" : "warn"), "message": .text(message),
                        "is_alert": .flag(tone != "good"),
                    ]
                } ?? .none,
            ], status: isInsecure ? .forbidden : status)
    }

    /// A path of ours to go on to; anything else is where one begins.
    static func local(_ path: String?) -> String {
        guard let path, path.hasPrefix("/"), !path.hasPrefix("//"), !path.hasPrefix("/\\"), path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            return "/stages"
        }
        return path
    }
}
