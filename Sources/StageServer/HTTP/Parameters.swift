import HTTPTypes
import StageModel

/// The parameters of a request's query, decoded once. A `+` is a plus.
struct QueryParameters: Sendable {
    private(set) var values: [String: String] = [:]
    /// What could not be decoded, was given twice, or is not known.
    private(set) var faults: [PlacedFault] = []

    init(_ query: Substring?, known: [QueryParameter]) {
        for pair in (query ?? "").utf8.split(separator: UInt8(ascii: "&")) {
            let end = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            let encoded = (name: Substring(pair[..<end]), value: Substring(pair[end...].dropFirst()))
            guard let name = encoded.name.percentDecoded, let value = encoded.value.percentDecoded else {
                faults.append(Self.fault(String(encoded.name), "Is not percent-encoded UTF-8."))
                continue
            }
            guard let parameter = known.first(where: { $0.name == name }) else {
                let names = known.isEmpty ? "this path takes no parameters" : "known are \(known.map(\.name).joined(separator: ", "))"
                faults.append(Self.fault(name, "Is not known here; \(names)."))
                continue
            }
            guard values.updateValue(value, forKey: name) == nil else {
                faults.append(Self.fault(name, "Is given twice."))
                continue
            }
            if let message = parameter.fault(of: value) { faults.append(Self.fault(name, message)) }
        }
        for parameter in known where parameter.isRequired && values[parameter.name] == nil {
            faults.append(Self.fault(parameter.name, "Is missing: \(parameter.summary)"))
        }
    }

    static func fault(_ name: String, _ message: String) -> PlacedFault {
        PlacedFault(part: .query, fault: InputFault(.root.appending(name), message))
    }
}

/// A parameter that an operation takes in its query.
struct QueryParameter: Sendable {
    let name: String
    let schema: Schema
    let isRequired: Bool
    let summary: String

    init(_ name: String, _ schema: Schema, required: Bool = false, _ summary: String) {
        self.name = name
        self.schema = schema
        isRequired = required
        self.summary = summary
    }

    /// The value as the JSON that the schema describes.
    func json(of value: String) -> JSONValue {
        switch schema {
        case .integer: Int64(value).map(JSONValue.integer) ?? .string(value)
        case .boolean: value == "true" ? true : value == "false" ? false : .string(value)
        case .anything, .number, .text, .identifier, .conversationID, .fieldName, .timestamp, .choice, .array, .map, .object, .nullable, .named,
            .anyOf:
            .string(value)
        }
    }

    /// What is wrong with a value, or nil.
    func fault(of value: String) -> String? {
        guard !value.utf8.contains(0) else { return "Must not contain the character NUL." }
        return schema.faults(of: json(of: value), at: .root).first?.message
    }
}

extension Substring {
    /// The text with `%XX` decoded; nil when an escape is broken or the result is no UTF-8.
    var percentDecoded: String? {
        guard utf8.contains(UInt8(ascii: "%")) else { return String(self) }
        var bytes: [UInt8] = []
        var rest = utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst(), let low = rest.popFirst(),
                let value = UInt8(String(decoding: [high, low], as: UTF8.self), radix: 16), high != UInt8(ascii: "+"), high != UInt8(ascii: "-")
            else { return nil }
            bytes.append(value)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

extension String {
    /// The text as one part of a path or query.
    var percentEncoded: String {
        utf8.reduce(into: "") { result, byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: result.unicodeScalars.append(Unicode.Scalar(byte))
            default: result += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
    }
}

/// Where a page of a list goes on: bound to the list and its filters, so that another list's is noticed.
struct Cursor {
    /// The sort keys of the last item of the page before.
    let keys: [String]

    /// - Parameter scope: the path and the filters.
    func text(scope: String) -> String {
        JSONValue.array(([Self.digest(scope)] + keys).map(JSONValue.string)).jsonText.base64URL
    }

    /// - Returns: nil when the text is none of ours, or one of another list.
    init?(_ text: String, scope: String, keys count: Int) {
        guard let bytes = text.base64URLDecoded, let parts = (try? JSONValue(parsing: bytes))?.array?.compactMap(\.string),
            parts.count == count + 1, parts[0] == Self.digest(scope)
        else { return nil }
        keys = Array(parts.dropFirst())
    }

    init(keys: [String]) { self.keys = keys }

    /// FNV-1a with 64 bits: tells lists apart, keeps no secret.
    private static func digest(_ scope: String) -> String {
        String(scope.utf8.reduce(14_695_981_039_346_656_037 as UInt64) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }, radix: 36)
    }
}
