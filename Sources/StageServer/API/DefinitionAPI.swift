import HTTPTypes
import NIOCore
import StageEngine
import StageModel
import StageStore

/// What every kind of definition has in common: list, create, read, replace, patch, delete, revisions, restore.
struct DefinitionAPI<Body: EditableDefinition>: Sendable {
    let configuration: ConfigurationService
    /// What the list may be filtered by, besides a text in the name.
    let filters: [QueryParameter]
    /// Whether a definition passes the filters.
    var accepts: @Sendable (Saved<Body>, Call) -> Bool = { _, _ in true }
    /// Whether reading asks for `business_id`, as the specification has it for stages.
    var business = Operation.BusinessParameter.optional
    /// What a saved definition is answered with besides itself.
    var remarks: @Sendable (Saved<Body>, Flow) -> [TemplateWarning]? = { _, _ in nil }

    private struct Encoding: Sendable {
        let revision: Int64
        let json: ByteBuffer
    }

    private let encodings = BoundedCache<Identifier<Body>, Encoding>(capacity: 16_384)

    init(configuration: ConfigurationService, filters: [QueryParameter] = []) {
        self.configuration = configuration
        self.filters = filters
    }

    private var kind: DefinitionKind { Body.kind }
    private var item: String { "/\(kind.path)/{\(kind.idName)}" }

    var operations: [Operation] {
        [
            Operation(
                id: "list\(kind.title)s", method: .get, path: "/\(kind.path)",
                summary: "Lists the \(kind.noun)s of a business in \(kind.order).", access: .readers, business: business,
                query: filters + [QueryParameter("q", .text(1...200), "A part of the name, in any case.")] + Operation.pageParameters,
                answer: .page(of: Body.savedSchema), handler: list),
            Operation(
                id: "create\(kind.title)", method: .post, path: "/\(kind.path)", summary: "Creates \(kind.article).", access: .editors,
                body: Body.draftSchema, answersETag: true, success: .created, answer: answerSchema, handler: create),
            Operation(
                id: "get\(kind.title)", method: .get, path: item, summary: "Answers \(kind.article).", access: .readers, business: business,
                answersETag: true, answer: Body.savedSchema, handler: get),
            Operation(
                id: "replace\(kind.title)", method: .put, path: item,
                summary: "Replaces \(kind.article).", access: .editors, body: Body.draftSchema, takesIfMatch: true, answersETag: true,
                answer: answerSchema, handler: replace),
            Operation(
                id: "patch\(kind.title)", method: .patch, path: item,
                summary: "Changes some members of \(kind.article) by a JSON merge patch (RFC 7396).",
                access: .editors, body: Body.draftSchema.patch, takesIfMatch: true, answersETag: true, answer: answerSchema, handler: patch),
            Operation(
                id: "delete\(kind.title)", method: .delete, path: item,
                summary: "Deletes \(kind.article) that nothing refers to.", access: .editors,
                query: kind == .stage ? [QueryParameter("move_to", .identifier, "The stage that the conversations move to that are here.")] : [],
                takesIfMatch: true, success: .noContent, handler: delete),
            Operation(
                id: "list\(kind.title)Revisions", method: .get, path: "\(item)/revisions",
                summary: "Lists every saved body of \(kind.article), newest first, each with what it changed.", access: .readers,
                query: Operation.pageParameters, answer: .page(of: Self.revisionSchema), handler: revisions),
            Operation(
                id: "restore\(kind.title)", method: .post, path: "\(item)/restore",
                summary: "Saves an earlier body of \(kind.article) as the newest; brings a deleted one back.",
                access: .editors,
                body: .named("Restore", .object([.required("revision", .integer(1...Int64.max), "The revision whose body is to be saved again.")])),
                takesIfMatch: true, answersETag: true, answer: answerSchema, handler: restore),
        ]
    }

    // MARK: - Handlers

