extension Value: CustomStringConvertible {
    /// The value as an expression would write it, as far as there is a way to; at most some kilobytes of it.
    public var description: String {
        var writer = Writer()
        writer.write(self, 0)
        return writer.text
    }

    private struct Writer {
        var text = ""
        /// Beyond this many bytes the rest is left out.
        private let most = 4096

        mutating func write(_ value: Value, _ depth: Int) {
            guard text.utf8.count < most, depth <= 16 else {
                text += "…"
                return
            }
            switch value {
            case .null: text += "null"
            case .bool(let value): text += value ? "true" : "false"
            case .int(let number): text += String(number)
            case .uint(let number): text += "\(number)u"
            case .double(let number):
                let digits = number.shortestText
                text += digits.utf8.allSatisfy { $0 == UInt8(ascii: "-") || (0x30...0x39).contains($0) } ? "\(digits).0" : digits
            case .string(let string): text += string.utf8.count > most ? "\(String(string.prefix(most)).quoted)…" : string.quoted
            case .bytes(let bytes): writeBytes(bytes)
            case .timestamp(let timestamp): text += "timestamp(\"\(timestamp)\")"
            case .duration(let duration): text += "duration(\"\(duration)\")"
            case .type(let name): text += name
            case .ip(let address): text += "ip(\"\(address)\")"
            case .cidr(let block): text += "cidr(\"\(block)\")"
            case .optional(nil): text += "optional.none()"
            case .optional(.some(let wrapped)):
                text += "optional.of("
                write(wrapped, depth + 1)
                text += ")"
            case .list(let elements):
                text += "["
                for (position, element) in elements.enumerated() where text.utf8.count < most {
                    if position > 0 { text += ", " }
                    write(element, depth + 1)
                }
                text += "]"
            case .map(let map):
                text += "{"
                for position in 0..<map.count where text.utf8.count < most {
                    if position > 0 { text += ", " }
                    write(map.keys[position], depth + 1)
                    text += ": "
                    write(map.values[position], depth + 1)
                }
                text += "}"
            }
        }

        private mutating func writeBytes(_ bytes: [UInt8]) {
            text += "b\""
            for byte in bytes.prefix(most) {
                switch byte {
                case 0x22, 0x5C: text += "\\\(Character(Unicode.Scalar(byte)))"
                case 0x20...0x7E: text.unicodeScalars.append(Unicode.Scalar(byte))
                default: text += "\\x\(byte < 16 ? "0" : "")\(String(byte, radix: 16))"
                }
            }
            text += "\""
        }
    }
}
