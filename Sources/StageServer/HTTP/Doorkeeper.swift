import HTTPTypes
import StageEngine
import StageModel
import StageStore

/// Who a request comes from, and how that is known.
struct Admission: Sendable {
    let principal: AccessService.Principal
    /// The browser's session; nil: the request carries a key.
    var session: Session?
    /// The cookie that is to be set anew, since the session now lasts longer.
    var renewedCookie: String?
}

/// Finds out who asks, and whether they may.
struct Doorkeeper: Sendable {
    let access: AccessService
    let site: Site
    let limits: RateLimits

    /// Lets a request of the API in, or says why not.
    /// - Parameter allowance: gets how the request stands to the limits; nil: there are none.
    /// - Returns: nil when the operation is open to anybody.
    func admit(
        _ head: HTTPRequest, _ context: StageContext, to operation: Operation, at now: Timestamp, _ allowance: inout RateAllowance?
    ) async throws -> Admission? {
        if case .open = operation.access { return nil }
        let admission = try await admission(of: head, context, at: now)
        allowance = limits.take(for: admission.principal, at: now)
        if let refusal = allowance?.refusal { throw RequestError.rateLimited(refusal) }
        switch (operation.access, admission.principal) {
        case (.open, _), (.platform, .platform): break
        case (.platform, .key): throw RequestError.forbidden("This takes the platform key, not a business's.")
        case (.roles, .platform): throw RequestError.forbidden("This takes a business's API key, not the platform key.")
        case (.roles(let roles), .key(let key)):
            guard roles.contains(key.role) else {
                let names = roles.map(\.rawValue).sorted().joined(separator: ", ")
                throw RequestError.forbidden("This takes a key of the role \(names); this one's is \(key.role.rawValue).")
            }
        }
        if operation.isUnsafe, admission.session != nil {
            try checkOrigin(of: head)
            try check(token: head.headerFields[.csrfToken], of: head)
        }
        return admission
    }

    /// Who a request comes from: the holder of the key in its header, else the one who is signed in with the browser's cookie.
    private func admission(of head: HTTPRequest, _ context: StageContext, at now: Timestamp) async throws(EngineError) -> Admission {
        if let header = head.headerFields[.authorization] {
            guard header.lowercased().hasPrefix("bearer ") else { throw Self.noKey }
            let secret = String(header.dropFirst(7))
            if limits.isClosed(to: { block(of: head, context) }, at: now, unless: { access.isKnown(key: secret) }) { throw Self.isClosed }
            do throws(EngineError) { return Admission(principal: try await access.principal(presenting: secret, at: now)) } catch {
                throw noting(error, head, context, at: now)
            }
        }
        guard let cookie = site.cookie.value(in: head.headerFields) else { throw Self.noKey }
        let (principal, session) = try await self.principal(forCookie: cookie, head, context, at: now)
        return Admission(principal: principal, session: session, renewedCookie: session.usedAt == now ? cookie : nil)
    }

    /// Whose session a browser's cookie stands for.
    func principal(
        forCookie cookie: String, _ head: HTTPRequest, _ context: StageContext, at now: Timestamp
    ) async throws(EngineError) -> (principal: AccessService.Principal, session: Session) {
        if limits.isClosed(to: { block(of: head, context) }, at: now, unless: { access.isKnown(cookie: cookie) }) { throw Self.isClosed }
        do throws(EngineError) { return try await access.principal(forCookie: cookie, at: now) } catch {
            throw noting(error, head, context, at: now)
        }
    }

    /// Counts what was no key for where it came from.
    private func noting(_ error: EngineError, _ head: HTTPRequest, _ context: StageContext, at now: Timestamp) -> EngineError {
        if error.code == .unauthorized { limits.noteRefusal(from: block(of: head, context), at: now) }
        return error
    }

    private func block(of head: HTTPRequest, _ context: StageContext) -> AddressBlock? {
        site.address(of: head, from: context.address).flatMap { AddressBlock($0) }
    }

    /// Another site's page may have a browser send our cookie; it can't hide that it is another site's.
    func checkOrigin(of head: HTTPRequest) throws(RequestError) {
        guard site.isOwn(head) else {
            throw .forbidden(
                "The request comes from a page of another site. If this is the server's own address, set STAGEKEEPER_PUBLIC_URL to it.")
        }
    }

    /// Another site's page can't know the token of the session.
    /// - Parameter token: from the header or the form.
    func check(token: String?, of head: HTTPRequest) throws(RequestError) {
        guard let token else {
            throw .forbidden("A request with the session's cookie that changes something needs the header X-CSRF-Token with the session's token.")
        }
        guard let cookie = site.cookie.value(in: head.headerFields), access.isCSRFToken(token, forCookie: cookie) else {
            throw .forbidden("The CSRF token is not the one of this session; load the page again, then repeat what you did.")
        }
    }

    private static let isClosed = EngineError(
        .tooManyAttempts, "Too many requests from your address came with a key or a session that is not valid. Wait a minute, then try again.")
    private static let noKey = EngineError(.unauthorized, "A valid API key is required: 'Authorization: Bearer sk_…'.")
}

extension HTTPField.Name {
    static let csrfToken = Self("X-CSRF-Token")!
}
