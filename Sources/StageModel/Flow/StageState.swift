/// A stage's own state, apart from the conversations that are at it.
public struct StageState: Sendable, Equatable {
    public enum Status: String, CaseIterable, Sendable {
        case active
        /// Closed to conversations.
        case disabled
    }

    public var status = Status.active
    /// What operators keep with the stage.
    public var data: [String: JSONValue] = [:]
    /// How many times it was written; 0: never.
    public var version: Int64 = 0
    public var updatedAt: Timestamp?

    public init() {}

    /// That of a stage which was deleted and brought back: active, with nothing in it, and versions that go on.
    public init(lastVersion: Int64) { version = lastVersion }

    public init(status: Status, data: [String: JSONValue], version: Int64, updatedAt: Timestamp) {
        self.status = status
        self.data = data
        self.version = version
        self.updatedAt = updatedAt
    }
}
