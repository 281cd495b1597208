import CEL

extension CEL.Value {
    /// The value, and the same number as another type.
    var variants: [CEL.Value] {
        guard case .uint(let number) = self, let int = Int64(exactly: number) else { return [self] }
        return [.int(int), self]
    }

    /// Another value of the same type.
    var different: CEL.Value? {
        switch self {
        case .null: "x"
        case .bool(let value): .bool(!value)
        case .string(let text): text.isEmpty ? "x" : text == "other" ? "another" : "other"
        case .list(let elements): elements.isEmpty ? ["x"] : []
        case .map(let map): map.isEmpty ? ["x": 1] : .map(.empty)
        case .type(let name): .type(name == "string" ? "int" : "string")
        case .optional(let wrapped): .optional(wrapped == nil ? "x" : nil)
        case .int, .uint, .double, .timestamp, .duration: above.first ?? below.first
        case .bytes, .ip, .cidr: nil
        }
    }

    /// Values that are greater, nearest and most natural first.
    var above: [CEL.Value] { neighbours(up: true) }

    /// Values that are less, nearest and most natural first.
    var below: [CEL.Value] { neighbours(up: false) }

    private func neighbours(up: Bool) -> [CEL.Value] {
        switch self {
        case .bool(let value): return value == up ? [] : [.bool(up)]
        case .int(let number):
            let (next, overflow) = number.addingReportingOverflow(up ? 1 : -1)
            return overflow ? [] : [.int(next)]
        case .uint(let number):
            let (next, overflow) = up ? number.addingReportingOverflow(1) : number.subtractingReportingOverflow(1)
            return overflow ? [] : CEL.Value.uint(next).variants
        case .double(let number):
            let near = up ? number.nextUp : number.nextDown
            return [number.decimalStep(up: up), number.rounded() + (up ? 1 : -1), near].filter { up ? $0 > number : $0 < number }.map { .double($0) }
        case .string(let text): return (up ? text.textsAbove : text.textsBelow).map { .string($0) }
        case .timestamp(let time): return time.moved(by: up ? 1_000_000_000 : -1_000_000_000).map { [.timestamp($0)] } ?? []
        case .duration(let duration):
            let (next, overflow) = duration.nanoseconds.addingReportingOverflow(up ? 1_000_000_000 : -1_000_000_000)
            return overflow ? [] : [.duration(DurationValue(nanoseconds: next))]
        case .null, .bytes, .list, .map, .type, .optional, .ip, .cidr: return []
        }
    }
}

extension Double {
    /// The number that differs by one in the last decimal that it is written with: 0.9 after 0.8, 100.26 after 100.25, 101 after 100.
    fileprivate func decimalStep(up: Bool) -> Double {
        guard isFinite, magnitude < 1e12 else { return up ? nextUp : nextDown }
        var scale = 1.0
        // Twelve decimals are as many as people write.
        while scale < 1e12, (self * scale).rounded() / scale != self { scale *= 10 }
        return ((self * scale).rounded() + (up ? 1 : -1)) / scale
    }
}

extension String {
    /// Texts that come after this one: the last character one on, as in dates and codes, or one character more.
    fileprivate var textsAbove: [String] { [dateMoved(by: 1), withLast(movedBy: 1), self + "a"].compactMap { $0 } }

    /// Texts that come before this one.
    fileprivate var textsBelow: [String] {
        guard !isEmpty else { return [] }
        return [dateMoved(by: -1), withLast(movedBy: -1), String(String.UnicodeScalarView(unicodeScalars.dropLast()))].compactMap { $0 }
    }

    /// The day before or after, of a date such as `2026-01-31`.
    private func dateMoved(by days: Int64) -> String? {
        guard utf8.count == 10, let day = CEL.Timestamp("\(self)T00:00:00Z")?.moved(by: days * 86_400_000_000_000) else { return nil }
        return String(day.description.prefix(10))
    }

    private func withLast(movedBy distance: Int) -> String? {
        guard let last = unicodeScalars.last, let moved = Unicode.Scalar(UInt32(max(0, Int(last.value) + distance))) else { return nil }
        for range in ["0"..."9", "a"..."z", "A"..."Z"] as [ClosedRange<Unicode.Scalar>] where range.contains(last) && range.contains(moved) {
            return String(String.UnicodeScalarView(Array(unicodeScalars.dropLast()) + [moved]))
        }
        return nil
    }
}

extension CEL.Timestamp {
    /// This point in time and so many nanoseconds later; nil when out of range.
    func moved(by nanoseconds: Int64) -> CEL.Timestamp? {
        let total = Int64(self.nanoseconds) + nanoseconds % 1_000_000_000
        let carry: Int64 = total < 0 ? -1 : total >= 1_000_000_000 ? 1 : 0
        return CEL.Timestamp(
            seconds: seconds + nanoseconds / 1_000_000_000 + carry, nanoseconds: Int32(truncatingIfNeeded: total - carry * 1_000_000_000))
    }

    /// The nanoseconds from another point to this one; nil when they are too many.
    func nanoseconds(since other: CEL.Timestamp) -> Int64? {
        let (product, overflow) = (seconds - other.seconds).multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = product.addingReportingOverflow(Int64(nanoseconds) - Int64(other.nanoseconds))
        return overflow || carry ? nil : sum
    }
}
