/// Numbers as the protocol writes them; nil for what is none.
enum RESPNumber {
    /// A sign or none, and digits, within 64 bits.
    static func integer(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        guard let first = bytes.first else { return nil }
        let isNegative = first == UInt8(ascii: "-")
        let start = isNegative || first == UInt8(ascii: "+") ? 1 : 0
        guard bytes.count > start else { return nil }
        var number: Int64 = 0
        for index in start..<bytes.count {
            guard let digit = digit(bytes[index]) else { return nil }
            let (tenfold, isTooLarge) = number.multipliedReportingOverflow(by: 10)
            // Below zero there is one number more than above, so they are counted on their own side.
            let (next, isBeyond) = isNegative ? tenfold.subtractingReportingOverflow(digit) : tenfold.addingReportingOverflow(digit)
            guard !isTooLarge, !isBeyond else { return nil }
            number = next
        }
        return number
    }

    /// A sign or none, and any number of digits, as text.
    static func digits(_ bytes: UnsafeRawBufferPointer) -> String? {
        guard let first = bytes.first else { return nil }
        let start = first == UInt8(ascii: "-") || first == UInt8(ascii: "+") ? 1 : 0
        guard bytes.count > start, bytes[start...].allSatisfy({ digit($0) != nil }) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A decimal number with or without fraction and exponent, `inf`, `-inf` or `nan`.
    static func double(_ bytes: UnsafeRawBufferPointer) -> Double? {
        let text = String(decoding: bytes, as: UTF8.self)
        switch text {
        case "inf", "+inf": return .infinity
        case "-inf": return -.infinity
        case "nan", "-nan": return .nan
        default:
            // Swift would also take hexadecimal numbers and other words.
            guard bytes.count <= 400, bytes.allSatisfy({ digit($0) != nil || isDecimalSign($0) }) else { return nil }
            return Double(text)
        }
    }

    private static func digit(_ byte: UInt8) -> Int64? {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) ? Int64(byte - UInt8(ascii: "0")) : nil
    }

    private static func isDecimalSign(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): true
        default: false
        }
    }
}
