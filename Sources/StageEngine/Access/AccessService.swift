import Crypto
import Foundation
public import StageModel
public import StageStore
import Synchronization

/// Knows who may ask for what.
public final class AccessService: Sendable {
    /// Who a request comes from.
    public enum Principal: Sendable, Equatable {
        case key(APIKey)
        /// The operator, by the platform key.
        case platform
    }

    enum Known: Sendable {
        case key(APIKey)
        case none
    }

    /// What is known of keys counts for no longer than this without word of what was changed elsewhere.
    private static let staleAfter: Double = 5

    let store: any AccessStore
    let platformKeyHash: [UInt8]?
    let known = BoundedCache<String, Known>(capacity: 50_000)
    /// By SHA-256 of the cookie's value.
    let knownSessions = BoundedCache<[UInt8], KnownSession>(capacity: 50_000)
    let attempts = SignInAttempts()
    /// Counts the changes of keys and sessions.
    let generation = Atomic<UInt64>(0)
    /// When what was changed elsewhere was last heard of, in microseconds; 0: nobody listens.
    private let heardAt = Atomic<Int64>(0)

    /// - Parameter platformKey: opens `/businesses`; nil: nobody may.
    public init(store: any AccessStore, platformKey: String?) {
        self.store = store
        platformKeyHash = platformKey.map { Self.digest($0) }
    }

    /// Finds out who presents a key.
    /// - Throws: `unauthorized` when it is none, or revoked, or expired; `database_unavailable` when that can't be told.
    public func principal(presenting secret: String, at now: Timestamp) async throws(EngineError) -> Principal {
        let hash = Self.digest(secret)
        if let platformKeyHash, Self.areEqual(hash, platformKeyHash) { return .platform }
        guard let prefix = Self.prefix(of: secret) else { throw Self.unauthorized }
        try checkFreshness(at: now)
        guard let key = try await key(prefix), Self.areEqual(hash, key.hash), key.isUsable(at: now) else { throw Self.unauthorized }
        return .key(key)
    }

    /// Refuses to go by what is known when too long nothing was heard of what was changed elsewhere.
    func checkFreshness(at now: Timestamp) throws(EngineError) {
        let heard = heardAt.load(ordering: .relaxed)
        guard heard == 0 || now.seconds(since: Timestamp(microseconds: heard)) <= Self.staleAfter else {
            throw EngineError(.databaseUnavailable, "Keys can't be checked at the moment. Try again later.", debug: "no word of changes for 5 s")
        }
    }

    func key(_ prefix: String) async throws(EngineError) -> APIKey? {
        switch known.value(for: prefix) {
        case .key(let key): return key
        case .some(.none): return nil
        case nil:
            let before = generation.load(ordering: .acquiring)
            let key = try await engine { try await store.key(prefix: prefix) }
            known.update(prefix) { known in
                // What was read before a change must not be known after it.
                if generation.load(ordering: .acquiring) == before { known = key.map(Known.key) ?? Known.none }
            }
            return key
        }
    }

    /// What was changed elsewhere is known up to this moment.
    public func heard(at now: Timestamp) { heardAt.store(now.microseconds, ordering: .relaxed) }

    /// For how many seconds nothing was heard of what was changed elsewhere; nil: nobody listens.
    public func secondsUnheard(at now: Timestamp) -> Double? {
        let heard = heardAt.load(ordering: .relaxed)
        return heard == 0 ? nil : max(0, now.seconds(since: Timestamp(microseconds: heard)))
    }

    /// Drops what is known of a business's keys and sessions, and of those that did not exist.
    public func forget(_ business: Business.ID) {
        generation.add(1, ordering: .acquiringAndReleasing)
        // Few keys, rarely: simpler than an index by business.
        known.removeAll()
        knownSessions.removeAll()
    }

    // MARK: - Keys

    public func keys(of business: Business.ID) async throws(EngineError) -> [APIKey] {
        try await engine { try await store.keys(of: business) }
    }

    /// Makes a key.
    /// - Returns: the key, and the secret itself, which is not kept anywhere.
    public func createKey(
        named name: String, role: APIKey.Role, expiresAt: Timestamp?, by caller: Caller, answering: Answering<(APIKey, String)>
    ) async throws(EngineError) -> (key: APIKey, secret: String) {
        if let expiresAt, expiresAt <= caller.now { throw .invalid("expires_at", "Must be in the future.") }
        let (key, secret) = Self.newKey(named: name, role: role, for: caller.business, expiresAt: expiresAt, at: caller.now)
        try await engine { try await store.createKey(key, audit: caller.audit("api_key.create", key.id), answer: answering((key, secret))) }
        forget(caller.business)
        return (key, secret)
    }

    public func revokeKey(
        _ id: APIKey.ID, by caller: Caller, answering: Answering<Void> = { _ in nil }
    ) async throws(EngineError) -> APIKey {
        let answer = answering(())
        let revoked = try await engine {
            try await store.revokeKey(id, of: caller.business, at: caller.now, audit: caller.audit("api_key.revoke", id), answer: answer)
        }
        guard let revoked else { throw .notFound("API key", id) }
        forget(caller.business)
        return revoked
    }

    static func newKey(
        named name: String, role: APIKey.Role, for business: Business.ID, expiresAt: Timestamp?, at now: Timestamp
    ) -> (key: APIKey, secret: String) {
        let prefix = "sk_" + String((0..<8).map { _ in prefixLetters[Int.random(in: prefixLetters.indices)] })
        let secret = prefix + "_" + randomText()
        let key = APIKey(
            id: APIKey.ID(), business: business, name: name, prefix: prefix, hash: digest(secret), role: role, createdAt: now,
            expiresAt: expiresAt, revokedAt: nil)
        return (key, secret)
    }

    /// 256 random bits as 43 characters that need no escaping in URLs and cookies.
    static func randomText() -> String {
        SymmetricKey(size: .bits256).withUnsafeBytes { text(of: $0) }
    }

    /// Bytes in base64 with the URL-safe alphabet, without padding (RFC 4648, section 5).
    static func text(of bytes: some Sequence<UInt8>) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    private static let prefixLetters = Array("abcdefghijkmnpqrstuvwxyz23456789")

    /// `sk_` and eight characters, before another `_`.
    static func prefix(of secret: String) -> String? {
        let utf8 = secret.utf8
        guard utf8.count == 55, secret.hasPrefix("sk_"), utf8[utf8.index(utf8.startIndex, offsetBy: 11)] == UInt8(ascii: "_") else { return nil }
        return String(secret.prefix(11))
    }

    private static let unauthorized = EngineError(.unauthorized, "A valid API key is required: 'Authorization: Bearer sk_…'.")

    static func digest(_ text: String) -> [UInt8] { Array(SHA256.hash(data: Array(text.utf8))) }

    /// Takes the same time wherever they differ.
    static func areEqual(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
