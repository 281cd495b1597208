/// Reads server-sent events piece by piece, wherever the pieces are cut, and keeps of them only the data.
struct EventStreamParser {
    /// An event has more bytes than are accepted.
    struct TooLong: Error, Equatable {}

    /// The most bytes of a line, and of the data of one event.
    static let maximumLength = 1 << 20

    private let maximumLength: Int
    private var line: [UInt8] = []
    private var data: [UInt8] = []
    private var hasData = false
    /// A line feed behind a carriage return belongs to it, even when it comes in the next piece.
    private var skipsLineFeed = false
    private var isFirstLine = true

    init(maximumLength: Int = EventStreamParser.maximumLength) { self.maximumLength = maximumLength }

    /// Takes the next bytes.
    /// - Returns: the data of every event that they complete. An event that the stream's end cuts short is none.
    mutating func feed(_ bytes: some Sequence<UInt8>) throws(TooLong) -> [[UInt8]] {
        var events: [[UInt8]] = []
        for byte in bytes {
            let isBehindReturn = skipsLineFeed
            skipsLineFeed = false
            switch byte {
            case UInt8(ascii: "\n"):
                if !isBehindReturn { try endLine(into: &events) }
            case UInt8(ascii: "\r"):
                skipsLineFeed = true
                try endLine(into: &events)
            default:
                guard line.count < maximumLength else { throw TooLong() }
                line.append(byte)
            }
        }
        return events
    }

    private mutating func endLine(into events: inout [[UInt8]]) throws(TooLong) {
        if isFirstLine, line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
        isFirstLine = false
        defer { line.removeAll(keepingCapacity: true) }
        guard !line.isEmpty else {
            if hasData { events.append(data) }
            data = []
            hasData = false
            return
        }
        // A comment is a line with an empty name; the other names (event, id, retry) mean nothing here.
        let name = line.prefix { $0 != UInt8(ascii: ":") }
        guard name.elementsEqual("data".utf8) else { return }
        var value = line[name.endIndex...].dropFirst()
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        guard data.count + value.count < maximumLength else { throw TooLong() }
        if hasData { data.append(UInt8(ascii: "\n")) }
        data.append(contentsOf: value)
        hasData = true
    }
}
