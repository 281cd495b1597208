/// Where a conversation is, and what was learned in it.
public struct ConversationState: Sendable, Equatable {
    public enum Status: String, CaseIterable, Sendable {
        case active, paused, completed
    }

    public let key: ConversationKey
    /// The persona that it is held with; fixed when it starts.
    public var agentID: Agent.ID?
    /// nil: not started, cleared or expired.
    public var stageID: Stage.ID?
    public var status = Status.active
    /// Grows by one with every commit and never goes back, not even when the conversation is erased and begun anew. 0: never written.
    public var version: Int64
    public var data = ConversationData()
    /// How often each stage was entered since the start.
    public var visits: [Stage.ID: Int] = [:]
    /// When the current stage was entered.
    public var enteredAt: Timestamp?
    /// When the current stage's timeout takes the conversation elsewhere, set on entry; nil: never.
    public var timeoutAt: Timestamp?
    /// The field that the last reply asked for; nil: none, or the conversation has moved since.
    public var askedField: String?
    /// How many messages were handled since the conversation was first written.
    public var turns: Int64 = 0
    public var createdAt: Timestamp
    public var updatedAt: Timestamp
    /// When the state is dropped unless something is written before; nil: never.
    public var expiresAt: Timestamp?
    /// Whether it reads as cleared though its expiry has not been recorded yet.
    public private(set) var hasExpired = false

    /// A conversation that never was, or that was erased at a version.
    public init(key: ConversationKey, version: Int64 = 0, at now: Timestamp) {
        self.key = key
        self.version = version
        createdAt = now
        updatedAt = now
    }

    public init(
        key: ConversationKey, agentID: Agent.ID?, stageID: Stage.ID?, status: Status, version: Int64, data: ConversationData,
        visits: [Stage.ID: Int], enteredAt: Timestamp?, timeoutAt: Timestamp? = nil, askedField: String? = nil, turns: Int64 = 0,
        createdAt: Timestamp, updatedAt: Timestamp, expiresAt: Timestamp?
    ) {
        self.key = key
        self.agentID = agentID
        self.stageID = stageID
        self.status = status
        self.version = version
        self.data = data
        self.visits = visits
        self.enteredAt = enteredAt
        self.timeoutAt = timeoutAt
        self.askedField = askedField
        self.turns = turns
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.expiresAt = expiresAt
    }

    /// Whether the state was to be dropped by now.
    public func isExpired(at now: Timestamp) -> Bool { expiresAt.map { $0 <= now } ?? false }

    /// Whether the current stage's time is up. That of a paused conversation waits.
    public func hasTimedOut(at now: Timestamp) -> Bool { status == .active && timeoutAt.map { $0 <= now } ?? false }

    /// The state as it reads at a moment: past its expiry it is that of a cleared conversation.
    public func reading(at now: Timestamp) -> ConversationState {
        guard isExpired(at: now) else { return self }
        var state = self
        state.clear()
        state.hasExpired = true
        return state
    }

    /// Forgets the stage, the data and the visits; who it is held with stays.
    mutating func clear() {
        stageID = nil
        status = .active
        data = ConversationData()
        visits = [:]
        enteredAt = nil
        timeoutAt = nil
        askedField = nil
        expiresAt = nil
    }
}

/// What was learned in a conversation: a part that is kept, and one that is dropped on leaving the current stage.
public struct ConversationData: Sendable, Equatable {
    /// The largest size of both parts together, as JSON in bytes.
    public static let maximumBytes = 64 << 10

    public var conversation: [String: JSONValue]
    public var stage: [String: JSONValue]

    public init(conversation: [String: JSONValue] = [:], stage: [String: JSONValue] = [:]) {
        self.conversation = conversation
        self.stage = stage
    }

    /// Both parts as conditions and templates see them: the stage's wins.
    public var merged: [String: JSONValue] { stage.isEmpty ? conversation : conversation.merging(stage) { $1 } }

    /// Applies a merge patch to the part that a scope names.
    mutating func merge(_ patch: [String: JSONValue], scope: StageConfiguration.Persistence.Scope) {
        switch scope {
        case .conversation: conversation = conversation.merging(patch: patch)
        case .stage: stage = stage.merging(patch: patch)
        case .none: break
        }
    }

    var byteCount: Int { conversation.jsonBytes.count + stage.jsonBytes.count }
}
