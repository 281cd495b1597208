public import StageModel
public import StageStore

/// Signing browsers in and out.
extension AccessService {
    /// A session that was just begun.
    public struct SignIn: Sendable {
        public let session: Session
        /// What the browser keeps; it is not kept anywhere else.
        public let cookie: String
    }

    private static let secondsOfLink: Int64 = 600
    private static let lengthOfUserAgent = 200
    private static let lengthOfAddress = 64

    /// Signs a browser in with a business's key.
    /// - Parameters:
    ///   - userAgent: what the browser calls itself.
    ///   - address: where the request comes from; failures are counted for it.
    /// - Throws: `unauthorized` when it is no good key, `forbidden` when it is not for browsers, `too_many_attempts` after ten failures within
    ///   a minute from the address or with the key's prefix.
    public func signIn(
        withKey secret: String, userAgent: String, from address: String, at now: Timestamp
    ) async throws(EngineError) -> SignIn {
        let prefix = Self.prefix(of: secret)
        return try await signIn(with: prefix, userAgent, from: address, at: now) { () async throws(EngineError) -> APIKey in
            do throws(EngineError) {
                switch try await principal(presenting: secret, at: now) {
                case .key(let key): return key
                case .platform: throw EngineError(.forbidden, "The platform key opens /businesses alone; sign in with an API key of a business.")
                }
            } catch {
                guard error.code == .unauthorized else { throw error }
                if let prefix, let key = try await key(prefix) { try await recordRefusal(of: key, from: address, at: now) }
                throw EngineError(.unauthorized, "This is no valid API key: it is mistyped, revoked or expired.")
            }
        }
    }

    /// Signs a browser in with a link, which is used up by that.
    /// - Throws: `unauthorized` when the link was used, is too old or never was; otherwise as with a key.
    public func signIn(
        withLink text: String, userAgent: String, from address: String, at now: Timestamp
    ) async throws(EngineError) -> SignIn {
        try await signIn(with: nil, userAgent, from: address, at: now) { () async throws(EngineError) -> APIKey in
            let refusal = EngineError(.unauthorized, "This link has been used or is over ten minutes old; sign in with an API key.")
            guard Self.isRandomText(text) else { throw refusal }
            let hash = Self.digest(text)
            guard let key = try await engine({ try await store.takeSignInLink(hash: hash, at: now) }) else { throw refusal }
            guard key.isUsable(at: now) else {
                try await recordRefusal(of: key, from: address, at: now)
                throw refusal
            }
            return key
        }
    }

    /// Makes a link that signs a browser in once, within ten minutes.
    /// - Returns: what the link holds, which is not kept anywhere.
    public func createSignInLink(for key: APIKey, by caller: Caller) async throws(EngineError) -> String {
        guard key.role.isForBrowsers else { throw Self.notForBrowsers }
        let text = Self.randomText()
        let link = SignInLink(
            hash: Self.digest(text), key: key.id, business: key.business, expiresAt: caller.now.adding(seconds: Self.secondsOfLink))
        try await engine { try await store.createSignInLink(link, audit: caller.audit("sign_in_link.create", key.id)) }
        return text
    }

    /// Ends the session of a cookie; nothing happens when there is none.
    public func signOut(_ cookie: String, at now: Timestamp) async throws(EngineError) {
        let hash = Self.digest(cookie)
        guard let session = try await engine({ try await store.session(hash: hash) }) else { return }
        do throws(EngineError) {
            try await revokeSession(session.id, by: Caller(session, at: now))
        } catch {
            // Somebody else has just ended it.
            guard error.code == .notFound else { throw error }
        }
    }

    // MARK: - One attempt

    /// - Parameters:
    ///   - prefix: of the key that is presented, if it has one; failures are counted for it.
    ///   - findKey: throws a refusal when there is no good key.
    private func signIn(
        with prefix: String?, _ userAgent: String, from address: String, at now: Timestamp,
        findKey: () async throws(EngineError) -> APIKey
    ) async throws(EngineError) -> SignIn {
        let names = ["address \(address.prefix(Self.lengthOfAddress))"] + (prefix.map { ["key \($0)"] } ?? [])
        try attempts.begin(names, at: now)
        do throws(EngineError) {
            let key = try await findKey()
            guard key.role.isForBrowsers else {
                try await recordRefusal(of: key, from: address, at: now)
                throw Self.notForBrowsers
            }
            let signIn = try await begin(with: key, userAgent, at: now)
            attempts.takeBack(names)
            return signIn
        } catch {
            // Only what was refused was a guess.
            if error.code != .unauthorized, error.code != .forbidden { attempts.takeBack(names) }
            throw error
        }
    }

    private func begin(with key: APIKey, _ userAgent: String, at now: Timestamp) async throws(EngineError) -> SignIn {
        let cookie = Self.randomText()
        var agent = String.UnicodeScalarView()
        agent.append(contentsOf: userAgent.unicodeScalars.lazy.filter { $0.value >= 0x20 }.prefix(Self.lengthOfUserAgent))
        let session = Session(
            id: Session.ID(), key: key, createdAt: now, expiresAt: now.adding(seconds: Session.idleSeconds), usedAt: now,
            userAgent: String(agent))
        let caller = Caller(business: key.business, actor: "api_key:\(key.prefix)", now: now)
        let hash = Self.digest(cookie)
        try await engine { try await store.createSession(session, hash: hash, audit: caller.audit("session.create", session.id)) }
        return SignIn(session: session, cookie: cookie)
    }

    /// The owners of a business learn that somebody tried to sign in with a key of theirs.
    private func recordRefusal(of key: APIKey, from address: String, at now: Timestamp) async throws(EngineError) {
        let caller = Caller(business: key.business, actor: "address:\(address.prefix(Self.lengthOfAddress))", now: now)
        try await engine { try await store.record(caller.audit("session.refuse", key.id)) }
    }

    private static let notForBrowsers = EngineError(
        .forbidden, "A key of the role runtime is for programs; sign in with an owner's, an editor's or a viewer's key.")
}

extension APIKey.Role {
    /// Whether keys of the role sign browsers in.
    fileprivate var isForBrowsers: Bool {
        switch self {
        case .owner, .editor, .viewer: true
        case .runtime: false
        }
    }
}