    private func list(_ call: Call) async throws -> Reply {
        let flow = try await configuration.flow(of: try call.caller.business)
        let wanted = call.query["q"]?.lowercased()
        let after = try call.cursor(keys: 2)
        let found = Body.catalogue(of: flow).all.lazy.filter { definition in
            if let after, let id = Identifier<Body>(after.keys[1]) {
                guard Catalogue.precedes((after.keys[0], id), (definition.sortKey, definition.id)) else { return false }
            }
            return (wanted.map { definition.name.lowercased().contains($0) } ?? true) && accepts(definition, call)
        }
        return call.page(Array(found.prefix(call.limit + 1)), keys: { [$0.sortKey, $0.id.description] }) { $1.value($0) }
    }

    private func create(_ call: Call) async throws -> Reply {
        try check(readOnly: call.body, against: nil)
        let flow = try await configuration.flow(of: try call.caller.business)
        let body = try Body(json: call.body)
        let saved = try await configuration.create(
            body, by: try call.caller, answering: call.answering { answer($0, flow, status: .created) })
        return answer(saved, flow, status: .created)
    }

    private func get(_ call: Call) async throws -> Reply {
        let saved: Saved<Body> = try await configuration.definition(try call.pathID(kind.idName), of: try call.caller.business)
        return call.reply(Reply(body: encoded(saved)), unless: ETag(.revision, saved.revision))
    }

    /// The definition as JSON, encoded once a revision.
    private func encoded(_ saved: Saved<Body>) -> ByteBuffer {
        if let known = encodings.value(for: saved.id), known.revision == saved.revision { return known.json }
        let json = ByteBuffer(bytes: saved.jsonBytes)
        encodings.set(Encoding(revision: saved.revision, json: json), for: saved.id)
        return json
    }

    private func replace(_ call: Call) async throws -> Reply {
        try await revise(call) { old throws(EngineError) in
            try check(readOnly: call.body, against: old)
            return try Self.read(call.body)
        }
    }

    private func patch(_ call: Call) async throws -> Reply {
        try await revise(call) { old throws(EngineError) in
            let current = try Self.document(of: old)
            let patched = current.merging(call.body)
            let faults = Body.draftSchema.faults(of: patched, at: .root)
            guard faults.isEmpty else { throw .invalid(faults) }
            try check(readOnly: patched, against: old)
            return try Self.read(patched)
        }
    }

    private func revise(_ call: Call, _ revise: (Saved<Body>) throws(EngineError) -> Body) async throws -> Reply {
        let flow = try await configuration.flow(of: try call.caller.business)
        let saved = try await configuration.replace(
            try call.pathID(kind.idName), ifRevision: try call.ifMatch(.revision), by: try call.caller,
            answering: call.answering { answer($0, flow) }, revise)
        return answer(saved, flow)
    }

    private func delete(_ call: Call) async throws -> Reply {
        let id: Identifier<Body> = try call.pathID(kind.idName)
        try await configuration.delete(
            id, ifRevision: try call.ifMatch(.revision), movingTo: call.queryID("move_to"), by: try call.caller,
            answering: call.answering { _ in .noContent })
        return .noContent
    }

    private func revisions(_ call: Call) async throws -> Reply {
        let id: Identifier<Body> = try call.pathID(kind.idName)
        let before = try call.cursor(keys: 1).flatMap { Int64($0.keys[0]) }
        // One more than the page and its successor's first, so that each has the one before it to be compared with.
        let found = try await configuration.revisions(of: id, in: try call.caller.business, before: before, limit: call.limit + 1)
        let previous = Dictionary(uniqueKeysWithValues: zip(found.map(\.revision), found.dropFirst()))
        return call.page(found, keys: { [String($0.revision)] }) { revision, json in
            Self.encode(revision, after: previous[revision.revision], into: &json)
        }
    }

    private func restore(_ call: Call) async throws -> Reply {
        let flow = try await configuration.flow(of: try call.caller.business)
        let saved: Saved<Body> = try await configuration.restore(
            try call.pathID(kind.idName), revision: try call.body.member("revision", \.integer), ifRevision: try call.ifMatch(.revision),
            by: try call.caller, answering: call.answering { answer($0, flow) })
        return answer(saved, flow)
    }

    // MARK: - Bodies

    /// The saved definition, with what the flow check says of the change, and remarks where its kind has some.
    private var answerSchema: Schema {
        var properties = Body.savedSchema.properties
        if Body.kind == .template { properties.append(.required("warnings", .array(of: TemplateAPI.warningSchema), "What may be a mistake.")) }
        properties.append(
            .required("findings", .array(of: Finding.schema, count: 0...1_000_000), "What the flow check says that it did not say before."))
        return .named("Saved\(kind.title)", .object(properties))
    }

