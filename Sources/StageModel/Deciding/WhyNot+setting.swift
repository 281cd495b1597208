public import CEL

extension Bindings {
    /// These bindings with a value put in, with maps made on the way to its place where there are none; or with what is at the place taken away.
    public func setting(_ assignment: WhyNot.Assignment) -> Bindings {
        guard let name = assignment.path.first else { return self }
        var copy = self
        copy[name] = Self.put(assignment.value, at: assignment.path.dropFirst(), into: self[name])
        return copy
    }

    private static func put(_ value: CEL.Value?, at path: ArraySlice<String>, into container: CEL.Value?) -> CEL.Value? {
        guard let field = path.first else { return value }
        guard case .map(let map) = container else {
            // Where there is no map there is nothing to take away.
            guard value != nil else { return container }
            return put(value, at: path.dropFirst(), into: nil).map { .map(MapValue(fields: [(key: field, value: $0)])) }
        }
        let inner = put(value, at: path.dropFirst(), into: map[field])
        guard let inner else { return .map(MapValue(map.entries.filter { $0.0 != .string(field) })) }
        return .map(MapValue(Array(map.entries) + [(.string(field), inner)]))
    }
}
