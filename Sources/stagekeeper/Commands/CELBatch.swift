import CEL
import Foundation

/// The lines of `stagekeeper cel --batch`.
enum CELBatch {
    private struct Refusal: Error {
        let message: String
    }

    /// The answer to one line.
    static func answer(_ line: String, bench: Int?) -> String {
        var id = "null"
        do {
            guard case .map(let request) = try Value(json: line) else { throw Refusal(message: "a line must be a JSON object") }
            if let given = request["id"] { id = json(given) }
            guard case .string(let expression) = request["expr"] else { throw Refusal(message: "'expr' must be a string") }
            var container = ""
            if case .string(let given) = request["container"] { container = given }
            var bindings = Bindings()
            if case .map(let given) = request["bindings"] {
                for (name, value) in given.entries {
                    if case .string(let name) = name { bindings[name] = try typed(value) }
                }
            }
            let environment = Environment(variables: bindings.names.map { VariableDeclaration($0, .dyn) }, container: container)
            let program = try environment.compileUnchecked(expression)
            let value = try program.evaluate(bindings)
            guard let bench else { return "{\"id\":\(id),\"value\":\(json(typed: value))}" }
            return "{\"id\":\(id),\"value\":\(json(typed: value)),\"evaluations_per_second\":\(rate(program, bindings, count: bench))}"
        } catch {
            return "{\"id\":\(id),\"error\":\(quoted(message(error)))}"
        }
    }

    /// How many times a second a program is evaluated.
    static func rate(_ program: Program, _ bindings: Bindings, count: Int) -> Int {
        let clock = ContinuousClock()
        let start = clock.now
        for _ in 0..<count { _ = try? program.evaluate(bindings) }
        let seconds = (clock.now - start) / .seconds(1)
        return Int(Double(count) / max(seconds, 1e-9))
    }

    private static func message(_ error: any Error) -> String {
        switch error {
        case let error as Refusal: error.message
        case let error as EvaluationError: error.message
        case let error as Diagnostics: error.description
        default: "\(error)"
        }
    }

    // MARK: Typed values

    /// The value that a typed JSON value stands for.
    private static func typed(_ json: Value) throws -> Value {
        guard case .map(let map) = json, map.count == 1, case .string(let type) = map.keys[0] else {
            throw Refusal(message: "a typed value is an object with one member")
        }
        let content = map.values[0]
        switch (type, content) {
        case ("null", _): return .null
        case ("bool", .bool), ("string", .string), ("int", .int), ("double", .double): return content
        case ("int", .string(let text)):
            if let number = Int64(text) { return .int(number) }
        case ("uint", .string(let text)):
            if let number = UInt64(text) { return .uint(number) }
        case ("uint", .int(let number)):
            if let number = UInt64(exactly: number) { return .uint(number) }
        case ("double", .int(let number)): return .double(Double(number))
        case ("double", .string(let text)):
            if let number = double(text) { return .double(number) }
        case ("bytes", .string(let text)):
            if let data = Data(base64Encoded: text) { return .bytes(Array(data)) }
        case ("list", .list(let elements)): return .list(try elements.map(typed))
        case ("map", .list(let entries)): return .map(MapValue(try entries.map(entry)))
        case ("timestamp", .string(let text)):
            if let timestamp = Timestamp(text) { return .timestamp(timestamp) }
        case ("duration", .string(let text)):
            if let duration = DurationValue(text) { return .duration(duration) }
        case ("type", .string(let name)): return .type(name)
        case ("optional", .null): return .optional(nil)
        case ("optional", _): return .optional(try typed(content))
        default: break
        }
        throw Refusal(message: "not a typed value of type '\(type)'")
    }

    private static func entry(_ json: Value) throws -> (Value, Value) {
        guard case .list(let pair) = json, pair.count == 2 else { throw Refusal(message: "an entry of a map is a list of a key and a value") }
        return (try typed(pair[0]), try typed(pair[1]))
    }

    private static func double(_ text: String) -> Double? {
        switch text {
        case "NaN": .nan
        case "inf", "+inf": .infinity
        case "-inf": -.infinity
        default: Double(text)
        }
    }

    /// A value as typed JSON.
    private static func json(typed value: Value) -> String {
        switch value {
        case .null: "{\"null\":null}"
        case .bool(let value): "{\"bool\":\(value)}"
        case .int(let number): "{\"int\":\"\(number)\"}"
        case .uint(let number): "{\"uint\":\"\(number)\"}"
        case .double(let number): "{\"double\":\(json(number))}"
        case .string(let text): "{\"string\":\(quoted(text))}"
        case .bytes(let bytes): "{\"bytes\":\"\(Data(bytes).base64EncodedString())\"}"
        case .list(let elements): "{\"list\":[\(elements.map(json(typed:)).joined(separator: ","))]}"
        case .map(let map):
            "{\"map\":[\(map.entries.map { "[\(json(typed: $0)),\(json(typed: $1))]" }.joined(separator: ","))]}"
        case .timestamp(let timestamp): "{\"timestamp\":\"\(timestamp)\"}"
        case .duration(let duration): "{\"duration\":\"\(duration)\"}"
        case .type(let name): "{\"type\":\(quoted(name))}"
        case .optional(let wrapped): "{\"optional\":\(wrapped.map(json(typed:)) ?? "null")}"
        // There is no typed form for these.
        case .ip(let address): "{\"string\":\"\(address)\"}"
        case .cidr(let block): "{\"string\":\"\(block)\"}"
        }
    }

    private static func json(_ number: Double) -> String {
        if number.isNaN { return "\"NaN\"" }
        if number.isInfinite { return number < 0 ? "\"-inf\"" : "\"inf\"" }
        return number.description
    }

    /// A plain JSON value, as it was read.
    private static func json(_ value: Value) -> String {
        switch value {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .int(let number): "\(number)"
        case .double(let number): json(number)
        case .string(let text): quoted(text)
        case .list(let elements): "[\(elements.map { json($0) }.joined(separator: ","))]"
        case .map(let map): "{\(map.entries.map { "\(json($0)):\(json($1))" }.joined(separator: ","))}"
        case .uint, .bytes, .timestamp, .duration, .type, .optional, .ip, .cidr: "null"
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{00}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
