import HTTPTypes
import StageStore

/// A cookie for the whole site that no script can read: how it is read and written.
struct SiteCookie: Sendable {
    private let baseName: String
    private let seconds: Int
    /// Whether browsers may send it over plain http from anywhere, which needs another name: `__Host-` promises that they do not.
    let isInsecure: Bool

    /// The one that holds a browser's session, kept for as long as an unused session lasts.
    static func session(isInsecure: Bool) -> SiteCookie {
        SiteCookie(baseName: "stagekeeper", seconds: Int(Session.idleSeconds), isInsecure: isInsecure)
    }

    /// The one that carries what an action did over one redirect.
    static func flash(isInsecure: Bool) -> SiteCookie {
        SiteCookie(baseName: "stagekeeper-flash", seconds: 60, isInsecure: isInsecure)
    }

    var name: String { isInsecure ? baseName : "__Host-\(baseName)" }

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

    /// The `Set-Cookie` that has a browser keep a value.
    func setting(_ value: String) -> String { "\(name)=\(value); \(attributes); Max-Age=\(seconds)" }

    /// The `Set-Cookie` that has a browser forget it.
    var removal: String { "\(name)=; \(attributes); Max-Age=0" }

    private var attributes: String { "Path=/; \(isInsecure ? "" : "Secure; ")HttpOnly; SameSite=Lax" }

    private static func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" }
}
