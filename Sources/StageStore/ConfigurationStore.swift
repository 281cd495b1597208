public import StageModel

/// Keeps what businesses define.
public protocol ConfigurationStore: Sendable {
    /// The whole flow of a business as it is now; nil when there is no such business.
    func flow(of business: Business.ID) async throws(StoreError) -> Flow?

    /// Businesses in the order of their ids.
    func businesses(after: Business.ID?, limit: Int) async throws(StoreError) -> [Business]

    func createBusiness(_ business: Business, key: APIKey, audit: AuditEntry, answer: IdempotentAnswer?) async throws(StoreError)

    /// - Returns: the business as it is then; nil when there is none.
    func renameBusiness(
        _ id: Business.ID, to name: String, at now: Timestamp, audit: AuditEntry, answer: @escaping @Sendable (Business) -> IdempotentAnswer?
    ) async throws(StoreError) -> Business?

    /// Removes a business and all that is its. What was sealed for it can't be read any more, wherever it is left.
    /// - Returns: false when there was none.
    func deleteBusiness(_ id: Business.ID, at now: Timestamp, answer: IdempotentAnswer?) async throws(StoreError) -> Bool

    /// Changes the configuration of a business in one atomic commit.
    /// - Returns: the flow that it makes.
    /// - Throws: `.flowChanged` when the flow is not the one any more that the commit is based on.
    func commit(_ commit: ConfigurationCommit) async throws(StoreError) -> Flow

    /// Every saved body of a definition, newest first.
    func revisions(
        of kind: DefinitionKind, id: String, in business: Business.ID, before: Int64?, limit: Int
    ) async throws(StoreError) -> [Revision]

    /// Who did what, newest first.
    func auditLog(of business: Business.ID, before: Int64?, limit: Int) async throws(StoreError) -> [AuditRecord]

    func record(_ entry: AuditEntry) async throws(StoreError)
}

/// One atomic change of a business's configuration.
public struct ConfigurationCommit: Sendable {
    public enum Change: Sendable {
        case saveAgent(Saved<Agent>)
        case saveTemplate(Saved<Template>)
        case saveStage(Saved<Stage>)
        case saveRule(Saved<TransitionRule>)
        case saveState(StageState, of: Stage.ID)
        case deleteAgent(Agent.ID)
        case deleteTemplate(Template.ID)
        case deleteRule(TransitionRule.ID)
        /// The rules that lead away from it go with it. Conversations that are at the stage move to another; without one, their being there refuses the commit.
        case deleteStage(Stage.ID, movingTo: Stage.ID?)
    }

    /// The flow that it was checked against; the commit holds only while that is the current one.
    public let base: Flow
    public let changes: [Change]
    public let actor: String
    public let at: Timestamp
    public let audit: [AuditEntry]
    public let answer: IdempotentAnswer?

    public init(base: Flow, changes: [Change], actor: String, at: Timestamp, audit: [AuditEntry], answer: IdempotentAnswer? = nil) {
        self.base = base
        self.changes = changes
        self.actor = actor
        self.at = at
        self.audit = audit
        self.answer = answer
    }
}

/// A saved body of a definition.
public struct Revision: Sendable, Equatable {
    public let revision: Int64
    /// nil: it was deleted.
    public let body: JSONValue?
    public let author: String
    public let at: Timestamp
    public let flowRevision: Int64

    public init(revision: Int64, body: JSONValue?, author: String, at: Timestamp, flowRevision: Int64) {
        self.revision = revision
        self.body = body
        self.author = author
        self.at = at
        self.flowRevision = flowRevision
    }
}

/// Something done that must be accounted for.
public struct AuditEntry: Sendable, Equatable {
    public let business: Business.ID
    public let actor: String
    /// What was done, as `subject.verb`: `stage.update`.
    public let action: String
    /// What it was done to.
    public let subject: String
    public let at: Timestamp

    public init(business: Business.ID, actor: String, action: String, subject: String, at: Timestamp) {
        self.business = business
        self.actor = actor
        self.action = action
        self.subject = subject
        self.at = at
    }
}

/// An entry of the audit log, at its position.
public struct AuditRecord: Sendable, Equatable {
    public let position: Int64
    public let entry: AuditEntry

    public init(position: Int64, entry: AuditEntry) {
        self.position = position
        self.entry = entry
    }
}
