extension Schema {
    /// Checks a value against the schema.
    /// - Throws: every fault that it has, in the order of the document's members.
    public func check(_ value: JSONValue) throws(InvalidInput) {
        let faults = faults(of: value, at: .root)
        guard faults.isEmpty else { throw InvalidInput(faults) }
    }

    /// Every fault of a value that stands at a place of a document.
    public func faults(of value: JSONValue, at place: JSONPointer) -> [InputFault] {
        switch self {
        case .anything: []
        case .named(_, let schema): schema.faults(of: value, at: place)
        case .nullable(let schema): value.isNull ? [] : schema.faults(of: value, at: place)
        case .anyOf(let schemas):
            schemas.contains { $0.faults(of: value, at: place).isEmpty } ? [] : [InputFault(place, "Fits none of the forms that it may have.")]
        case .array(let element, let count): arrayFaults(of: value, at: place, element, count)
        case .map(let member): mapFaults(of: value, at: place, member)
        case .object(let properties): objectFaults(of: value, at: place, properties)
        case .boolean, .integer, .number, .text, .identifier, .conversationID, .fieldName, .timestamp, .choice:
            accepts(value) ? [] : [InputFault(place, "Must be \(expectation), not \(Self.excerpt(of: value)).")]
        }
    }

    /// Whether a simple value fits a simple schema.
    private func accepts(_ value: JSONValue) -> Bool {
        switch self {
        case .boolean: value.bool != nil
        case .integer(let range): value.integer.map(range.contains) ?? false
        case .number: value.double != nil
        case .text(let count):
            value.string.map { count.contains($0.unicodeScalars.count) && (count.lowerBound == 0 || !$0.allSatisfy(\.isWhitespace)) } ?? false
        case .identifier: value.string.flatMap { Identifier<Never>($0) } != nil
        case .conversationID: value.string.flatMap { ConversationID($0) } != nil
        case .fieldName: value.string.map(Self.isFieldName) ?? false
        case .timestamp: value.string.flatMap { Timestamp($0) } != nil
        case .choice(let words): value.string.map(words.contains) ?? false
        case .anything, .array, .map, .object, .nullable, .named, .anyOf: faults(of: value, at: .root).isEmpty
        }
    }

    private static func isFieldName(_ text: String) -> Bool {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard (1...64).contains(text.utf8.count), let first = text.utf8.first, !digits.contains(first) else { return false }
        return text.utf8.allSatisfy { byte in
            let lower = byte | 0x20
            return digits.contains(byte) || byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(lower)
        }
    }

    /// What would be right, as it stands behind "Must be".
    private var expectation: String {
        switch self {
        case .boolean: "true or false"
        case .integer(let range) where range == Int64.min...Int64.max: "a whole number"
        case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .number: "a number"
        case .text(let count) where count.lowerBound == 0: "a string of at most \(count.upperBound) characters"
        case .text(let count): "a string of \(count.lowerBound) to \(count.upperBound) characters, not all blank"
        case .identifier: "a UUID such as 123e4567-e89b-42d3-a456-426614174000"
        case .conversationID: "a conversation id, \(ConversationID.rule)"
        case .fieldName: "a letter or underscore, then up to 63 letters, digits and underscores"
        case .timestamp: "a time in RFC 3339 such as 2026-01-31T12:00:00Z"
        case .choice(let words): "one of \(words.map { "'\($0)'" }.joined(separator: ", "))"
        case .array: "an array"
        case .map, .object: "an object"
        case .anything, .anyOf: "a value"
        case .nullable(let schema), .named(_, let schema): schema.expectation
        }
    }

    private func arrayFaults(of value: JSONValue, at place: JSONPointer, _ element: Schema, _ count: ClosedRange<Int>) -> [InputFault] {
        guard case .array(let elements) = value else { return [InputFault(place, "Must be an array, not \(Self.excerpt(of: value)).")] }
        guard count.contains(elements.count) else {
            return [InputFault(place, "Must have \(count.lowerBound) to \(count.upperBound) elements, not \(elements.count).")]
        }
        return elements.enumerated().flatMap { element.faults(of: $1, at: place.appending($0)) }
    }

    private func mapFaults(of value: JSONValue, at place: JSONPointer, _ member: Schema) -> [InputFault] {
        guard case .object(let members) = value else { return [InputFault(place, "Must be an object, not \(Self.excerpt(of: value)).")] }
        return members.keys.sorted().flatMap { name in member.faults(of: members[name] ?? .null, at: place.appending(name)) }
    }

    private func objectFaults(of value: JSONValue, at place: JSONPointer, _ properties: [Property]) -> [InputFault] {
        guard case .object(let members) = value else { return [InputFault(place, "Must be an object, not \(Self.excerpt(of: value)).")] }
        var faults: [InputFault] = []
        for property in properties {
            if let member = members[property.name] {
                faults += property.schema.faults(of: member, at: place.appending(property.name))
            } else if property.presence == .required {
                faults.append(InputFault(place.appending(property.name), "Is missing: must be \(property.schema.expectation)."))
            }
        }
        let known = Set(properties.map(\.name))
        for name in members.keys.sorted() where !known.contains(name) {
            faults.append(InputFault(place.appending(name), "Is not known here\(name.suggestion(among: known))."))
        }
        return faults
    }

    /// A value as an error message shows it: short, on one line.
    private static func excerpt(of value: JSONValue) -> String {
        switch value {
        case .null, .array, .object: return value.kind
        case .bool, .integer, .number, .string:
            let text = value.jsonText
            return text.count <= 60 ? text : "\(value.kind) of \(value.string?.unicodeScalars.count ?? 0) characters"
        }
    }
}

extension String {
    /// `; did you mean 'NAME'?` for the nearest of some names, or nothing when none is near.
    func suggestion(among names: some Sequence<String>) -> String {
        let nearest = names.map { (name: $0, distance: editDistance(to: $0)) }.min { ($0.distance, $0.name) < ($1.distance, $1.name) }
        guard let nearest, nearest.distance <= max(1, count / 3) else { return "" }
        return "; did you mean '\(nearest.name)'?"
    }

    /// The least number of characters to insert, delete or replace to turn one text into another (Levenshtein); for texts over 64 characters
    /// that number is not computed, they count as far apart.
    func editDistance(to other: String) -> Int {
        let left = Array(self.utf8)
        let right = Array(other.utf8)
        guard left.count <= 64, right.count <= 64 else { return .max }
        var row = Array(0...right.count)
        for (i, character) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, candidate) in right.enumerated() {
                let replaced = diagonal + (character == candidate ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = Swift.min(replaced, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[right.count]
    }
}
