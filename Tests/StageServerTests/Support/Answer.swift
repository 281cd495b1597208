import HTTPTypes
import HummingbirdTesting
import NIOCore
import StageModel

/// What the server answered, read.
struct Answer: Sendable {
    let status: Int
    let headers: HTTPFields
    let bytes: [UInt8]
    /// null when there is no JSON in the body.
    let json: JSONValue

    init(_ response: TestResponse) {
        status = Int(response.status.code)
        headers = response.headers
        bytes = Array(response.body.readableBytesView)
        json = (try? JSONValue(parsing: bytes)) ?? .null
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The value at a place in the body.
    subscript(pointer: String) -> JSONValue? { json.value(at: pointer) }

    subscript(header name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] } }

    /// The stable code of a problem.
    var code: String? { json["code"]?.string }

    /// The places that a problem names, sorted.
    var faults: [String] { (json["errors"]?.array ?? []).compactMap { $0["pointer"]?.string }.sorted() }

    /// The items of a list.
    var items: [JSONValue] { json["items"]?.array ?? [] }

    /// One member of each item of a list.
    func column(_ name: String) -> [String] { items.map { $0[name]?.string ?? $0[name]?.jsonText ?? "-" } }
}

extension JSONValue {
    /// The value at a place (RFC 6901).
    func value(at pointer: String) -> JSONValue? {
        pointer.split(separator: "/").reduce(Optional(self)) { value, part in
            switch value {
            case .array(let elements): Int(part).flatMap { elements.indices.contains($0) ? elements[$0] : nil }
            case .object(let members): members[String(part).replacing("~1", with: "/").replacing("~0", with: "~")]
            case .null, .bool, .integer, .number, .string, nil: nil
            }
        }
    }
}
