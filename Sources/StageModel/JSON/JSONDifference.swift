/// One place at which two documents differ.
public struct JSONDifference: Equatable, Sendable {
    public let pointer: JSONPointer
    /// nil: the member was added.
    public let before: JSONValue?
    /// nil: the member was removed.
    public let after: JSONValue?
}

extension JSONValue {
    /// The places at which another document differs from this one, in the order of member names; arrays are compared as wholes.
    public func differences(from old: JSONValue, at pointer: JSONPointer = .root) -> [JSONDifference] {
        if self == old { return [] }
        guard case .object(let new) = self, case .object(let old) = old else {
            return [JSONDifference(pointer: pointer, before: old, after: self)]
        }
        return Set(new.keys).union(old.keys).sorted().flatMap { name -> [JSONDifference] in
            let place = pointer.appending(name)
            guard let after = new[name], let before = old[name] else {
                return [JSONDifference(pointer: place, before: old[name], after: new[name])]
            }
            return after.differences(from: before, at: place)
        }
    }
}
