import HTTPTypes
import StageEngine
import StageModel
import StageStore

/// Businesses: the operator's, by the platform key.
struct BusinessAPI: Sendable {
    let businesses: BusinessService

    private static let item = "/businesses/{business_id}"
    private static let body = Schema.named("BusinessDraft", .object([.required("business_name", .name, "What people call the business.")]))

    var operations: [Operation] {
        [
            Operation(
                id: "listBusinesses", method: .get, path: "/businesses", summary: "Lists all businesses in the order of their ids.",
                access: .platform, business: .none, query: Operation.pageParameters, answer: .page(of: Business.schema), handler: list),
            Operation(
                id: "createBusiness", method: .post, path: "/businesses",
                summary: "Creates a business with an owner's API key, which is shown this once.", access: .platform, business: .none,
                body: Self.body, success: .created,
                answer: .named(
                    "CreatedBusiness",
                    .object(Business.schema.properties + [.required("api_key", .text(1...200), "The owner's key; it is not shown again.")])),
                handler: create),
            Operation(
                id: "getBusiness", method: .get, path: Self.item, summary: "Answers a business.", access: .platform, business: .none,
                answer: Business.schema, handler: get),
            Operation(
                id: "replaceBusiness", method: .put, path: Self.item, summary: "Renames a business.", access: .platform, business: .none,
                body: Self.body, answer: Business.schema, handler: rename),
            Operation(
                id: "deleteBusiness", method: .delete, path: Self.item, summary: "Removes a business and all that is its, for good.",
                access: .platform, business: .none, success: .noContent, handler: delete),
        ]
    }

    private func list(_ call: Call) async throws -> Reply {
        let after = try call.cursor(keys: 1).flatMap { Business.ID($0.keys[0]) }
        let found = try await businesses.list(after: after, limit: call.limit + 1)
        return call.page(found, keys: { [$0.id.description] }) { $1.value($0) }
    }

    private func create(_ call: Call) async throws -> Reply {
        let name = try call.body.member("business_name", \.string)
        return Self.reply(
            try await businesses.create(name: name, actor: "platform", at: call.now, answering: call.answering(nil, Self.reply)))
    }

    @Sendable private static func reply(_ created: BusinessService.Created) -> Reply {
        var reply = Reply.json(status: .created) { json in
            created.business.encodeProperties(into: &json)
            json.field("api_key", created.secret)
        }
        reply.headers[.location] = "/businesses/\(created.business.id)"
        return reply
    }

    private func get(_ call: Call) async throws -> Reply { .json(try await businesses.business(try call.pathID("business_id"))) }

    private func rename(_ call: Call) async throws -> Reply {
        .json(
            try await businesses.rename(
                try call.pathID("business_id"), to: try call.body.member("business_name", \.string), actor: "platform", at: call.now,
                answering: call.answering { .json($0) }))
    }

    private func delete(_ call: Call) async throws -> Reply {
        try await businesses.delete(try call.pathID("business_id"), at: call.now, answering: call.answering { _ in .noContent })
        return .noContent
    }
}
