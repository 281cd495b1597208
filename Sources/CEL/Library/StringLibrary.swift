/// The extension library of strings. Positions and lengths count code points.
enum StringLibrary {
    static let functions: [Function] = [
        .member("charAt", .binary(charAt), .init([.string, .int], .string)),
        .member("indexOf", .variadic(indexOf), .init([.string, .string], .int), .init([.string, .string, .int], .int)),
        .member("lastIndexOf", .variadic(lastIndexOf), .init([.string, .string], .int), .init([.string, .string, .int], .int)),
        .member("lowerAscii", .unary(lowerAscii), .init([.string], .string)),
        .member("upperAscii", .unary(upperAscii), .init([.string], .string)),
        .member("replace", .variadic(replace), .init([.string, .string, .string], .string), .init([.string, .string, .string, .int], .string)),
        .member("split", .variadic(split), .init([.string, .string], .list(.string)), .init([.string, .string, .int], .list(.string))),
        .member("substring", .variadic(substring), .init([.string, .int], .string), .init([.string, .int, .int], .string)),
        .member("trim", .unary(trim), .init([.string], .string)),
        .member("join", .variadic(join), .init([.list(.string)], .string), .init([.list(.string), .string], .string)),
        .member("format", .binary(StringFormat.format), .init([.string, .list(.dyn)], .string)),
        .global("strings.quote", .unary(quote), .init([.string], .string)),
        // Lists share the name.
        .member("reverse", .unary(reverse), .init([.string], .string), .init([.list(.parameter("A"))], .list(.parameter("A")))),
    ]

