/// A JSON document that may be wrong: names can be there twice, and what is no object or array is any text.
public indirect enum LooseJSON: Sendable {
    /// A member of an object; its name as it is written, with its quotes.
    public struct Member: Sendable {
        public var name: String
        public var value: LooseJSON
    }

    case raw(String)
    case array([LooseJSON])
    case object([Member])

    /// Reads a document that is none of those.
    public init(_ text: String) {
        var reader = LooseReader(bytes: Array(text.utf8))
        self = reader.value()
    }

    /// The document as it is sent.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        write(into: &bytes)
        return bytes
    }

    private func write(into bytes: inout [UInt8]) {
        switch self {
        case .raw(let text): bytes += text.utf8
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                element.write(into: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                bytes += member.name.utf8
                bytes.append(UInt8(ascii: ":"))
                member.value.write(into: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    /// How many values there are, itself among them.
    public var count: Int {
        switch self {
        case .raw: 1
        case .array(let elements): elements.reduce(1) { $0 + $1.count }
        case .object(let members): members.reduce(1) { $0 + $1.value.count }
        }
    }

    /// Hands out the value of a number, counted from 0 in the order of the text, to be changed.
    /// - Parameter number: less than 0 once it was found.
    mutating func visit(_ number: inout Int, _ change: (inout LooseJSON) -> Void) {
        number -= 1
        guard number >= 0 else { return change(&self) }
        switch self {
        case .raw: break
        case .array(var elements):
            for index in elements.indices where number >= 0 { elements[index].visit(&number, change) }
            self = .array(elements)
        case .object(var members):
            for index in members.indices where number >= 0 { members[index].value.visit(&number, change) }
            self = .object(members)
        }
    }
}

private struct LooseReader {
    let bytes: [UInt8]
    private var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func value() -> LooseJSON {
        skip(" \n\r\t")
        switch current {
        case UInt8(ascii: "{"):
            position += 1
            var members: [LooseJSON.Member] = []
            while goesOn(to: "}") {
                let name = token()
                skip(" \n\r\t:")
                members.append(LooseJSON.Member(name: name, value: value()))
            }
            return .object(members)
        case UInt8(ascii: "["):
            position += 1
            var elements: [LooseJSON] = []
            while goesOn(to: "]") { elements.append(value()) }
            return .array(elements)
        default: return .raw(token())
        }
    }

    private mutating func skip(_ marks: String) {
        while let byte = current, marks.utf8.contains(byte) { position += 1 }
    }

    /// Whether another element follows; else the end is behind.
    private mutating func goesOn(to end: Unicode.Scalar) -> Bool {
        skip(" \n\r\t,")
        guard let byte = current, byte != UInt8(ascii: end) else {
            position += 1
            return false
        }
        return true
    }

    /// A string, or what stands up to the next mark.
    private mutating func token() -> String {
        let start = position
        let isString = current == UInt8(ascii: "\"")
        position += 1
        while let byte = current {
            if isString, byte == UInt8(ascii: "\\") {
                position += 1
            } else if isString, byte == UInt8(ascii: "\"") {
                position += 1
                break
            } else if !isString, " \n\r\t,:]}".utf8.contains(byte) {
                break
            }
            position += 1
        }
        position = min(position, bytes.count)
        return String(decoding: bytes[min(start, position)..<position], as: UTF8.self)
    }
}
