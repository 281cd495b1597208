import Crypto
import Synchronization
public import StageModel
public import StageStore

extension AccessService {
    enum KnownSession: Sendable {
        case session(Session)
        case none
    }

    /// Finds out whose browser presents a cookie. Being used makes the session last longer.
    /// - Returns: who it is, and the session; its `usedAt` is `now` when it was made to last longer at this moment.
    /// - Throws: `unauthorized` when there is no such session, or it or its key is revoked or expired; `database_unavailable` when that
    ///   can't be told.
    public func principal(forCookie value: String, at now: Timestamp) async throws(EngineError) -> (principal: Principal, session: Session) {
        guard Self.isRandomText(value) else { throw Self.noSession }
        try checkFreshness(at: now)
        let hash = Self.digest(value)
        guard let session = try await session(hash, at: now), session.isUsable(at: now) else { throw Self.noSession }
        guard let extended = claimExtension(of: hash, at: now) else { return (.key(session.key), session) }
        // Where nothing can be written, pages can still be read; a minute later it is tried again.
        try? await store.extendSession(extended.id, usedAt: extended.usedAt, expiresAt: extended.expiresAt)
        return (.key(session.key), extended)
    }

    func session(_ hash: [UInt8], at now: Timestamp) async throws(EngineError) -> Session? {
        switch knownSessions.value(for: hash) {
        case .some(.none): return nil
        // Another process may have made it last longer than is known here.
        case .session(let session) where now < session.expiresAt: return session
        case .session, nil:
            let before = generation.load(ordering: .acquiring)
            let session = try await engine { try await store.session(hash: hash) }
            knownSessions.update(hash) { known in
                // What was read before a change must not be known after it.
                guard generation.load(ordering: .acquiring) == before else { return }
                known = session.flatMap { now < $0.expiresAt ? .session($0) : nil } ?? KnownSession.none
            }
            return session
        }
    }

    /// Lets one of many requests at once make a session last longer.
    private func claimExtension(of hash: [UInt8], at now: Timestamp) -> Session? {
        var claimed: Session?
        knownSessions.update(hash) { known in
            guard case .session(let session) = known, now.seconds(since: session.usedAt) >= Double(Session.secondsBetweenExtensions) else { return }
            let extended = session.used(at: now)
            known = .session(extended)
            claimed = extended
        }
        return claimed
    }

    // MARK: - Forms

    /// What a browser has to send with every request that changes something, besides the cookie.
    ///
    /// Derived from the cookie's value, so that there is nothing to keep; from the token nothing is learned of that value.
    public func csrfToken(forCookie value: String) -> String {
        Self.text(of: HMAC<SHA256>.authenticationCode(for: Array("csrf".utf8), using: SymmetricKey(data: Array(value.utf8))))
    }

    /// Whether a token is the one of a cookie; takes the same time wherever it differs.
    public func isCSRFToken(_ token: String, forCookie value: String) -> Bool {
        Self.areEqual(Array(token.utf8), Array(csrfToken(forCookie: value).utf8))
    }

    // MARK: - Sessions

    /// The sessions of a business that are good at a moment, the newest first.
    public func sessions(
        of business: Business.ID, at now: Timestamp, before: SessionPosition? = nil, limit: Int
    ) async throws(EngineError) -> [Session] {
        try await engine { try await store.sessions(of: business, at: now, before: before, limit: limit) }
    }

    /// Ends a session at once.
    public func revokeSession(_ id: Session.ID, by caller: Caller, answering: Answering<Void> = { _ in nil }) async throws(EngineError) {
        let answer = answering(())
        let audit = caller.audit("session.revoke", id)
        let isRevoked = try await engine {
            try await store.revokeSession(id, of: caller.business, at: caller.now, audit: audit, answer: answer)
        }
        guard isRevoked else { throw .notFound("session", id) }
        forget(caller.business)
    }

    private static let noSession = EngineError(.unauthorized, "You are not signed in, or not any more; sign in again with an API key.")

    /// Whether a text has the form of what `randomText` makes.
    static func isRandomText(_ text: String) -> Bool {
        text.utf8.count == 43
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}
