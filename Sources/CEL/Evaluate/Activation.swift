/// A variable that expressions of an environment may read.
public struct Variable: Sendable, Hashable {
    /// The name, with dots if it has a namespace.
    public let name: String
    /// The position of the variable among the declarations of its environment.
    public let index: Int
}

/// Where an evaluation gets the values of variables from.
///
/// A host with a fixed set of variables can switch over `variable.index` and needs no dictionary.
public protocol Activation {
    /// The value of a variable; nil when it has none, which is an error where the expression needs it.
    func value(of variable: Variable) -> Value?
}

/// Values by name.
public struct Bindings: Activation, Sendable, ExpressibleByDictionaryLiteral {
    private var entries: [(name: String, value: Value)]

    /// Makes bindings of names and values; of names that come twice, the first counts.
    public init(_ entries: some Sequence<(String, Value)> = []) { self.entries = entries.map { (name: $0.0, value: $0.1) } }

    /// Makes bindings of names and values; of names that come twice, the first counts.
    public init(dictionaryLiteral elements: (String, Value)...) { self.init(elements) }

    /// The names that are bound.
    public var names: [String] { entries.map(\.name) }

    /// The value of a name.
    public subscript(name: String) -> Value? {
        get {
            for entry in entries where entry.name == name { return entry.value }
            return nil
        }
        set {
            entries.removeAll { $0.name == name }
            if let newValue { entries.append((name, newValue)) }
        }
    }

    /// The value of a variable.
    public func value(of variable: Variable) -> Value? { self[variable.name] }
}
