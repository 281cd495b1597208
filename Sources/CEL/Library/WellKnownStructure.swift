/// The messages of protocol buffers that stand for plain values. No other messages exist here.
enum WellKnownStructure: String, Sendable {
    case boolValue = "google.protobuf.BoolValue"
    case int32Value = "google.protobuf.Int32Value"
    case int64Value = "google.protobuf.Int64Value"
    case uint32Value = "google.protobuf.UInt32Value"
    case uint64Value = "google.protobuf.UInt64Value"
    case floatValue = "google.protobuf.FloatValue"
    case doubleValue = "google.protobuf.DoubleValue"
    case stringValue = "google.protobuf.StringValue"
    case bytesValue = "google.protobuf.BytesValue"
    case timestamp = "google.protobuf.Timestamp"
    case duration = "google.protobuf.Duration"
    case value = "google.protobuf.Value"
    case structure = "google.protobuf.Struct"
    case listValue = "google.protobuf.ListValue"

    /// The value that a structure with these fields stands for.
    func value(of fields: [String: Value]) throws(EvaluationError) -> Value {
        if let unknown = fields.keys.sorted().first(where: { !fieldNames.contains($0) }) { throw .invalid("\(rawValue) has no field '\(unknown)'") }
        let given = fields["value"]
        switch (self, given) {
        case (.boolValue, nil): return .bool(false)
        case (.boolValue, .bool): return given ?? .null
        case (.int32Value, nil), (.int64Value, nil): return .int(0)
        case (.int32Value, .int(let number)):
            guard Int32(exactly: number) != nil else { throw .overflow("int32") }
            return .int(number)
        case (.int64Value, .int(let number)): return .int(number)
        case (.uint32Value, nil), (.uint64Value, nil): return .uint(0)
        case (.uint32Value, .uint(let number)):
            guard UInt32(exactly: number) != nil else { throw .overflow("uint32") }
            return .uint(number)
        case (.uint64Value, .uint(let number)): return .uint(number)
        case (.floatValue, nil), (.doubleValue, nil): return .double(0)
        case (.floatValue, .double(let number)): return .double(Double(Float(number)))
        case (.doubleValue, .double(let number)): return .double(number)
        case (.stringValue, nil): return .string("")
        case (.stringValue, .string(let text)): return .string(text)
        case (.bytesValue, nil): return .bytes([])
        case (.bytesValue, .bytes(let bytes)): return .bytes(bytes)
        case (.timestamp, _), (.duration, _): return try time(fields)
        case (.value, _), (.structure, _), (.listValue, _): return try json(fields)
        default: throw .noSuchOverload(rawValue, arguments: given.map { [$0] } ?? [])
        }
    }

    private var fieldNames: Set<String> {
        switch self {
        case .timestamp, .duration: ["seconds", "nanos"]
        case .value: ["null_value", "number_value", "string_value", "bool_value", "struct_value", "list_value"]
        case .structure: ["fields"]
        case .listValue: ["values"]
        default: ["value"]
        }
    }

    private func time(_ fields: [String: Value]) throws(EvaluationError) -> Value {
        guard case .int(let seconds) = fields["seconds"] ?? .int(0), case .int(let nanoseconds) = fields["nanos"] ?? .int(0) else {
            throw .noSuchOverload(rawValue, arguments: Array(fields.values))
        }
        if self == .timestamp {
            guard let nanoseconds = Int32(exactly: nanoseconds), let timestamp = Timestamp(seconds: seconds, nanoseconds: nanoseconds) else {
                throw .overflow("timestamp")
            }
            return .timestamp(timestamp)
        }
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = product.addingReportingOverflow(nanoseconds)
        guard !overflow, !carry else { throw .overflow("duration") }
        return .duration(DurationValue(nanoseconds: sum))
    }

    private func json(_ fields: [String: Value]) throws(EvaluationError) -> Value {
        guard let (name, value) = fields.first else { return self == .value ? .null : self == .structure ? .map(.empty) : .list([]) }
        guard fields.count == 1 else { throw .invalid("\(rawValue) takes one field") }
        switch (name, value) {
        case ("null_value", _): return .null
        case ("struct_value", .map(let members)), ("fields", .map(let members)):
            for key in members.keys {
                guard case .string = key else { throw .noSuchOverload(rawValue, value) }
            }
            return value
        case ("number_value", .double), ("string_value", .string), ("bool_value", .bool), ("list_value", .list), ("values", .list):
            return value
        default: throw .noSuchOverload(rawValue, value)
        }
    }
}
