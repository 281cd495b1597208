extension Value: Equatable {
    /// Lists, maps and optionals nested deeper than this are not compared.
    static let maximumDepth = 512

    /// The equality of the language. Values nested deeper than 512 levels are unequal.
    public static func == (left: Value, right: Value) -> Bool {
        var meter = Meter.unlimited
        return (try? left.equals(right, &meter)) ?? false
    }

    /// Whether two values are equal.
    @inline(__always)
    func equals(_ other: Value, _ meter: inout Meter) throws(EvaluationError) -> Bool {
        switch (self, other) {
        case (.string(let left), .string(let right)):
            try meter.charge(left.utf8.count)
            return left.hasSameScalars(as: right)
        case (.int(let left), .int(let right)): return left == right
        case (.bool(let left), .bool(let right)): return left == right
        default: return try equalsSlowly(other, 0, &meter)
        }
    }

    private func equalsSlowly(_ other: Value, _ depth: Int, _ meter: inout Meter) throws(EvaluationError) -> Bool {
        switch (self, other) {
        case (.null, .null): return true
        case (.bool(let left), .bool(let right)): return left == right
        case (.int, .int), (.int, .uint), (.int, .double), (.uint, .int), (.uint, .uint), (.uint, .double), (.double, .int), (.double, .uint),
            (.double, .double):
            return compareNumbers(other) == .equal
        case (.string(let left), .string(let right)):
            try meter.charge(left.utf8.count)
            return left.hasSameScalars(as: right)
        case (.bytes(let left), .bytes(let right)):
            try meter.charge(left.count)
            return left == right
        case (.timestamp(let left), .timestamp(let right)): return left == right
        case (.duration(let left), .duration(let right)): return left == right
        case (.type(let left), .type(let right)): return left == right
        case (.ip(let left), .ip(let right)): return left == right
        case (.cidr(let left), .cidr(let right)): return left == right
        case (.optional(let left), .optional(let right)):
            guard let left, let right else { return left == nil && right == nil }
            try Self.check(depth)
            return try left.equalsSlowly(right, depth + 1, &meter)
        case (.list(let left), .list(let right)):
            guard left.count == right.count else { return false }
            try Self.check(depth)
            for position in 0..<left.count {
                try meter.step()
                guard try left[position].equalsSlowly(right[position], depth + 1, &meter) else { return false }
            }
            return true
        case (.map(let left), .map(let right)):
            guard left.count == right.count else { return false }
            try Self.check(depth)
            for position in 0..<left.count {
                try meter.step()
                guard let value = right[key: left.keys[position]] else { return false }
                guard try left.values[position].equalsSlowly(value, depth + 1, &meter) else { return false }
            }
            return true
        default: return false
        }
    }

    private static func check(_ depth: Int) throws(EvaluationError) {
        if depth >= maximumDepth { throw EvaluationError(.depthLimit, "values nested deeper than \(maximumDepth) levels can't be compared") }
    }
}

/// How one value stands to another.
enum Ordering {
    case less
    case equal
    case greater
    /// No order: one of them is not a number.
    case none
}

extension Value {
    /// The order of two values of types that have one; nil for others.
    @inline(__always)
    func compare(_ other: Value) -> Ordering? {
        switch (self, other) {
        case (.int(let left), .int(let right)): return Self.order(left, right)
        case (.double(let left), .double(let right)): return Self.order(left, right)
        default: return compareSlowly(other)
        }
    }

    private func compareSlowly(_ other: Value) -> Ordering? {
        switch (self, other) {
        case (.int, .int), (.int, .uint), (.int, .double), (.uint, .int), (.uint, .uint), (.uint, .double), (.double, .int), (.double, .uint),
            (.double, .double):
            return compareNumbers(other)
        case (.string(let left), .string(let right)):
            return left.hasSameScalars(as: right) ? .equal : left.precedesByScalars(right) ? .less : .greater
        case (.bytes(let left), .bytes(let right)): return left == right ? .equal : left.lexicographicallyPrecedes(right) ? .less : .greater
        case (.bool(let left), .bool(let right)): return left == right ? .equal : right ? .less : .greater
        case (.timestamp(let left), .timestamp(let right)): return Self.order(left, right)
        case (.duration(let left), .duration(let right)): return Self.order(left, right)
        default: return nil
        }
    }

    private static func order<T: Comparable>(_ left: T, _ right: T) -> Ordering { left < right ? .less : left == right ? .equal : .greater }

    /// The order of two numbers by their values, or nil when either is no number.
    func compareNumbers(_ other: Value) -> Ordering? {
        switch (self, other) {
        case (.int(let left), .int(let right)): return Self.order(left, right)
        case (.uint(let left), .uint(let right)): return Self.order(left, right)
        case (.double(let left), .double(let right)): return Self.order(left, right)
        case (.int(let left), .uint(let right)): return left < 0 ? .less : Self.order(UInt64(left), right)
        case (.uint(let left), .int(let right)): return right < 0 ? .greater : Self.order(left, UInt64(right))
        // As the conformance tests of the language have it, an integer that no double stands for exactly is rounded to one.
        case (.int(let left), .double(let right)): return Self.order(Double(left), right)
        case (.uint(let left), .double(let right)): return Self.order(Double(left), right)
        case (.double(let left), .int(let right)): return Self.order(left, Double(right))
        case (.double(let left), .uint(let right)): return Self.order(left, Double(right))
        default: return nil
        }
    }

    private static func order(_ left: Double, _ right: Double) -> Ordering {
        left < right ? .less : left == right ? .equal : left > right ? .greater : Ordering.none
    }
}
