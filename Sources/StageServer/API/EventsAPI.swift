import HTTPTypes
import NIOCore
import StageEngine
import StageModel
import StageStore

/// What is committed to conversations, as server-sent events.
struct EventsAPI: Sendable {
    let events: EventBroadcaster
    let doorkeeper: Doorkeeper
    let time: TimeSource

    var operations: [Operation] {
        [
            Operation(
                id: "followEvents", method: .get, path: "/events",
                summary: """
                    Streams every transition as it happens, as server-sent events of the type transition. A client that was cut goes on where \
                    it was by Last-Event-ID; what it then asks for and is not kept any more (7 days) is told by an event of the type reset.
                    """,
                access: .everyone,
                query: [
                    QueryParameter("stage_id", .identifier, "Only transitions into, out of and within this stage."),
                    QueryParameter("conversation_id", .conversationID, "Only transitions of this conversation."),
                    QueryParameter("agent_id", .identifier, "Only transitions of conversations that are held with this agent."),
                    QueryParameter(
                        "last_event_id", .integer(0...Int64.max),
                        "Where to go on, for clients that can't send the header Last-Event-ID, which comes first. Default: now."),
                ],
                answer: EventView.schema, answerType: "text/event-stream", isStream: true, handler: follow)
        ]
    }

    private func follow(_ call: Call) async throws -> Reply {
        let business = try call.caller.business
        try call.refuseBody()
        // Read before the answer begins: what is committed after that is not missed.
        let start = try await events.start(after: try call.lastEventID())
        var reply = Reply(headers: [.accelBuffering: "no"], contentType: "text/event-stream")
        if call.head.method != .head {
            let filter = EventFilter(
                conversation: call.query["conversation_id"].flatMap { ConversationID($0) }, stage: call.queryID("stage_id"),
                agent: call.queryID("agent_id"))
            reply.stream = EventStream(events: events, business: business, start: start, filter: filter) { [doorkeeper, time] in
                await doorkeeper.wouldAdmit(call.head, at: time.now())
            }
        }
        return reply
    }
}

/// The stream of one client.
private struct EventStream: ReplyStream {
    let events: EventBroadcaster
    let business: Business.ID
    let start: EventStart
    let filter: EventFilter
    let isStillAdmitted: @Sendable () async -> Bool

    func write(to connection: StreamConnection, _ send: (ByteBuffer) async throws -> Void) async throws {
        let subscriber = events.subscribe(to: business, from: start, filter: filter, cut: connection.cut)
        defer { events.unsubscribe(subscriber) }
        connection.whenLeft { subscriber.end(.gone) }
        while true {
            switch await subscriber.next() {
            case .begin(let position): try await send(EventText.begin(at: position))
            case .reset(let position): try await send(EventText.reset(at: position))
            case .events(let events): try await send(EventText.transitions(of: events))
            case .beat(let position):
                guard await isStillAdmitted() else { return try await send(EventText.comment("not admitted any more")) }
                try await send(EventText.beat(at: position))
            case .end(let ending):
                if let comment = ending.comment { try await send(EventText.comment(comment)) }
                return
            }
        }
    }
}

extension EventEnding {
    /// What is told to a client that can still be told something.
    fileprivate var comment: String? {
        switch self {
        case .tooSlow, .gone: nil
        case .shutdown: "the server is about to stop"
        case .unavailable: "the events can't be read at the moment"
        }
    }
}

extension Doorkeeper {
    /// Whether one who was let in with a request would still be; it is no use of a session.
    fileprivate func wouldAdmit(_ head: HTTPRequest, at now: Timestamp) async -> Bool {
        if let header = head.headerFields[.authorization] { return await access.isGood(key: String(header.dropFirst(7)), at: now) }
        guard let cookie = site.cookie.value(in: head.headerFields) else { return false }
        return await access.isGood(cookie: cookie, at: now)
    }
}

extension Call {
    /// Refuses a body. Nobody would read it, and behind what nobody reads a client can't be seen to go.
    fileprivate func refuseBody() throws(RequestError) {
        let fields = head.headerFields
        guard fields[.transferEncoding] == nil, fields[.contentLength].map({ $0 == "0" }) ?? true else {
            throw .malformed(code: "unexpected_body", message: "This takes no body.")
        }
    }

    /// The last event that the client has seen; nil: it is new.
    fileprivate func lastEventID() throws(RequestError) -> Int64? {
        guard let header = head.headerFields[.lastEventID] else { return query["last_event_id"].flatMap { Int64($0) } }
        guard let position = Int64(header), position >= 0 else {
            let fault = InputFault(.root.appending("Last-Event-ID"), "Must be the id of an event, a whole number.")
            throw .parameters([PlacedFault(part: .header, fault: fault)])
        }
        return position
    }
}

extension HTTPField.Name {
    fileprivate static let lastEventID = Self("Last-Event-ID")!
    static let accelBuffering = Self("X-Accel-Buffering")!
}
