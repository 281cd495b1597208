/// The values of one statement as libpq wants them: all bytes in one buffer, and for each value its place and form.
struct ParameterBuffer {
    private static let textForm: Int32 = 0
    private static let binaryForm: Int32 = 1

    private var bytes: [UInt8] = []
    /// nil: the value is null.
    private var starts: [Int?] = []
    private var lengths: [Int32] = []
    private var forms: [Int32] = []

    /// - Parameter types: of the parameters, as the server told.
    /// - Throws: `.invalidValue` when there are more or fewer values than parameters, or one can't be sent.
    init(_ values: [PostgresValue], types: [PostgresType]) throws(PostgresError) {
        guard values.count == types.count else {
            throw PostgresError(.invalidValue, "the statement has \(types.count) parameters, but \(values.count) values are given")
        }
        for (index, (value, type)) in zip(values, types).enumerated() {
            let start = bytes.count
            switch try append(value, as: type, index) {
            case .null:
                starts.append(nil)
                forms.append(Self.textForm)
            case .text:
                guard !bytes[start...].contains(0) else {
                    throw PostgresError(.invalidValue, "the value of $\(index + 1) holds a zero byte, which no text of PostgreSQL's may")
                }
                // libpq finds the end of a text by this.
                bytes.append(0)
                starts.append(start)
                forms.append(Self.textForm)
            case .binary:
                starts.append(start)
                forms.append(Self.binaryForm)
            }
            guard let length = Int32(exactly: bytes.count - start) else {
                throw PostgresError(.invalidValue, "the value of $\(index + 1) is longer than 2 GiB")
            }
            lengths.append(length)
        }
    }

    /// Hands out what libpq wants: the number of values, their starts, lengths and forms.
    func withPointers<Value>(
        _ body: (Int32, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?) -> Value
    ) -> Value {
        bytes.withUnsafeBytes { buffer in
            // A value without bytes needs a place, too, when it is the only one.
            let base = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
            return withUnsafePointer(to: CChar(0)) { empty in
                let pointers = starts.map { start in start.map { (base ?? empty) + $0 } }
                return body(Int32(starts.count), pointers, lengths, forms)
            }
        }
    }

    private enum Form { case null, text, binary }

    private mutating func append(_ value: PostgresValue, as type: PostgresType, _ index: Int) throws(PostgresError) -> Form {
        switch (value, type) {
        case (.null, _): return .null
        case (.boolean(let value), .bool): bytes.append(value ? 1 : 0)
        case (.integer(let value), .int8): append(value)
        case (.integer(let value), .int4) where Int32(exactly: value) != nil: append(Int32(truncatingIfNeeded: value))
        case (.integer(let value), .int2) where Int16(exactly: value) != nil: append(Int16(truncatingIfNeeded: value))
        case (.double(let value), .float8): append(value.bitPattern)
        case (.text(let value), .text), (.text(let value), .varchar), (.text(let value), .json): bytes.append(contentsOf: value.utf8)
        case (.uuid(let value), .uuid): append(value)
        case (.timestamp(let value), .timestamptz), (.timestamp(let value), .timestamp):
            guard let stored = value.stored else {
                throw PostgresError(.invalidValue, "the time of $\(index + 1) is out of PostgreSQL's range")
            }
            append(stored)
        case (.bytes(let value), .bytea): bytes.append(contentsOf: value)
        case (.list(let values), let type):
            guard let element = type.element else { return try appendText(of: value, as: type, index) }
            try append(values, of: element, index)
        case (.text(let text), .uuid):
            guard let uuid = PostgresUUID(text) else { return try appendText(of: value, as: type, index) }
            append(uuid)
        default: return try appendText(of: value, as: type, index)
        }
        return .binary
    }

    private mutating func appendText(of value: PostgresValue, as type: PostgresType, _ index: Int) throws(PostgresError) -> Form {
        guard let text = value.text else {
            throw PostgresError(.invalidValue, "\(value.kind) can't be bound to $\(index + 1), which is of type \(type)")
        }
        bytes.append(contentsOf: text.utf8)
        return .text
    }

    /// An array of one dimension.
    private mutating func append(_ elements: [PostgresValue], of type: PostgresType, _ index: Int) throws(PostgresError) {
        append(Int32(elements.isEmpty ? 0 : 1))
        append(Int32(elements.contains(.null) ? 1 : 0))
        append(type.rawValue)
        guard !elements.isEmpty else { return }
        append(Int32(truncatingIfNeeded: elements.count))
        append(Int32(1))
        for element in elements {
            let place = bytes.count
            append(Int32(-1))
            switch try append(element, as: type, index) {
            case .null: break
            case .text:
                throw PostgresError(.invalidValue, "\(element.kind) can't be an element of $\(index + 1), which is a list of type \(type)")
            case .binary:
                withUnsafeBytes(of: Int32(truncatingIfNeeded: bytes.count - place - 4).bigEndian) { length in
                    for (offset, byte) in length.enumerated() { bytes[place + offset] = byte }
                }
            }
        }
    }

    /// In network order.
    private mutating func append<Number: FixedWidthInteger>(_ value: Number) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    private mutating func append(_ value: PostgresUUID) {
        append(value.high)
        append(value.low)
    }
}

extension PostgresValue {
    /// The value as the server reads it from text; nil where there is no such form.
    fileprivate var text: String? {
        switch self {
        case .null, .timestamp: nil
        case .boolean(let value): value ? "true" : "false"
        case .integer(let value): String(value)
        case .double(let value): value.isNaN ? "NaN" : value.isInfinite ? (value < 0 ? "-Infinity" : "Infinity") : String(value)
        case .text(let value): value
        case .uuid(let value): value.description
        case .bytes(let value):
            "\\x" + String(decoding: value.flatMap { [($0 >> 4).hexadecimalCharacter, ($0 & 15).hexadecimalCharacter] }, as: UTF8.self)
        case .list(let values): Self.list(values)
        }
    }

    private static func list(_ values: [PostgresValue]) -> String? {
        var elements: [String] = []
        for value in values {
            switch value {
            case .null: elements.append("NULL")
            case .list: return nil
            case .boolean, .integer, .double, .text, .uuid, .timestamp, .bytes:
                guard let text = value.text else { return nil }
                elements.append(quoted(text))
            }
        }
        return "{" + elements.joined(separator: ",") + "}"
    }

    /// An element of a list in double quotes, in which a backslash takes away the meaning of the next character.
    private static func quoted(_ text: String) -> String {
        let escaped = text.unicodeScalars.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined()
        return "\"\(escaped)\""
    }
}
