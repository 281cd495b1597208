public import StageModel

/// Keeps who may do what, who is signed in, and the answers that repeated requests get.
public protocol AccessStore: Sendable {
    /// The key of a prefix, revoked or expired ones too.
    func key(prefix: String) async throws(StoreError) -> APIKey?

    /// The keys of a business, the oldest first.
    func keys(of business: Business.ID) async throws(StoreError) -> [APIKey]

    func createKey(_ key: APIKey, audit: AuditEntry, answer: IdempotentAnswer?) async throws(StoreError)

    /// - Returns: the key as it is then; nil when the business has none of that id.
    func revokeKey(
        _ id: APIKey.ID, of business: Business.ID, at now: Timestamp, audit: AuditEntry, answer: IdempotentAnswer?
    ) async throws(StoreError) -> APIKey?

    /// - Parameter hash: SHA-256 of the cookie's value.
    func createSession(_ session: Session, hash: [UInt8], audit: AuditEntry) async throws(StoreError)

    /// The session of a cookie with its key as both are now, unusable ones too.
    func session(hash: [UInt8]) async throws(StoreError) -> Session?

    /// The usable sessions of a business, the newest first.
    func sessions(of business: Business.ID, at now: Timestamp, before: SessionPosition?, limit: Int) async throws(StoreError) -> [Session]

    /// Notes that a session was used, unless that was noted less than `Session.secondsBetweenExtensions` before, or it is gone.
    func extendSession(_ id: Session.ID, usedAt: Timestamp, expiresAt: Timestamp) async throws(StoreError)

    /// Ends a session, which is told to others as a change of keys is.
    /// - Returns: false when the business has none of that id.
    func revokeSession(
        _ id: Session.ID, of business: Business.ID, at now: Timestamp, audit: AuditEntry, answer: IdempotentAnswer?
    ) async throws(StoreError) -> Bool

    func createSignInLink(_ link: SignInLink, audit: AuditEntry) async throws(StoreError)

    /// Uses a link up; of two who take it at once, one gets its key.
    /// - Returns: the key that it signs in with, a revoked or expired one too; nil when there is no such link (any more).
    func takeSignInLink(hash: [UInt8], at now: Timestamp) async throws(StoreError) -> APIKey?

    /// Notes something in the audit log that changes nothing else.
    func record(_ audit: AuditEntry) async throws(StoreError)

    /// The answer that was kept with a request's commit less than 24 hours ago.
    func answer(to request: IdempotencyScope, at now: Timestamp) async throws(StoreError) -> IdempotentAnswer?
}

/// A business's key to the API. The secret itself is known to its holder alone.
public struct APIKey: Sendable, Equatable {
    public typealias ID = Identifier<APIKey>

    public enum Role: String, CaseIterable, Sendable {
        /// May do everything in the business.
        case owner
        /// May define and edit, run conversations, and see sensitive data; not keys and audit.
        case editor
        /// May read.
        case viewer
        /// May run conversations; may not read the configuration.
        case runtime
    }

    public let id: ID
    public let business: Business.ID
    public let name: String
    /// The readable start of the key, unique among all.
    public let prefix: String
    /// SHA-256 of the whole key.
    public let hash: [UInt8]
    public let role: Role
    public let createdAt: Timestamp
    public let expiresAt: Timestamp?
    public let revokedAt: Timestamp?

    public init(
        id: ID, business: Business.ID, name: String, prefix: String, hash: [UInt8], role: Role, createdAt: Timestamp,
        expiresAt: Timestamp?, revokedAt: Timestamp?
    ) {
        self.id = id
        self.business = business
        self.name = name
        self.prefix = prefix
        self.hash = hash
        self.role = role
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
    }

    public func isUsable(at now: Timestamp) -> Bool { revokedAt == nil && expiresAt.map { now < $0 } ?? true }
}

/// What an idempotency key stands for: SHA-256 over the API key, the method, the path and the caller's key.
public struct IdempotencyScope: Hashable, Sendable {
    public let digest: [UInt8]

    public init(digest: [UInt8]) { self.digest = digest }
}

/// An answer that is kept with a commit, and given again when the request is repeated.
public struct IdempotentAnswer: Sendable, Equatable {
    public let scope: IdempotencyScope
    /// SHA-256 of the request's body.
    public let fingerprint: [UInt8]
    public let business: Business.ID?
    /// The conversation that the answer tells of; erasing it erases the answer.
    public let conversation: ConversationID?
    public let status: Int
    public let headers: [String: String]
    public let body: [UInt8]
    public let at: Timestamp

    public init(
        scope: IdempotencyScope, fingerprint: [UInt8], business: Business.ID?, conversation: ConversationID?, status: Int,
        headers: [String: String], body: [UInt8], at: Timestamp
    ) {
        self.scope = scope
        self.fingerprint = fingerprint
        self.business = business
        self.conversation = conversation
        self.status = status
        self.headers = headers
        self.body = body
        self.at = at
    }
}
