/// What one line of the protocol says: a whole value, or what kind of value follows and how long it is.
enum RESPHeader: Equatable {
    enum StringKind: Equatable { case bulk, error, verbatim }

    enum Aggregate: Equatable { case array, set, map, push, attribute }

    enum Scan: Equatable {
        /// The line has no end yet; so many bytes need not be searched again.
        case incomplete(searched: Int)
        /// What the line says and how many bytes it takes with its end.
        case header(RESPHeader, length: Int)
        case fault(RESPFault)
    }

    case value(RESPValue)
    case string(StringKind, length: Int64)
    case aggregate(Aggregate, count: Int64)

    /// Reads the line that the bytes begin with.
    static func read(_ bytes: UnsafeRawBufferPointer, searched: Int, lineLimit: Int) -> Scan {
        guard let type = bytes.first else { return .incomplete(searched: 0) }
        guard isType(type) else { return .fault(.unknownType(type)) }
        var end = max(searched, 1)
        while end < bytes.count, bytes[end] != Self.lineFeed { end += 1 }
        // The type and the carriage return do not count.
        guard end - 2 <= lineLimit else { return .fault(.lineTooLong(limit: lineLimit)) }
        guard end < bytes.count else { return .incomplete(searched: end) }
        guard end >= 2, bytes[end - 1] == Self.carriageReturn else { return .fault(.missingLineEnd) }
        switch parse(type, UnsafeRawBufferPointer(rebasing: bytes[1..<end - 1])) {
        case .success(let header): return .header(header, length: end + 1)
        case .failure(let fault): return .fault(fault)
        }
    }

    private static let lineFeed: UInt8 = 10
    private static let carriageReturn: UInt8 = 13

    private static func isType(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: ":"), UInt8(ascii: "$"), UInt8(ascii: "*"), UInt8(ascii: "_"), UInt8(ascii: "#"),
            UInt8(ascii: ","), UInt8(ascii: "("), UInt8(ascii: "!"), UInt8(ascii: "="), UInt8(ascii: "%"), UInt8(ascii: "~"), UInt8(ascii: ">"),
            UInt8(ascii: "|"):
            true
        default: false
        }
    }

    private static func parse(_ type: UInt8, _ line: UnsafeRawBufferPointer) -> Result<RESPHeader, RESPFault> {
        switch type {
        case UInt8(ascii: "$"): string(.bulk, line)
        case UInt8(ascii: "*"): aggregate(.array, line)
        case UInt8(ascii: ":"): value(.integer, RESPNumber.integer(line).map(RESPValue.integer))
        case UInt8(ascii: "+"): .success(.value(.simpleString(Array(line))))
        case UInt8(ascii: "-"): .success(.value(.error(RESPError(String(decoding: line, as: UTF8.self)))))
        case UInt8(ascii: "_"): value(.null, line.isEmpty ? .null : nil)
        case UInt8(ascii: "#"): value(.boolean, boolean(line))
        case UInt8(ascii: ","): value(.double, RESPNumber.double(line).map(RESPValue.double))
        case UInt8(ascii: "("): value(.bigNumber, RESPNumber.digits(line).map(RESPValue.bigNumber))
        case UInt8(ascii: "!"): string(.error, line)
        case UInt8(ascii: "="): string(.verbatim, line)
        case UInt8(ascii: "%"): aggregate(.map, line)
        case UInt8(ascii: "~"): aggregate(.set, line)
        case UInt8(ascii: ">"): aggregate(.push, line)
        case UInt8(ascii: "|"): aggregate(.attribute, line)
        default: .failure(.unknownType(type))
        }
    }

    private static func value(_ kind: RESPFault.Kind, _ value: RESPValue?) -> Result<RESPHeader, RESPFault> {
        value.map { .success(.value($0)) } ?? .failure(.malformed(kind))
    }

    private static func boolean(_ line: UnsafeRawBufferPointer) -> RESPValue? {
        guard line.count == 1 else { return nil }
        switch line[0] {
        case UInt8(ascii: "t"): return .boolean(true)
        case UInt8(ascii: "f"): return .boolean(false)
        default: return nil
        }
    }

    private static func string(_ kind: StringKind, _ line: UnsafeRawBufferPointer) -> Result<RESPHeader, RESPFault> {
        length(line, isNullable: kind == .bulk) { .string(kind, length: $0) }
    }

    private static func aggregate(_ kind: Aggregate, _ line: UnsafeRawBufferPointer) -> Result<RESPHeader, RESPFault> {
        length(line, isNullable: kind == .array) { .aggregate(kind, count: $0) }
    }

    /// Reads a length: digits, or `-1` where RESP2 says null by it.
    private static func length(
        _ line: UnsafeRawBufferPointer, isNullable: Bool, _ header: (Int64) -> RESPHeader
    ) -> Result<RESPHeader, RESPFault> {
        if line.count == 1, line[0] == UInt8(ascii: "?") { return .failure(.streamedValue) }
        guard let number = RESPNumber.integer(line), line.first != UInt8(ascii: "+") else { return .failure(.malformed(.length)) }
        if number == -1, isNullable { return .success(.value(.null)) }
        return line.first == UInt8(ascii: "-") ? .failure(.malformed(.length)) : .success(header(number))
    }
}

extension RESPHeader.Aggregate {
    var valuesPerEntry: Int {
        switch self {
        case .array, .set, .push: 1
        case .map, .attribute: 2
        }
    }

    /// The value that consists of these; an attribute is none and counts as null.
    func value(_ values: [RESPValue]) -> RESPValue {
        switch self {
        case .array: .array(values)
        case .set: .set(values)
        case .push: .push(values)
        case .map: .map(stride(from: 0, to: values.count - 1, by: 2).map { RESPPair(values[$0], values[$0 + 1]) })
        case .attribute: .null
        }
    }
}

extension RESPHeader.StringKind {
    func value(_ bytes: [UInt8]) throws(RESPFault) -> RESPValue {
        switch self {
        case .bulk: return .bulkString(bytes)
        case .error: return .error(RESPError(String(decoding: bytes, as: UTF8.self)))
        case .verbatim:
            let isASCII = bytes.prefix(3).allSatisfy { (33...126).contains($0) }
            guard bytes.count >= 4, bytes[3] == UInt8(ascii: ":"), isASCII else { throw .malformed(.verbatimString) }
            return .verbatimString(format: String(decoding: bytes[..<3], as: UTF8.self), Array(bytes[4...]))
        }
    }
}
