import CLibPQ

/// Where a database is and who connects to it: a connection URI (`postgres://user:password@host:5432/name?sslmode=verify-full`) or libpq's
/// `host=… dbname=…`. What it leaves out, libpq takes from the usual `PG…` variables of the environment and the password file.
public struct PostgresURL: Sendable {
    /// With the password.
    let text: String
    private let shown: String

    /// Settings that are never shown.
    private static let secret: Set<String> = ["password", "sslpassword", "passfile", "sslkey"]

    /// - Throws: `.invalidConfiguration` when libpq can't read it, without quoting any of it.
    public init(_ text: String) throws(PostgresError) {
        // libpq takes a lone word for a database's name.
        guard text.contains("=") || text.contains("://") else {
            throw PostgresError(.invalidConfiguration, "the database URL is neither a postgres:// URI nor a list of key=value settings")
        }
        var fault: UnsafeMutablePointer<CChar>?
        defer { PQfreemem(fault) }
        guard !text.utf8.contains(0), let options = PQconninfoParse(text, &fault) else {
            let reason = fault.map { Self.withoutQuotes(String(cString: $0)) } ?? "it can't be parsed"
            throw PostgresError(.invalidConfiguration, "the database URL can't be used: \(reason)")
        }
        defer { PQconninfoFree(options) }
        var settings: [(name: String, value: String)] = []
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { settings.append((String(cString: keyword), String(cString: value))) }
            option += 1
        }
        self.text = text
        shown = Self.shown(settings)
    }

    /// libpq quotes what it could not read, which may be a part of the password.
    private static func withoutQuotes(_ message: String) -> String {
        let parts = message.split(separator: "\"", omittingEmptySubsequences: false)
        let words = parts.enumerated().map { $0.offset.isMultiple(of: 2) ? String($0.element) : "…" }
        return words.joined(separator: "\"").split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    private static func shown(_ settings: [(name: String, value: String)]) -> String {
        let values = Dictionary(settings.map { ($0.name, $0.value) }, uniquingKeysWith: { _, last in last })
        var text = "postgres://"
        if let user = values["user"] { text += user + "@" }
        text += values["host"] ?? values["hostaddr"] ?? ""
        if let port = values["port"] { text += ":" + port }
        if let name = values["dbname"] { text += "/" + name }
        let placed: Set<String> = ["user", "host", "port", "dbname"]
        let others = settings.filter { !placed.contains($0.name) && !secret.contains($0.name) }
        if !others.isEmpty { text += "?" + others.map { "\($0.name)=\($0.value)" }.joined(separator: "&") }
        return text
    }
}

extension PostgresURL: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The URL without its password.
    public var description: String { shown }
    public var debugDescription: String { shown }
    public var customMirror: Mirror { Mirror(self, children: ["url": shown]) }
}
