import HTTPTypes
import Hummingbird

/// Refuses, before anything else looks at them, requests that two readers may take for different things.
///
/// The router would leave out empty segments: `//metrics` and `/metrics/` would lead past a proxy that keeps `/metrics` from the outside. A
/// compressed body would be one thing to whoever checks it on the way and another here; nothing is ever inflated.
struct PlainRequestMiddleware: RouterMiddleware {
    let dispatcher: Dispatcher
    let pageServer: PageServer

    func handle(_ request: Request, context: StageContext, next: (Request, StageContext) async throws -> Response) async throws -> Response {
        guard let error = Self.fault(of: request) else { return try await next(request, context) }
        guard Negotiation.prefersPage(request.headers[.accept]) else { return dispatcher.refuse(request, error) }
        return await pageServer.refuse(request, context, error)
    }

    private static func fault(of request: Request) -> RequestError? {
        if let coding = request.headers[.contentEncoding], coding.lowercased() != "identity" { return .codedBody }
        // Not of the form that clients send to proxies: http://host/path.
        let target = request.head.path ?? ""
        return hasEmptySegment(target.utf8.first == UInt8(ascii: "/") ? target : request.uri.path) ? .noSuchPath : nil
    }

    /// Whether there are two slashes side by side in a path, or one at its end, but for the path that is nothing else.
    static func hasEmptySegment(_ target: String) -> Bool {
        let slash = UInt8(ascii: "/")
        var previous: UInt8?
        var count = 0
        for byte in target.utf8 {
            if byte == UInt8(ascii: "?") { break }
            if byte == slash, previous == slash { return true }
            previous = byte
            count += 1
        }
        return count > 1 && previous == slash
    }
}
