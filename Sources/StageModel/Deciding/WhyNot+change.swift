import CEL

extension WhyNot {
    /// Values that are put in together.
    typealias Change = [Assignment]

    /// One step of a path.
    enum Step {
        case field(String)
        /// A key that is no string, or an index of a list.
        case key(CEL.Value)
    }

    /// A variable, or something inside of one.
    struct Place {
        let root: String
        let steps: [Step]

        func appending(_ step: Step) -> Place { Place(root: root, steps: steps + [step]) }

        /// The path, as far as it consists of fields.
        var path: [String] {
            var path = [root]
            for step in steps {
                guard case .field(let field) = step else { break }
                path.append(field)
            }
            return path
        }

        var isPath: Bool { path.count == steps.count + 1 }

        /// The path as hints name it; nil if it goes through lists.
        var text: String? { isPath ? Assignment(path: path, value: nil).text : nil }

        func value(in bindings: Bindings) -> CEL.Value? {
            var value = bindings[root]
            for step in steps { value = value?.part(step) }
            return value
        }

        /// What puts a value here, or takes what is here away; nil where that can't be.
        func setting(_ value: CEL.Value?, in bindings: Bindings) -> Assignment? {
            guard !isPath else { return Assignment(path: path, value: value) }
            let rest = steps.dropFirst(path.count - 1)
            let whole = Place(root: root, steps: Array(steps.prefix(path.count - 1))).value(in: bindings)
            // Inside of a list or of a map with other keys: the whole of it is put in, changed.
            guard let value, let changed = Self.changed(whole, rest, value) else { return nil }
            return Assignment(path: path, value: changed)
        }

        /// The most elements that a list is filled up to.
        private static let longestFill: Int64 = 16

        private static func changed(_ whole: CEL.Value?, _ steps: ArraySlice<Step>, _ value: CEL.Value) -> CEL.Value? {
            guard let step = steps.first else { return value }
            guard let inner = changed(whole?.part(step), steps.dropFirst(), value) else { return nil }
            switch (step, whole) {
            case (.field(let field), .map(let map)): return .map(MapValue(Array(map.entries) + [(.string(field), inner)]))
            case (.field(let field), _): return .map(MapValue(fields: [(key: field, value: inner)]))
            case (.key(let key), .map(let map)): return .map(MapValue(Array(map.entries) + [(key, inner)]))
            case (.key(.int(let index)), _):
                var elements: [CEL.Value] = []
                if case .list(let known) = whole { elements = known }
                guard index >= 0, index < max(Int64(elements.count), longestFill) else { return nil }
                while elements.count <= index { elements.append(inner) }
                elements[Int(index)] = inner
                return .list(elements)
            case (.key, _): return nil
            }
        }
    }
}

extension CEL.Value {
    fileprivate func part(_ step: WhyNot.Step) -> CEL.Value? {
        switch (step, self) {
        case (.field(let field), .map(let map)): return map[field]
        case (.key(let key), .map(let map)): return map[key: key]
        case (.key(.int(let index)), .list(let elements)): return index >= 0 && index < elements.count ? elements[Int(index)] : nil
        default: return nil
        }
    }
}

extension [WhyNot.Assignment] {
    /// This change and then another, with one value for each place and no place inside of another.
    func then(_ later: [WhyNot.Assignment]) -> [WhyNot.Assignment] {
        var result = self
        for assignment in later {
            result.removeAll { $0.path.starts(with: assignment.path) }
            guard let outer = result.firstIndex(where: { assignment.path.starts(with: $0.path) }) else {
                result.append(assignment)
                continue
            }
            let path = result[outer].path
            let inner: [String] = ["whole"] + assignment.path.dropFirst(path.count)
            var whole = Bindings()
            whole["whole"] = result[outer].value
            whole = whole.setting(WhyNot.Assignment(path: inner, value: assignment.value))
            result[outer] = WhyNot.Assignment(path: path, value: whole["whole"])
        }
        return result
    }

    /// The change in one text, to tell changes apart.
    var signature: String { map { "\($0.text)=\($0.value?.description ?? "")" }.sorted().joined(separator: "\n") }
}

extension WhyNot.Assignment {
    /// Whether the host could ever bind this: what variables other than `data` hold is given, and data is JSON.
    /// - Parameter current: what is there now, whose type is always right.
    func isPossible(over current: CEL.Value?) -> Bool {
        guard let root = path.first else { return false }
        let field = path.dropFirst().first
        switch (root, field, path.count) {
        case ("data", nil, _), ("message", "metadata", 2):
            if case .map? = value { return value?.isJSON() ?? false }
            return false
        case ("data", _, _), ("message", "metadata", _):
            return value.map { $0.isJSON() || $0.typeName == current?.typeName } ?? true
        case ("now", nil, _), ("message", "received_at", 2), ("conversation", "created_at", 2): return isTimestamp
        case ("message", "text", 2), ("message", "type", 2), ("stage", "name", 2), ("stage", "type", 2), ("conversation", "id", 2),
            ("agent", "id", 2), ("agent", "name", 2):
            return value.map { $0.typeName == "string" } ?? true
        case ("stage", "visits", 2), ("stage", "seconds", 2), ("conversation", "turns", 2):
            guard case .int(let count)? = value else { return value == nil }
            return count >= 0
        case ("message", _, _), ("stage", _, _), ("conversation", _, _), ("agent", _, _), ("now", _, _): return false
        default: return true
        }
    }

    private var isTimestamp: Bool {
        if case .timestamp? = value { return true }
        return false
    }

    /// The lower, the rather such a place changes: data and what the message says first, the time after it, what is given for good last.
    var reluctance: Int {
        switch (path.first, path.dropFirst().first) {
        case ("message", "received_at"): 4
        case ("message", _): 1
        case ("now", _): 2
        case ("stage", _): 3
        case ("agent", _): 5
        case ("conversation", _): 6
        default: 0
        }
    }
}

extension CEL.Value {
    /// Whether JSON can hold the value as it is.
    func isJSON(depth: Int = 0) -> Bool {
        guard depth < 64 else { return false }
        switch self {
        case .null, .bool, .int, .string: return true
        case .double(let number): return number.isFinite
        case .list(let elements): return elements.allSatisfy { $0.isJSON(depth: depth + 1) }
        case .map(let map): return map.keys.allSatisfy { $0.typeName == "string" } && map.values.allSatisfy { $0.isJSON(depth: depth + 1) }
        case .uint, .bytes, .timestamp, .duration, .type, .optional, .ip, .cidr: return false
        }
    }
}
