extension JSONValue {
    /// Applies a JSON merge patch (RFC 7396): null deletes, objects merge, everything else replaces.
    public func merging(_ patch: JSONValue) -> JSONValue {
        guard case .object(let changes) = patch else { return patch }
        return .object((object ?? [:]).merging(patch: changes))
    }
}

extension [String: JSONValue] {
    /// Applies the members of a JSON merge patch (RFC 7396) to the members of an object.
    public func merging(patch: [String: JSONValue]) -> [String: JSONValue] {
        var result = self
        for (name, change) in patch {
            result[name] = change.isNull ? nil : (result[name] ?? .null).merging(change)
        }
        return result
    }
}
