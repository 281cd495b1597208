extension JSONValue {
    /// A member that must be there.
    /// - Throws: the fault, when it is missing or can't be read.
    public func member<Value>(_ name: String, _ read: (JSONValue) -> Value?) throws(InvalidInput) -> Value {
        guard let value = try optional(name, read) else { throw InvalidInput(.root.appending(name), "Is missing.") }
        return value
    }

    /// A member that may be missing or null.
    /// - Throws: the fault, when it is there and can't be read.
    public func optional<Value>(_ name: String, _ read: (JSONValue) -> Value?) throws(InvalidInput) -> Value? {
        guard let member = self[name], !member.isNull else { return nil }
        guard let value = read(member) else { throw InvalidInput(.root.appending(name), "Can't be read.") }
        return value
    }
}

extension JSONValue {
    /// The value as an id.
    public func identifier<Entity>() -> Identifier<Entity>? { string.flatMap { Identifier($0) } }

    /// The value as a moment.
    public var timestamp: Timestamp? { string.flatMap { Timestamp($0) } }

    /// The value as a whole number of the usual size.
    public var int: Int? { integer.flatMap { Int(exactly: $0) } }
}
