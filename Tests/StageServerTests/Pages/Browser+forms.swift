import HTTPTypes
import HummingbirdTesting
import NIOCore
import StageModel
import Testing

@testable import StageServer

extension Browser {
    /// Sends a form as a page of ours does.
    /// - Parameter headers: in place of those that it sends; `-` leaves one out.
    @discardableResult
    func submit(_ path: String, _ fields: [String: String], _ headers: [String: String] = [:]) async throws -> Answer {
        let entries = ["csrf_token": token].merging(fields) { $1 }
        let body = entries.map { "\($0.percentEncoded)=\(server.expand($1).replacing("\n", with: "\r\n").percentEncoded)" }.joined(separator: "&")
        var own: HTTPFields = [
            .accept: "text/html", .cookie: "\(Self.name)=\(cookie)", .contentType: "application/x-www-form-urlencoded",
            try #require(HTTPField.Name("Origin")): "http://localhost",
        ]
        for (name, value) in headers { own[try #require(HTTPField.Name(name))] = value == "-" ? nil : value }
        return Answer(try await server.client.execute(uri: server.expand(path), method: .post, headers: own, body: ByteBuffer(string: body)))
    }
}

extension Answer {
    /// The texts of a page's areas whose names begin like this, in the order of the page.
    func areas(_ prefix: String) -> [String] {
        text.matches(of: #/<textarea[^>]* name="([^"]*)"[^>]*>\n([^<]*)<\/textarea>/#).filter { $0.1.hasPrefix(prefix) }.map { String($0.2) }
    }

    /// The fields that are marked as wrong, in the order of the page.
    var wrongFields: [String] { text.matches(of: #/ id="([^"]+)"[^>]*aria-invalid="true"/#).map { String($0.1) } }

    /// The value of a hidden field.
    func hidden(_ name: String) -> String? {
        text.matches(of: #/<input type="hidden" name="([^"]*)" value="([^"]*)">/#).first { $0.1 == name }.map { String($0.2) }
    }
}
