/// One value of a row, in binary form; its bytes are the result's and live as long as that.
public struct PostgresCell {
    public let type: PostgresType
    let bytes: UnsafeRawBufferPointer
    /// For messages.
    let column: Int

    /// The bytes as a number in network order.
    /// - Throws: `.unreadable` when there are more or fewer.
    func number<Number: FixedWidthInteger>(_: Number.Type = Number.self) throws(PostgresError) -> Number {
        guard bytes.count == MemoryLayout<Number>.size else { throw unreadable("a number of \(MemoryLayout<Number>.size) bytes") }
        return Number(bigEndian: bytes.loadUnaligned(as: Number.self))
    }

    func unreadable(_ wanted: String) -> PostgresError {
        PostgresError(.unreadable, "column \(column) is of type \(type) and can't be read as \(wanted)")
    }

    /// The elements of an array of one dimension; a null among them can't be read.
    func elements<Element: PostgresDecodable>(_: Element.Type = Element.self) throws(PostgresError) -> [Element] {
        var reader = ArrayReader(bytes: bytes)
        guard let dimensions = reader.integer(), reader.integer() != nil, let kind = reader.integer() else { throw unreadable("an array") }
        guard dimensions == 1 else {
            guard dimensions == 0 else { throw unreadable("an array of one dimension") }
            return []
        }
        guard let count = reader.integer(), count >= 0, reader.integer() != nil else { throw unreadable("an array") }
        var elements: [Element] = []
        for _ in 0..<count {
            guard let length = reader.integer(), let bytes = reader.take(Int(length)) else { throw unreadable("an array without nulls") }
            elements.append(
                try Element(PostgresCell(type: PostgresType(rawValue: UInt32(bitPattern: kind)), bytes: bytes, column: column)))
        }
        return elements
    }
}

/// Walks through the bytes of an array.
private struct ArrayReader {
    let bytes: UnsafeRawBufferPointer
    private var position = 0

    init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    mutating func integer() -> Int32? {
        guard let bytes = take(4) else { return nil }
        return Int32(bigEndian: bytes.loadUnaligned(as: Int32.self))
    }

    mutating func take(_ count: Int) -> UnsafeRawBufferPointer? {
        guard count >= 0, count <= bytes.count - position else { return nil }
        defer { position += count }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
    }
}
