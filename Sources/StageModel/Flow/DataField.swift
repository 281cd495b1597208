import CEL

/// A datum that a stage wants to learn.
public struct DataField: Sendable, Equatable {
    public enum Kind: String, CaseIterable, Sendable {
        case string, number, boolean, date, email
        case choice = "enum"
    }

    public var name: String
    public var kind: Kind
    public var isRequired: Bool
    /// An RE2 pattern that the whole value must match.
    public var pattern: String?
    /// For `enum`: the values to choose from.
    public var values: [String]
    public var description: String
    /// Sealed in the store and masked wherever it is shown.
    public var isSensitive: Bool
    private let fieldPattern: FieldPattern?

    /// The compiled pattern; nil when there is none or it is no pattern.
    var expression: RegularExpression? { fieldPattern?.expression }

    public init(
        name: String, kind: Kind = .string, isRequired: Bool = false, pattern: String? = nil, values: [String] = [],
        description: String = "", isSensitive: Bool = false
    ) {
        self.name = name
        self.kind = kind
        self.isRequired = isRequired
        self.pattern = pattern
        self.values = values
        self.description = description
        self.isSensitive = isSensitive
        fieldPattern = pattern.map(FieldPattern.init)
    }
}

extension DataField {
    public static let schema = Schema.named(
        "DataField",
        .object([
            .required("name", .fieldName, "What conditions and templates call it: data.NAME."),
            .optional("type", .choice(Kind.allCases.map(\.rawValue)), "What the value must be. Default: string."),
            .optional("required", .boolean, "Whether a form asks for it. Default: false."),
            .optional("pattern", .nullable(.text(1...1000)), "An RE2 pattern that the whole value must match."),
            .optional("values", .array(of: .text(1...200), count: 0...200), "For type enum: the values to choose from."),
            .optional("description", .text(0...1000), "What the field is, in words."),
            .optional("sensitive", .boolean, "Whether it is sealed in the store and masked wherever it is shown. Default: false."),
        ]))

    public init(json: JSONValue) throws(InvalidInput) {
        self.init(
            name: try json.member("name", \.string),
            kind: try json.optional("type") { $0.string.flatMap(Kind.init) } ?? .string,
            isRequired: try json.optional("required", \.bool) ?? false,
            pattern: try json.optional("pattern", \.string),
            values: (try json.optional("values", \.array) ?? []).compactMap(\.string),
            description: try json.optional("description", \.string) ?? "",
            isSensitive: try json.optional("sensitive", \.bool) ?? false)
    }

    /// What the schema can't say: every fault of the declaration by itself.
    func faults(at place: JSONPointer) -> [InputFault] {
        var faults: [InputFault] = []
        if let pattern, let error = Self.syntaxError(of: pattern) {
            faults.append(InputFault(place.appending("pattern"), "Is no RE2 pattern: \(error)."))
        }
        switch kind {
        case .choice where values.isEmpty:
            faults.append(InputFault(place.appending("values"), "A field of type enum needs at least one value."))
        case .string, .number, .boolean, .date, .email:
            if !values.isEmpty { faults.append(InputFault(place.appending("values"), "Only a field of type enum has values.")) }
        case .choice: break
        }
        if pattern != nil, kind == .number || kind == .boolean {
            faults.append(InputFault(place.appending("pattern"), "Only a field whose value is a string may have a pattern."))
        }
        return faults
    }

    /// What is wrong with a value for this field, or nil.
    public func fault(of value: JSONValue, at place: JSONPointer) -> InputFault? {
        guard accepts(value) else {
            return InputFault(place, "Must be \(expectation)\(isSensitive ? "" : ", not \(value.kind == "a string" ? value.jsonText : value.kind)").")
        }
        if let expression, let text = value.string, !expression.matchesWhole(text) {
            return InputFault(place, "Must match the pattern \(expression.pattern) as a whole.")
        }
        return nil
    }

    private func accepts(_ value: JSONValue) -> Bool {
        switch kind {
        case .string: value.string != nil
        case .boolean: value.bool != nil
        case .number: value.kind == "a number"
        case .date: value.string.map { Timestamp("\($0)T00:00:00Z") != nil || Timestamp($0) != nil } ?? false
        case .email: value.string.map(Self.isEmail) ?? false
        case .choice: value.string.map(values.contains) ?? false
        }
    }

    private var expectation: String {
        switch kind {
        case .string: "a string"
        case .boolean: "true or false"
        case .number: "a number"
        case .date: "a date such as 2026-01-31"
        case .email: "an e-mail address"
        case .choice: "one of \(values.map { "'\($0)'" }.joined(separator: ", "))"
        }
    }

    private static func isEmail(_ text: String) -> Bool {
        guard text.utf8.count <= 254, !text.unicodeScalars.contains(where: \.properties.isWhitespace) else { return false }
        let parts = text.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard parts.count == 2, (1...64).contains(parts[0].count) else { return false }
        let labels = parts[1].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return labels.count > 1 && labels.allSatisfy { !$0.isEmpty }
    }

    private static func syntaxError(of pattern: String) -> String? {
        do throws(RegularExpression.SyntaxError) {
            _ = try RegularExpression(pattern)
            return nil
        } catch {
            return error.description
        }
    }
}

extension DataField: JSONEncodable {
    public func encode(into json: inout JSONWriter) {
        json.object { json in
            json.field("name", name)
            json.field("type", kind.rawValue)
            json.field("required", isRequired)
            json.field("pattern", pattern)
            json.field("values", array: values)
            json.field("description", description)
            json.field("sensitive", isSensitive)
        }
    }
}
