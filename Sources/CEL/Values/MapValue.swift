/// A key of a map. Equal numbers are the same key, whatever their type.
enum MapKey: Hashable, Sendable {
    case bool(Bool)
    case int(Int64)
    /// Only for numbers that an int can't hold.
    case uint(UInt64)
    case string(String)

    /// The key that a value stands for when a map is built or searched; nil when no map can hold such a key.
    init?(_ value: Value) {
        switch value {
        case .bool(let value): self = .bool(value)
        case .int(let value): self = .int(value)
        case .uint(let value): self = value <= UInt64(Int64.max) ? .int(Int64(value)) : .uint(value)
        case .string(let value): self = .string(value)
        case .double(let value):
            if let integer = Int64(exactly: value) {
                self = .int(integer)
            } else if let integer = UInt64(exactly: value) {
                self = .uint(integer)
            } else {
                return nil
            }
        case .null, .bytes, .list, .map, .timestamp, .duration, .type, .optional, .ip, .cidr: return nil
        }
    }

    static func == (left: MapKey, right: MapKey) -> Bool {
        switch (left, right) {
        case (.string(let left), .string(let right)): left.hasSameScalars(as: right)
        case (.int(let left), .int(let right)): left == right
        case (.uint(let left), .uint(let right)): left == right
        case (.bool(let left), .bool(let right)): left == right
        default: false
        }
    }

    func hash(into hasher: inout Hasher) {
        switch self {
        case .bool(let value): hasher.combine(value)
        case .int(let value): hasher.combine(value)
        case .uint(let value): hasher.combine(value)
        // Canonically equivalent strings share a hash; `==` tells them apart.
        case .string(let value): hasher.combine(value)
        }
    }
}

/// The name of a field, prepared for searches in maps.
struct FieldName: Sendable {
    let text: String
    let fingerprint: UInt64

    init(_ text: String) {
        self.text = text
        fingerprint = text.fingerprint
    }
}

/// An immutable map that keeps its entries in the order they were given.
///
/// Small maps are searched by fingerprints of their keys, larger ones by hash.
public struct MapValue: Sendable {
    /// From this many entries on a hash index pays.
    private static let indexedFrom = 17

    private final class Storage: Sendable {
        let keys: [Value]
        let values: [Value]
        /// Of the string keys; those of other keys mean nothing.
        let fingerprints: [UInt64]
        let index: [MapKey: Int]?

        init(keys: [Value], values: [Value], fingerprints: [UInt64], index: [MapKey: Int]?) {
            self.keys = keys
            self.values = values
            self.fingerprints = fingerprints
            self.index = index
        }
    }

    private let storage: Storage

    /// The keys, in order.
    public var keys: [Value] { storage.keys }
    /// The values, in the order of the keys.
    public var values: [Value] { storage.values }
    /// The number of entries.
    public var count: Int { storage.keys.count }
    /// Whether there is no entry.
    public var isEmpty: Bool { storage.keys.isEmpty }

    /// The entries, in order.
    public var entries: some Sequence<(Value, Value)> { zip(storage.keys, storage.values) }

    /// The map without entries.
    public static let empty = Builder().build()

    private init(_ storage: Storage) { self.storage = storage }

    /// Makes a map of entries; of keys that come twice, the last counts, and keys of other types than bool, int, uint and
    /// string are left out.
    public init(_ entries: some Sequence<(Value, Value)>) {
        var builder = Builder()
        for (key, value) in entries where Builder.accepts(key) { _ = builder.set(key, value) }
        self = builder.build()
    }

    /// Makes a map with string keys, of a dictionary or of pairs.
    public init(fields: some Sequence<(key: String, value: Value)>) {
        self.init(fields.lazy.map { (Value.string($0.key), $0.value) })
    }

    /// The value of a string key.
    public subscript(field: String) -> Value? { self[FieldName(field)] }

    @inline(__always)
    subscript(field: FieldName) -> Value? {
        if storage.index != nil { return lookUp(.string(field.text)) }
        let fingerprints = storage.fingerprints
        for position in 0..<fingerprints.count where fingerprints[position] == field.fingerprint {
            if case .string(let key) = storage.keys[position], key.hasSameScalars(as: field.text) { return storage.values[position] }
        }
        return nil
    }

    /// The value of a key of any type. Numbers find the equal number, whatever its type.
    public subscript(key key: Value) -> Value? {
        if case .string(let field) = key { return self[field] }
        guard let key = MapKey(key) else { return nil }
        return lookUp(key)
    }

    private func lookUp(_ key: MapKey) -> Value? {
        if let index = storage.index { return index[key].map { storage.values[$0] } }
        for position in 0..<storage.keys.count where MapKey(storage.keys[position]) == key { return storage.values[position] }
        return nil
    }

    /// Collects the entries of a map.
    struct Builder {
        private var keys: [Value] = []
        private var values: [Value] = []
        private var fingerprints: [UInt64] = []
        private var index: [MapKey: Int]?

        init(capacity: Int = 0) {
            keys.reserveCapacity(capacity)
            values.reserveCapacity(capacity)
            fingerprints.reserveCapacity(capacity)
        }

        /// Whether a value can be a key of a map.
        static func accepts(_ key: Value) -> Bool {
            switch key {
            case .bool, .int, .uint, .string: true
            case .null, .double, .bytes, .list, .map, .timestamp, .duration, .type, .optional, .ip, .cidr: false
            }
        }

        /// Adds an entry, or replaces the value of a key that is there.
        /// - Returns: whether the key is new.
        mutating func set(_ key: Value, _ value: Value) -> Bool {
            guard let mapKey = MapKey(key) else { return false }
            var fingerprint: UInt64 = 0
            if case .string(let text) = key { fingerprint = text.fingerprint }
            if let position = position(of: mapKey, fingerprint) {
                values[position] = value
                return false
            }
            if index != nil {
                index?[mapKey] = keys.count
            } else if keys.count + 1 >= MapValue.indexedFrom {
                var built: [MapKey: Int] = [:]
                for (position, key) in keys.enumerated() {
                    if let key = MapKey(key) { built[key] = position }
                }
                built[mapKey] = keys.count
                index = built
            }
            keys.append(key)
            values.append(value)
            fingerprints.append(fingerprint)
            return true
        }

        private func position(of key: MapKey, _ fingerprint: UInt64) -> Int? {
            if let index { return index[key] }
            return keys.indices.first { fingerprints[$0] == fingerprint && MapKey(keys[$0]) == key }
        }

        func build() -> MapValue { MapValue(Storage(keys: keys, values: values, fingerprints: fingerprints, index: index)) }
    }
}
