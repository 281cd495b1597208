import NIOCore
import StageEngine
import StageModel
import StageStore

/// A turn as it happens, as server-sent events. The turn goes on when the client has gone.
struct TurnStream: ReplyStream {
    /// To name stages and to mask data by.
    let flow: Flow
    let handle: @Sendable (@escaping TurnWatch) async throws -> HandledMessage

    func write(to connection: StreamConnection, _ send: (ByteBuffer) async throws -> Void) async throws {
        let (news, sender) = AsyncStream.makeStream(of: TurnNews.self)
        let turn = Task {
            defer { sender.finish() }
            return try await handle { sender.yield($0) }
        }
        var text = TurnEventText(flow: flow)
        try await send(ByteBuffer(string: ": the turn has begun\n\n"))
        for await item in news {
            if let events = text.events(for: item) { try await send(events) }
        }
        do {
            try await send(text.end(try await turn.value))
        } catch let error as IOError {
            throw error
        } catch {
            try await send(TurnEventText.event("error", Problem(any: error, faultsIn: .body).body(requestID: "")))
        }
    }
}

/// What a client is told of a turn, in its order.
struct TurnEventText {
    let flow: Flow
    private var stages = 0
    private var learned: [String: TurnOutcome.Learned] = [:]
    /// What was sent of the reply.
    private var reply = ""
    private var prompt: ModelPrompt?

    init(flow: Flow) { self.flow = flow }

    static func event(_ type: String, _ data: [UInt8]) -> ByteBuffer {
        var buffer = ByteBuffer(string: "event: \(type)\ndata: ")
        // JSON is written without line breaks.
        buffer.writeBytes(data)
        buffer.writeString("\n\n")
        return buffer
    }

    mutating func events(for news: TurnNews) -> ByteBuffer? {
        switch news {
        case .progress(let outcome): return progress(outcome)
        case .piece(let piece, let prompt):
            let isNext = self.prompt.map { $0 != prompt } ?? false
            self.prompt = prompt
            return say((isNext ? "\n\n" : "") + piece)
        case .anew: return reset()
        }
    }

    /// The rest of the reply, and the answer.
    mutating func end(_ message: HandledMessage) -> ByteBuffer {
        var buffer = ByteBuffer()
        if let whole = message.reply, whole != reply {
            if !whole.hasPrefix(reply) { buffer.writeImmutableBuffer(reset()) }
            buffer.writeImmutableBuffer(say(String(whole.dropFirst(reply.count))))
        }
        buffer.writeImmutableBuffer(Self.event("done", message.answer))
        return buffer
    }

    private mutating func progress(_ outcome: TurnOutcome) -> ByteBuffer? {
        var buffer = ByteBuffer()
        for stage in outcome.stages.dropFirst(stages) {
            let name = flow.stages[stage]?.name ?? ""
            let data = JSONWriter.bytes { json in
                json.object { json in
                    json.field("stage_id", stage)
                    json.field("stage_name", name)
                }
            }
            buffer.writeImmutableBuffer(Self.event("stage", data))
        }
        stages = max(stages, outcome.stages.count)
        let new = outcome.learned.filter { learned[$0.key] != $0.value }
        if !new.isEmpty {
            learned = outcome.learned
            let data = JSONWriter.bytes { json in
                json.object { json in
                    json.field(
                        "extracted",
                        object: { json in
                            for (name, value) in new.sorted(by: { $0.key < $1.key }) { json.field(name, value.masked(name, flow.sensitive)) }
                        })
                    json.field("missing_fields", array: outcome.missing)
                }
            }
            buffer.writeImmutableBuffer(Self.event("data", data))
        }
        return buffer.readableBytes == 0 ? nil : buffer
    }

    private mutating func say(_ text: String) -> ByteBuffer {
        reply += text
        return Self.event("reply", JSONWriter.bytes { json in json.object { $0.field("text", text) } })
    }

    private mutating func reset() -> ByteBuffer {
        self = TurnEventText(flow: flow)
        return Self.event("reset", Array("{}".utf8))
    }
}
