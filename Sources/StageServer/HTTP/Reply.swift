import HTTPTypes
import Hummingbird
import NIOCore
import StageEngine
import StageModel
import StageStore

/// An answer before it is sent.
struct Reply: Sendable {
    var status: HTTPResponse.Status = .ok
    var headers: [HTTPField.Name: String] = [:]
    var body = ByteBuffer()
    var contentType: String? = "application/json"
    /// What the answer goes on with; there is no other body then.
    var stream: (any ReplyStream)?

    static func json(_ value: some JSONEncodable, status: HTTPResponse.Status = .ok, etag: ETag? = nil) -> Reply {
        var reply = Reply(status: status, body: ByteBuffer(bytes: value.jsonBytes))
        reply.headers[.eTag] = etag?.description
        return reply
    }

    static func json(status: HTTPResponse.Status = .ok, _ write: (inout JSONWriter) -> Void) -> Reply {
        Reply(status: status, body: ByteBuffer(bytes: JSONWriter.bytes { json in json.object(write) }))
    }

    static let noContent = Reply(status: .noContent, contentType: nil)
}

/// The version of something, with the kind of thing that it is.
struct ETag: Equatable, CustomStringConvertible {
    enum Kind: String {
        case revision = "r"
        case stageState = "s"
        case conversation = "c"
    }

    let kind: Kind
    let number: Int64

    var description: String { "\"\(kind.rawValue)\(number)\"" }

    /// Reads `"r3"`; weak tags name nothing of ours.
    init?(_ text: Substring) {
        guard text.count >= 3, text.hasPrefix("\""), text.hasSuffix("\""), let kind = Kind(rawValue: String(text.dropFirst().prefix(1))),
            let number = Int64(text.dropFirst(2).dropLast())
        else { return nil }
        self.init(kind, number)
    }

    init(_ kind: Kind, _ number: Int64) {
        self.kind = kind
        self.number = number
    }
}

extension Call {
    /// The versions that `If-Match` allows.
    /// - Throws: `precondition_failed` when it names no version of such a thing.
    func ifMatch(_ kind: ETag.Kind) throws(EngineError) -> VersionCondition {
        guard let header = head.headerFields[.ifMatch] else { return .any }
        let tags = header.split(separator: ",").map { $0.trimming(while: \.isWhitespace) }
        if tags.contains("*") { return .existing }
        let versions = tags.compactMap { ETag($0) }.filter { $0.kind == kind }.map(\.number)
        guard versions.isEmpty else { return .oneOf(versions) }
        throw EngineError(.preconditionFailed, "If-Match must name a version of this, such as \(ETag(kind, 1)), not \(header).")
    }

    /// The answer to a read: 304 without a body when the reader has that version.
    func reply(_ reply: Reply, unless etag: ETag) -> Reply {
        var reply = reply
        reply.headers[.eTag] = etag.description
        guard let header = head.headerFields[.ifNoneMatch] else { return reply }
        let tags = header.split(separator: ",").map { $0.trimming(while: \.isWhitespace).trimmingPrefix("W/") }
        guard tags.contains(where: { $0 == "*" || ETag($0) == etag }) else { return reply }
        return Reply(status: .notModified, headers: reply.headers, contentType: nil)
    }

    /// The answer to a read of a conversation. One that has expired since its last version is not what a reader of that version knows.
    func reply(_ reply: Reply, of state: ConversationState) -> Reply {
        let etag = ETag(.conversation, state.version)
        guard state.hasExpired else { return self.reply(reply, unless: etag) }
        var reply = reply
        reply.headers[.eTag] = etag.description
        return reply
    }

    /// Makes the answer that is kept with the commit, when the request has an idempotency key.
    func answering<Outcome>(
        _ conversation: ConversationID? = nil, _ reply: @escaping @Sendable (Outcome) -> Reply
    ) -> Answering<Outcome> {
        guard let claim else { return { _ in nil } }
        let (business, now) = (principalBusiness, now)
        return { outcome in
            let reply = reply(outcome)
            return IdempotentAnswer(
                scope: claim.scope, fingerprint: claim.fingerprint, business: business, conversation: conversation,
                status: Int(reply.status.code),
                headers: Dictionary(reply.headers.map { ($0.key.rawName, $0.value) }, uniquingKeysWith: { first, _ in first }),
                body: Array(reply.body.readableBytesView),
                at: now)
        }
    }
}

extension Reply {
    /// An answer that was kept.
    init(_ answer: IdempotentAnswer) {
        status = HTTPResponse.Status(code: answer.status)
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        headers[.idempotencyReplayed] = "true"
        body = ByteBuffer(bytes: answer.body)
        contentType = answer.body.isEmpty ? nil : "application/json"
    }
}

extension HTTPField.Name {
    static let requestID = Self("X-Request-Id")!
    static let idempotencyKey = Self("Idempotency-Key")!
    static let idempotencyReplayed = Self("Idempotency-Replayed")!
}

extension Substring {
    func trimming(while predicate: (Character) -> Bool) -> Substring {
        var result = self[...]
        while let first = result.first, predicate(first) { result.removeFirst() }
        while let last = result.last, predicate(last) { result.removeLast() }
        return result
    }
}
