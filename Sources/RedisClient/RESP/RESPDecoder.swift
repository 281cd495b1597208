import NIOCore

/// A reply with the bytes that it took on the wire.
struct RedisReply: Sendable {
    let value: RESPValue
    let byteCount: Int
}

/// Reads values from bytes that come in pieces of any size: feed bytes, take values.
///
/// Nothing is set aside for what a length or a count announces: memory grows with the bytes that have arrived, at most to `RESPLimits`.
struct RESPDecoder {
    /// A value that waits for the values within it.
    private struct Frame {
        let kind: RESPHeader.Aggregate
        var missing: Int
        var values: [RESPValue]
    }

    private let limits: RESPLimits
    private var buffer = ByteBuffer()
    private var stack: [Frame] = []
    /// How far the line that is not complete has been searched for its end.
    private var searched = 0
    /// A string whose header has been read.
    private var openString: (kind: RESPHeader.StringKind, length: Int)?
    /// How many values the present reply has announced, and how many bytes of it have been read.
    private var valueCount = 0
    private var replyLength = 0
    private var fault: RESPFault?
    /// How many bytes the value took that was taken last.
    private(set) var lastLength = 0

    init(limits: RESPLimits = RESPLimits()) { self.limits = limits }

    /// How many bytes wait for more to come.
    var bufferedByteCount: Int { buffer.readableBytes }

    mutating func feed(_ bytes: consuming ByteBuffer) {
        guard buffer.readableBytes > 0 else {
            buffer = bytes
            return
        }
        if buffer.readerIndex > buffer.capacity / 2 { buffer.discardReadBytes() }
        buffer.writeBuffer(&bytes)
    }

    /// Takes all values that are complete.
    /// - Throws: what is wrong with the bytes after them; the values are there all the same.
    mutating func drain(into replies: inout [RedisReply]) throws(RESPFault) {
        while let value = try next() { replies.append(RedisReply(value: value, byteCount: lastLength)) }
    }

    /// Takes the next value.
    /// - Returns: nil when more bytes are needed.
    /// - Throws: what is wrong with the bytes; from then on always the same.
    mutating func next() throws(RESPFault) -> RESPValue? {
        if let fault { throw fault }
        do throws(RESPFault) {
            while true {
                guard let value = try step() else { return nil }
                if let whole = place(value) {
                    lastLength = replyLength
                    valueCount = 0
                    replyLength = 0
                    return whole
                }
            }
        } catch {
            fault = error
            buffer = ByteBuffer()
            stack = []
            throw error
        }
    }

    /// Either a value that is complete in itself, or nothing of one yet.
    private enum Step {
        case value(RESPValue)
        /// An aggregate was opened, or an attribute without entries passed over.
        case opened
    }

    /// Reads one line, or the string that follows it.
    private mutating func step() throws(RESPFault) -> Step? {
        if let (kind, length) = openString {
            guard buffer.readableBytes >= length + 2 else { return nil }
            openString = nil
            return .value(try takeString(kind, length))
        }
        if valueCount == 0 { valueCount = 1 }
        let (start, lineLimit) = (searched, limits.lineLength)
        switch buffer.withUnsafeReadableBytes({ RESPHeader.read($0, searched: start, lineLimit: lineLimit) }) {
        case .incomplete(let searched):
            self.searched = searched
            if buffer.readableBytes == 0 { buffer = ByteBuffer() }
            return nil
        case .fault(let fault): throw fault
        case .header(let header, let length):
            try consume(length)
            return try open(header)
        }
    }

    private mutating func consume(_ length: Int) throws(RESPFault) {
        searched = 0
        replyLength += length
        guard replyLength <= limits.replyLength else { throw .replyTooLong(limit: limits.replyLength) }
        buffer.moveReaderIndex(forwardBy: length)
    }

    private mutating func open(_ header: RESPHeader) throws(RESPFault) -> Step? {
        switch header {
        case .value(let value): return .value(value)
        case .string(let kind, let length):
            guard length <= limits.stringLength else { throw .stringTooLong(length: length, limit: limits.stringLength) }
            guard Int(length) + 2 <= limits.replyLength - replyLength else { throw .replyTooLong(limit: limits.replyLength) }
            guard buffer.readableBytes >= Int(length) + 2 else {
                openString = (kind, Int(length))
                return nil
            }
            return .value(try takeString(kind, Int(length)))
        case .aggregate(let kind, let count):
            guard kind != .push || stack.isEmpty else { throw .nestedPush }
            let width = kind.valuesPerEntry
            // An attribute is not a value of its own; counting it keeps a server from sending them for ever.
            let extra = kind == .attribute ? 1 : 0
            let free = limits.valueCount - valueCount - extra
            guard count <= free / width else { throw .tooManyValues(limit: limits.valueCount) }
            let values = Int(count) * width
            valueCount += values + extra
            guard values > 0 else { return kind == .attribute ? .opened : .value(kind.value([])) }
            guard stack.count + 2 <= limits.depth else { throw .tooDeep(limit: limits.depth) }
            var frame = Frame(kind: kind, missing: values, values: [])
            // No value has fewer than three bytes, so no more than these can have come.
            frame.values.reserveCapacity(min(values, buffer.readableBytes / 3))
            stack.append(frame)
            return .opened
        }
    }

    private mutating func takeString(_ kind: RESPHeader.StringKind, _ length: Int) throws(RESPFault) -> RESPValue {
        let start = buffer.readerIndex
        guard buffer.getInteger(at: start + length, as: UInt16.self) == 0x0D0A else { throw .missingLineEnd }
        guard let bytes = buffer.getBytes(at: start, length: length) else { throw .malformed(.length) }
        try consume(length + 2)
        return try kind.value(bytes)
    }

    /// Puts a value where it belongs and closes all that it completes.
    /// - Returns: the value of the outermost level once that is complete.
    private mutating func place(_ step: Step) -> RESPValue? {
        guard case .value(var value) = step else { return nil }
        while let last = stack.indices.last {
            stack[last].values.append(value)
            stack[last].missing -= 1
            guard stack[last].missing == 0 else { return nil }
            let frame = stack.removeLast()
            // What an attribute says about the value that follows is of no use here.
            guard frame.kind != .attribute else { return nil }
            value = frame.kind.value(frame.values)
        }
        return value
    }
}
