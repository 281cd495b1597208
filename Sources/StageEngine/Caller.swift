public import StageModel
public import StageStore

/// Who asks, and at what moment.
public struct Caller: Sendable {
    public let business: Business.ID
    /// As transitions, revisions and the audit log name it.
    public let actor: String
    public let now: Timestamp

    public init(business: Business.ID, actor: String, now: Timestamp) {
        self.business = business
        self.actor = actor
        self.now = now
    }

    /// Who is signed in with a session.
    public init(_ session: Session, at now: Timestamp) {
        self.init(business: session.business, actor: "session:\(session.key.prefix)", now: now)
    }

    func audit(_ action: String, _ subject: some CustomStringConvertible) -> AuditEntry {
        AuditEntry(business: business, actor: actor, action: action, subject: subject.description, at: now)
    }
}

/// Makes the answer to a request from its outcome, so that it can be kept in the commit that brings the outcome about; nil: keep none.
public typealias Answering<Outcome> = @Sendable (Outcome) -> IdempotentAnswer?

/// Tells the time; tests have their own.
public struct TimeSource: Sendable {
    public let now: @Sendable () -> Timestamp

    public init(now: @escaping @Sendable () -> Timestamp) { self.now = now }
}