    /// - Parameter flow: the one before the change.
    private func answer(_ saved: Saved<Body>, _ flow: Flow, status: HTTPResponse.Status = .ok) -> Reply {
        let changed = Body.saving(saved, in: flow)
        let findings = Finding.caused(by: changed.findings, from: flow.findings)
        let remarks = remarks(saved, flow)
        var reply = Reply.json(status: status) { json in
            saved.encodeProperties(into: &json)
            if let remarks { json.field("warnings", array: remarks) }
            json.field("findings", array: findings)
        }
        reply.headers[.eTag] = ETag(.revision, saved.revision).description
        if status == .created { reply.headers[.location] = "/\(kind.path)/\(saved.id)" }
        return reply
    }

    /// What the server sets may only be repeated.
    private func check(readOnly body: JSONValue, against old: Saved<Body>?) throws(EngineError) {
        let current = try old.map(Self.document)
        let names = [kind.idName, "created_at", "updated_at", "revision"]
        let faults = names.compactMap { name -> InputFault? in
            guard let given = body[name], !Self.repeats(given, current?[name]) else { return nil }
            let remedy = old == nil ? "the server sets it; leave it out" : "it can't be changed; leave it out or repeat it"
            return InputFault(.root.appending(name), "Is read-only: \(remedy).")
        }
        guard faults.isEmpty else { throw .invalid(faults) }
    }

    /// Whether a value repeats another, be it in another form: an id in capitals, a time with another offset.
    private static func repeats(_ given: JSONValue, _ current: JSONValue?) -> Bool {
        guard let current, given != current else { return given == current }
        if let time = given.timestamp { return time == current.timestamp }
        let (id, other): (Identifier<Body>?, Identifier<Body>?) = (given.identifier(), current.identifier())
        return id != nil && id == other
    }

    private static func document(of saved: Saved<Body>) throws(EngineError) -> JSONValue {
        do throws(JSONSyntaxError) { return try JSONValue(parsing: saved.jsonBytes) } catch {
            throw EngineError(.internalError, "The \(Body.kind.noun) can't be read.", debug: error.message)
        }
    }

    private static func read(_ json: JSONValue) throws(EngineError) -> Body {
        do throws(InvalidInput) { return try Body(json: json) } catch { throw .invalid(error.faults) }
    }

    private static var revisionSchema: Schema {
        .object([
            .required("revision", .integer(1...Int64.max), "Counts from 1."),
            .required("body", .nullable(.map(of: .anything)), "What was saved; null: it was deleted."),
            .required("author", .text(0...200), "Who saved it."),
            .required("at", .timestamp, "When, in UTC."),
            .required("flow_revision", .integer(0...Int64.max), "The revision of the flow that it made."),
            .required(
                "changes",
                .array(
                    of: .object([
                        .required("pointer", .text(0...10_000), "The place in the body."),
                        .required("before", .anything, "null: it was not there."), .required("after", .anything, "null: it is not there any more."),
                    ]), count: 0...1_000_000), "How it differs from the revision before."),
        ])
    }

    private static func encode(_ revision: Revision, after previous: Revision?, into json: inout JSONWriter) {
        json.object { json in
            json.field("revision", revision.revision)
            json.field("body", revision.body)
            json.field("author", revision.author)
            json.field("at", revision.at)
            json.field("flow_revision", revision.flowRevision)
            json.name("changes")
            json.array { json in
                let changes = revision.body.flatMap { body in previous?.body.map { body.differences(from: $0) } } ?? []
                for change in changes {
                    json.object { json in
                        json.field("pointer", change.pointer)
                        json.field("before", change.before)
                        json.field("after", change.after)
                    }
                }
            }
        }
    }
}

extension DefinitionKind {
    /// The kind behind its article: `a stage`, `an agent`.
    fileprivate var article: String { self == .agent ? "an agent" : "a \(noun)" }

    /// The order of lists, in words.
    fileprivate var order: String { self == .rule ? "the order in which they are tried" : "the order of name and id" }
}
