import HTTPTypes
import Hummingbird

/// Tells browsers of every answer what they must not do with it.
struct SecurityHeadersMiddleware: RouterMiddleware {
    /// Whether clients reach the server by TLS alone.
    let servesTLS: Bool

    /// For what is HTML and no page, which says its own: it loads nothing, and has its style in itself.
    private static let documentPolicy =
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    func handle(_ request: Request, context: StageContext, next: (Request, StageContext) async throws -> Response) async throws -> Response {
        var response = try await next(request, context)
        response.headers[.xContentTypeOptions] = "nosniff"
        if servesTLS { response.headers[.strictTransportSecurity] = "max-age=31536000" }
        let isHTML = response.headers[.contentType]?.hasPrefix("text/html") ?? false
        if isHTML, response.headers[.contentSecurityPolicy] == nil { response.headers[.contentSecurityPolicy] = Self.documentPolicy }
        // The address of a page may hold what is nobody else's business, such as a link to sign in with.
        if isHTML || response.status.kind == .redirection, response.headers[.referrerPolicy] == nil {
            response.headers[.referrerPolicy] = "same-origin"
        }
        if response.status == .tooManyRequests, response.headers[.retryAfter] == nil { response.headers[.retryAfter] = "60" }
        return response
    }
}

extension HTTPField.Name {
    static let strictTransportSecurity = Self("Strict-Transport-Security")!
}
