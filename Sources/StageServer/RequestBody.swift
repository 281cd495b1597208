import Hummingbird
import NIOCore

extension Request {
    /// The whole body of a request.
    /// - Throws: `body_too_large`, or `broken_body` when it does not come to its end: only the other side can be the reason, which has gone away,
    ///   or does not frame it as HTTP has it. The connection is closed then.
    func wholeBody(upTo limit: Int) async throws(RequestError) -> ByteBuffer {
        do {
            return try await body.collect(upTo: limit)
        } catch is NIOTooManyBytesError {
            throw .bodyTooLarge(limit: limit)
        } catch {
            throw .malformed(code: "broken_body", message: "The body broke off, or is not framed as HTTP/1.1 has it.")
        }
    }
}
