/// A tenant. Everything belongs to exactly one.
public struct Business: Sendable, Equatable {
    public typealias ID = Identifier<Business>

    public let id: ID
    public var name: String
    /// Grows by one with every change of the business's configuration.
    public var flowRevision: Int64
    public let createdAt: Timestamp
    public var updatedAt: Timestamp

    public init(id: ID, name: String, flowRevision: Int64, createdAt: Timestamp, updatedAt: Timestamp) {
        self.id = id
        self.name = name
        self.flowRevision = flowRevision
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    public static let schema = Schema.named(
        "Business",
        .object([
            .required("business_id", .identifier, "The id of the business."),
            .required("business_name", .name, "What people call it."),
            .required("flow_revision", .integer(0...Int64.max), "Grows by one with every change of the configuration."),
            .required("created_at", .timestamp, "When it was created, in UTC."),
            .required("updated_at", .timestamp, "When it was last changed, in UTC."),
        ]))
}

extension Business: JSONEncodable {
    public func encode(into json: inout JSONWriter) {
        json.object { encodeProperties(into: &$0) }
    }

    /// Writes the members into an object that is open.
    public func encodeProperties(into json: inout JSONWriter) {
        json.field("business_id", id)
        json.field("business_name", name)
        json.field("flow_revision", flowRevision)
        json.field("created_at", createdAt)
        json.field("updated_at", updatedAt)
    }
}