    @Sendable static func charAt(_ value: Value, _ index: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        guard case .string(let text) = value, case .int(let index) = index else { throw .noSuchOverload("charAt", value, index) }
        try meter.charge(text.utf8.count)
        guard index >= 0, let start = text.byteOffset(ofScalar: Int(index)) else { throw .indexOutOfRange(index) }
        guard start < text.utf8.count else { return .string("") }
        let end = text.withBytes { bytes in
            var end = start + 1
            while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end += 1 }
            return end
        }
        return .string(text.cut(start..<end))
    }

    @Sendable static func indexOf(_ arguments: [Value], _ meter: inout Meter) throws(EvaluationError) -> Value {
        let (text, part, start) = try searchArguments("indexOf", arguments, &meter)
        guard let offset = text.byteOffset(ofScalar: start ?? 0) else { throw .indexOutOfRange(start ?? 0) }
        return position(text.withBytes { text in part.withBytes { firstOffset(of: $0, in: text, from: offset) } }, in: text)
    }

    @Sendable static func lastIndexOf(_ arguments: [Value], _ meter: inout Meter) throws(EvaluationError) -> Value {
        let (text, part, start) = try searchArguments("lastIndexOf", arguments, &meter)
        // The search compares the part at every position.
        for _ in 0..<(part.utf8.count >> 6) { try meter.charge(text.utf8.count) }
        var limit = text.utf8.count
        if let start {
            guard let offset = text.byteOffset(ofScalar: start) else { throw .indexOutOfRange(start) }
            limit = offset
        }
        return position(text.withBytes { text in part.withBytes { lastOffset(of: $0, in: text, notAfter: limit) } }, in: text)
    }

    private static func searchArguments(_ name: String, _ arguments: [Value], _ meter: inout Meter) throws(EvaluationError) -> (String, String, Int?)
    {
        guard case .string(let text) = arguments[0], case .string(let part) = arguments[1] else { throw .noSuchOverload(name, arguments: arguments) }
        try meter.charge(text.utf8.count * 2)
        guard arguments.count > 2 else { return (text, part, nil) }
        guard case .int(let start) = arguments[2] else { throw .noSuchOverload(name, arguments: arguments) }
        guard start >= 0 else { throw .indexOutOfRange(start) }
        return (text, part, Int(start))
    }

    /// A byte offset as a position in code points; -1 for none.
    private static func position(_ offset: Int?, in text: String) -> Value {
        guard let offset else { return .int(-1) }
        return .int(Int64(text.withBytes { bytes in bytes[..<offset].lazy.filter { $0 & 0xC0 != 0x80 }.count }))
    }

    @Sendable static func lowerAscii(_ value: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        try mapBytes("lowerAscii", value, &meter) { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 }
    }

    @Sendable static func upperAscii(_ value: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        try mapBytes("upperAscii", value, &meter) { (0x61...0x7A).contains($0) ? $0 - 0x20 : $0 }
    }

    private static func mapBytes(_ name: String, _ value: Value, _ meter: inout Meter, _ map: (UInt8) -> UInt8) throws(EvaluationError) -> Value {
        guard case .string(let text) = value else { throw .noSuchOverload(name, value) }
        try meter.charge(text.utf8.count)
        return .string(String(decoding: text.utf8.map(map), as: UTF8.self))
    }

    @Sendable static func replace(_ arguments: [Value], _ meter: inout Meter) throws(EvaluationError) -> Value {
        guard case .string(let text) = arguments[0], case .string(let old) = arguments[1], case .string(let new) = arguments[2] else {
            throw .noSuchOverload("replace", arguments: arguments)
        }
        var limit = Int64(-1)
        if arguments.count > 3 {
            guard case .int(let given) = arguments[3] else { throw .noSuchOverload("replace", arguments: arguments) }
            limit = given
        }
        try meter.charge(text.utf8.count)
        if limit == 0 { return arguments[0] }
        let (bytes, pattern, replacement) = (Array(text.utf8), Array(old.utf8), Array(new.utf8))
        var result: [UInt8] = []
        var offset = 0
        while limit != 0, let found = find(pattern, in: bytes, from: offset) {
            result += bytes[offset..<found]
            result += replacement
            try meter.spend(2 + replacement.count >> 4)
            if result.count > meter.maximumSize { try meter.admit(size: result.count) }
            limit -= 1
            offset = found + pattern.count
            // An empty pattern stands before every character and at the end.
            if pattern.isEmpty {
                guard offset < bytes.count else { return .string(String(decoding: result, as: UTF8.self)) }
                repeat {
                    result.append(bytes[offset])
                    offset += 1
                } while offset < bytes.count && bytes[offset] & 0xC0 == 0x80
            }
        }
        result += bytes[offset...]
        try meter.admit(size: result.count)
        return .string(String(decoding: result, as: UTF8.self))
    }

    private static func find(_ pattern: [UInt8], in bytes: [UInt8], from offset: Int) -> Int? {
        bytes.withUnsafeBufferPointer { bytes in pattern.withUnsafeBufferPointer { firstOffset(of: $0, in: bytes, from: offset) } }
    }

    @Sendable static func split(_ arguments: [Value], _ meter: inout Meter) throws(EvaluationError) -> Value {
        guard case .string(let text) = arguments[0], case .string(let separator) = arguments[1] else {
            throw .noSuchOverload("split", arguments: arguments)
        }
        var limit = Int64(-1)
        if arguments.count > 2 {
            guard case .int(let given) = arguments[2] else { throw .noSuchOverload("split", arguments: arguments) }
            limit = given
        }
        try meter.charge(text.utf8.count * 4)
        if limit == 0 { return .list([]) }
        if limit == 1 { return .list([arguments[0]]) }
        let most = limit < 0 ? Int.max : Int(limit)
        var parts: [Value] = []
        if separator.isEmpty {
            // Every character is a part.
            let scalars = text.unicodeScalars
            try meter.admit(size: text.utf8.count)
            try meter.spend(text.utf8.count * 2)
            var index = scalars.startIndex
            while index < scalars.endIndex, parts.count < most - 1 {
                parts.append(.string(String(Character(scalars[index]))))
                index = scalars.index(after: index)
            }
            if index < scalars.endIndex { parts.append(.string(String(scalars[index...]))) }
            return .list(parts)
        }
        let (bytes, pattern) = (Array(text.utf8), Array(separator.utf8))
        var offset = 0
        while parts.count < most - 1, let found = find(pattern, in: bytes, from: offset) {
            try meter.spend(4)
            parts.append(.string(String(decoding: bytes[offset..<found], as: UTF8.self)))
            offset = found + pattern.count
        }
        parts.append(.string(String(decoding: bytes[offset...], as: UTF8.self)))
        return .list(parts)
    }

    @Sendable static func substring(_ arguments: [Value], _ meter: inout Meter) throws(EvaluationError) -> Value {
        guard case .string(let text) = arguments[0], case .int(let start) = arguments[1] else {
            throw .noSuchOverload("substring", arguments: arguments)
        }
        try meter.charge(text.utf8.count)
        guard start >= 0, let from = text.byteOffset(ofScalar: Int(start)) else { throw .indexOutOfRange(start) }
        guard arguments.count > 2 else { return .string(text.cut(from..<text.utf8.count)) }
        guard case .int(let end) = arguments[2] else { throw .noSuchOverload("substring", arguments: arguments) }
        guard end >= 0, let to = text.byteOffset(ofScalar: Int(end)) else { throw .indexOutOfRange(end) }
        guard from <= to else { throw .invalid("invalid substring range. start: \(start), end: \(end)") }
        return .string(text.cut(from..<to))
    }

    @Sendable static func trim(_ value: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        guard case .string(let text) = value else { throw .noSuchOverload("trim", value) }
        try meter.charge(text.utf8.count)
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return .string("") }
        return .string(String(scalars[first...last]))
    }

    @Sendable static func join(_ arguments: [Value], _ meter: inout Meter) throws(EvaluationError) -> Value {
        guard case .list(let elements) = arguments[0] else { throw .noSuchOverload("join", arguments: arguments) }
        var separator = ""
        if arguments.count > 1 {
            guard case .string(let given) = arguments[1] else { throw .noSuchOverload("join", arguments: arguments) }
            separator = given
        }
        var result = ""
        for (position, element) in elements.enumerated() {
            guard case .string(let text) = element else { throw .noSuchOverload("join", element) }
            try meter.step()
            if position > 0 { result += separator }
            result += text
            try meter.admit(size: text.utf8.count + separator.utf8.count)
            if result.utf8.count > meter.maximumSize { try meter.admit(size: result.utf8.count) }
        }
        return .string(result)
    }

    @Sendable static func quote(_ value: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        guard case .string(let text) = value else { throw .noSuchOverload("strings.quote", value) }
        try meter.charge(text.utf8.count)
        return .string(text.quoted)
    }

    @Sendable static func reverse(_ value: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        switch value {
        case .string(let text):
            try meter.charge(text.utf8.count)
            return .string(String(String.UnicodeScalarView(text.unicodeScalars.reversed())))
        case .list(let elements):
            try meter.admit(size: elements.count)
            try meter.spend(elements.count / 4)
            return .list(elements.reversed())
        default: throw .noSuchOverload("reverse", value)
        }
    }
}

extension String {
    /// The string in double quotes, with escapes for quotes, backslashes and the control characters that have a letter.
    var quoted: String {
        var result = "\""
        for scalar in unicodeScalars {
            switch scalar {
            case "\u{07}": result += "\\a"
            case "\u{08}": result += "\\b"
            case "\u{0C}": result += "\\f"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{0B}": result += "\\v"
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
