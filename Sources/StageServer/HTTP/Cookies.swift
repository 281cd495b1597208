import HTTPTypes
import StageStore

/// The cookie that holds a browser's session: how it is read and written.
struct SessionCookie: Sendable {
    /// Whether browsers may send it over plain http from anywhere, which needs another name: `__Host-` promises that they do not.
    let isInsecure: Bool

    var name: String { isInsecure ? "stagekeeper" : "__Host-stagekeeper" }

    /// The value that a request carries: of several, the first. It is taken as it stands; percent signs and quotes mean nothing in it.
    func value(in fields: HTTPFields) -> String? {
        for field in fields[values: .cookie] {
            for pair in field.split(separator: ";") {
                let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                if parts.count == 2, parts[0].trimming(while: Self.isBlank) == name { return String(parts[1].trimming(while: Self.isBlank)) }
            }
        }
        return nil
    }

    /// The `Set-Cookie` that has a browser keep a value for as long as an unused session lasts.
    func setting(_ value: String) -> String { "\(name)=\(value); \(attributes); Max-Age=\(Session.idleSeconds)" }

    /// The `Set-Cookie` that has a browser forget it.
    var removal: String { "\(name)=; \(attributes); Max-Age=0" }

    private var attributes: String { "Path=/; \(isInsecure ? "" : "Secure; ")HttpOnly; SameSite=Lax" }

    private static func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" }
}
