import Hummingbird
import NIOCore
import Synchronization

/// A body that goes on for as long as there is something to tell.
protocol ReplyStream: Sendable {
    /// Writes the body, which ends when this returns.
    /// - Parameters:
    ///   - connection: tells when the client has gone.
    ///   - send: waits while the client is not ready for more; throws when there is no client any more.
    func write(to connection: StreamConnection, _ send: (ByteBuffer) async throws -> Void) async throws
}

/// The connection that a stream is written to.
final class StreamConnection: Sendable {
    private struct State {
        var isLeft = false
        var whenLeft: (@Sendable () -> Void)?
    }

    /// Closes the connection at once, whatever still waits to be sent.
    let cut: @Sendable () -> Void
    private let state = Mutex(State())

    init(cut: @escaping @Sendable () -> Void) { self.cut = cut }

    /// Sets what is done when the client goes, or does it when the client has gone.
    func whenLeft(_ body: @escaping @Sendable () -> Void) {
        let isLeft = state.withLock { state in
            state.whenLeft = body
            return state.isLeft
        }
        if isLeft { body() }
    }

    /// The stream has ended by itself: it does not matter any more when the client goes.
    func end() { state.withLock { $0.whenLeft = nil } }

    /// The client has gone, or asks for something else.
    func leave() {
        let body = state.withLock { state in
            defer { state.isLeft = true }
            return state.isLeft ? nil : state.whenLeft
        }
        body?()
    }
}

extension ResponseBody {
    /// - Parameters:
    ///   - request: its connection is watched for as long as the stream goes on, and closed afterwards.
    ///   - ended: called when nothing more is written, however that came about.
    init(_ stream: any ReplyStream, to request: Request, over channel: any Channel, ended: @escaping @Sendable () -> Void) {
        self.init { writer in
            defer { ended() }
            let connection = StreamConnection { channel.close(promise: nil) }
            try await request.body.consumeWithInboundCloseHandler { _ in
                // Before the watch ends, which looks as if the client had gone: the end of the body is still to be sent.
                defer { connection.end() }
                try await stream.write(to: connection) { try await writer.write($0) }
            } onInboundClosed: {
                connection.leave()
            }
            try await writer.finish(nil)
        }
    }
}
