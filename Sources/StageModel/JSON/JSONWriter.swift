/// Writes a JSON document as UTF-8, member by member, in the order of the calls.
public struct JSONWriter: Sendable {
    /// The document so far.
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false
    private var depth = 0
    private let isIndented: Bool

    /// - Parameter indented: two blanks a level and a line a member, for people; else no white space at all.
    public init(indented: Bool = false) {
        isIndented = indented
        bytes.reserveCapacity(512)
    }

    /// The document of one value.
    public static func bytes(_ body: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter()
        body(&writer)
        return writer.bytes
    }
}

/// Something that can be written as one JSON value.
public protocol JSONEncodable {
    func encode(into json: inout JSONWriter)
}

extension JSONEncodable {
    /// The JSON text of this value in UTF-8.
    public var jsonBytes: [UInt8] { JSONWriter.bytes { encode(into: &$0) } }

    /// The JSON text of this value.
    public var jsonText: String { String(decoding: jsonBytes, as: UTF8.self) }
}

// MARK: - Objects and arrays

extension JSONWriter {
    public mutating func object(_ body: (inout JSONWriter) -> Void) { container("{", "}", body) }

    public mutating func array(_ body: (inout JSONWriter) -> Void) { container("[", "]", body) }

    @inlinable
    public mutating func array(_ elements: some Sequence<some JSONEncodable>) {
        array { json in for element in elements { json.value(element) } }
    }

    /// The name of the member whose value is written next.
    public mutating func name(_ name: String) {
        separate()
        quote(name)
        bytes.append(UInt8(ascii: ":"))
        if isIndented { bytes.append(UInt8(ascii: " ")) }
        needsComma = false
    }

    @inlinable
    public mutating func field(_ name: String, _ value: (some JSONEncodable)?) {
        self.name(name)
        if let value { self.value(value) } else { null() }
    }

    public mutating func field(_ name: String, object body: (inout JSONWriter) -> Void) {
        self.name(name)
        object(body)
    }

    @inlinable
    public mutating func field(_ name: String, array elements: some Sequence<some JSONEncodable>) {
        self.name(name)
        array(elements)
    }

    private mutating func container(_ open: Unicode.Scalar, _ close: Unicode.Scalar, _ body: (inout JSONWriter) -> Void) {
        separateElement()
        bytes.append(UInt8(ascii: open))
        needsComma = false
        depth += 1
        let start = bytes.count
        body(&self)
        depth -= 1
        if bytes.count > start { newLine() }
        bytes.append(UInt8(ascii: close))
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        newLine()
    }

    /// Between the elements of an array; a member's value stands right behind its name.
    private mutating func separateElement() {
        guard depth > 0, bytes.last != UInt8(ascii: ":"), !(isIndented && bytes.last == UInt8(ascii: " ")) else { return }
        separate()
    }

    private mutating func newLine() {
        guard isIndented else { return }
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: depth * 2))
    }
}

// MARK: - Values

extension JSONWriter {
    @inlinable
    public mutating func value(_ value: some JSONEncodable) { value.encode(into: &self) }

    public mutating func null() { literal("null") }

    mutating func literal(_ text: String) {
        separateElement()
        bytes.append(contentsOf: text.utf8)
        needsComma = true
    }

    mutating func string(_ text: String) {
        separateElement()
        quote(text)
        needsComma = true
    }

    /// A string of so many bytes that need no escape.
    mutating func plainString(count: Int, _ write: ((Int, UInt8) -> Void) -> Void) {
        separateElement()
        bytes.append(UInt8(ascii: "\""))
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: count) { buffer in
            write { position, byte in buffer.initializeElement(at: position, to: byte) }
            bytes.append(contentsOf: buffer)
        }
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    private mutating func quote(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { utf8 in
            var start = 0
            for index in utf8.indices where utf8[index] < 0x20 || utf8[index] == UInt8(ascii: "\"") || utf8[index] == UInt8(ascii: "\\") {
                bytes.append(contentsOf: utf8[start..<index])
                escape(utf8[index])
                start = index + 1
            }
            bytes.append(contentsOf: utf8[start...])
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        case UInt8(ascii: "\n"): bytes.append(UInt8(ascii: "n"))
        case UInt8(ascii: "\r"): bytes.append(UInt8(ascii: "r"))
        case UInt8(ascii: "\t"): bytes.append(UInt8(ascii: "t"))
        default:
            bytes.append(contentsOf: "u00".utf8)
            for digit in [byte >> 4, byte & 15] {
                bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            }
        }
    }
}

extension String: JSONEncodable {
    public func encode(into json: inout JSONWriter) { json.string(self) }
}

extension Bool: JSONEncodable {
    public func encode(into json: inout JSONWriter) { json.literal(self ? "true" : "false") }
}

extension Int64: JSONEncodable {
    public func encode(into json: inout JSONWriter) { json.literal(String(self)) }
}

extension Int: JSONEncodable {
    public func encode(into json: inout JSONWriter) { json.literal(String(self)) }
}

extension Double: JSONEncodable {
    /// Infinities and not-a-number, which JSON does not have, are written as null.
    public func encode(into json: inout JSONWriter) { isFinite ? json.literal(description) : json.null() }
}

extension Identifier: JSONEncodable {
    public func encode(into json: inout JSONWriter) { json.plainString(count: 36) { write($0) } }
}

extension Timestamp: JSONEncodable {
    public func encode(into json: inout JSONWriter) { json.plainString(count: 27) { write($0) } }
}

extension ConversationID: JSONEncodable {
    public func encode(into json: inout JSONWriter) { json.string(description) }
}

extension JSONPointer: JSONEncodable {
    public func encode(into json: inout JSONWriter) { json.string(description) }
}

extension JSONValue: JSONEncodable {
    /// Members in the order of their names, so that equal values have equal texts.
    public func encode(into json: inout JSONWriter) {
        switch self {
        case .null: json.null()
        case .bool(let value): value.encode(into: &json)
        case .integer(let value): value.encode(into: &json)
        case .number(let value): value.encode(into: &json)
        case .string(let value): value.encode(into: &json)
        case .array(let elements): json.array(elements)
        case .object(let members): members.encode(into: &json)
        }
    }
}

extension [String: JSONValue]: JSONEncodable {
    public func encode(into json: inout JSONWriter) {
        json.object { json in
            if count > 1 {
                for name in keys.sorted() { json.field(name, self[name]) }
            } else {
                for (name, value) in self { json.field(name, value) }
            }
        }
    }
}
