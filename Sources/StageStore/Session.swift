public import StageModel

/// A browser that is signed in with a key. The value of its cookie is known to the browser alone.
public struct Session: Sendable, Equatable {
    public typealias ID = Identifier<Session>

    /// How long it lasts after it was last used.
    public static let idleSeconds: Int64 = 12 * 3600
    /// How long its last use is not written again, so that reading pages costs no writes.
    public static let secondsBetweenExtensions: Int64 = 60

    public let id: ID
    /// What it was signed in with; the session may do what the key may, for as long as the key is good.
    public let key: APIKey
    public let createdAt: Timestamp
    public let expiresAt: Timestamp
    /// When it was last used, to the minute or so.
    public let usedAt: Timestamp
    /// What the browser called itself, at most 200 characters.
    public let userAgent: String

    public init(id: ID, key: APIKey, createdAt: Timestamp, expiresAt: Timestamp, usedAt: Timestamp, userAgent: String) {
        self.id = id
        self.key = key
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.usedAt = usedAt
        self.userAgent = userAgent
    }

    public var business: Business.ID { key.business }

    public var role: APIKey.Role { key.role }

    public func isUsable(at now: Timestamp) -> Bool { now < expiresAt && key.isUsable(at: now) }

    /// The session after a use of it.
    public func used(at now: Timestamp) -> Session {
        Session(
            id: id, key: key, createdAt: createdAt, expiresAt: now.adding(seconds: Self.idleSeconds), usedAt: now, userAgent: userAgent)
    }
}

/// Where a page of sessions goes on: behind one of these.
public struct SessionPosition: Sendable, Equatable {
    public let createdAt: Timestamp
    public let id: Session.ID

    public init(createdAt: Timestamp, id: Session.ID) {
        self.createdAt = createdAt
        self.id = id
    }
}

/// What signs a browser in once, with a key that the browser is not given.
public struct SignInLink: Sendable, Equatable {
    /// SHA-256 of what stands in the link.
    public let hash: [UInt8]
    public let key: APIKey.ID
    public let business: Business.ID
    public let expiresAt: Timestamp

    public init(hash: [UInt8], key: APIKey.ID, business: Business.ID, expiresAt: Timestamp) {
        self.hash = hash
        self.key = key
        self.business = business
        self.expiresAt = expiresAt
    }
}
