import Mustache
import StageModel

/// What a template is given: texts, flags, lists and objects. What is nil is left out.
indirect enum PageValue: Sendable, Equatable {
    case none
    case text(String)
    case flag(Bool)
    case list([PageValue])
    case object([String: PageValue])

    /// The value as the renderer knows it.
    var rendered: Any? {
        switch self {
        case .none: nil
        case .text(let text): text
        case .flag(let flag): flag
        case .list(let elements): elements.compactMap(\.rendered)
        case .object(let members): members.compactMapValues(\.rendered)
        }
    }

    /// The members, where this is an object.
    func merging(_ other: [String: PageValue]) -> PageValue {
        guard case .object(let members) = self else { return self }
        return .object(members.merging(other) { $1 })
    }
}

extension PageValue {
    /// A text that may be missing.
    static func optional(_ text: String?) -> PageValue { text.map(PageValue.text) ?? .none }

    /// A text, left out when it is empty.
    static func nonEmpty(_ text: String) -> PageValue { text.isEmpty ? .none : .text(text) }

    /// A number with commas between its thousands.
    static func number(_ number: some BinaryInteger) -> PageValue { .text(number.grouped) }

    static func list<Item>(_ items: some Sequence<Item>, _ make: (Item) -> PageValue) -> PageValue { .list(items.map(make)) }

    /// A moment as people read it.
    static func moment(_ time: Timestamp, now: Timestamp) -> PageValue {
        ["iso": .text(time.description), "text": .text(time.spoken(at: now))]
    }

    static func moment(_ time: Timestamp?, now: Timestamp) -> PageValue { time.map { moment($0, now: now) } ?? .none }

    /// One of the choices of a select.
    static func option(_ value: String, _ label: String, isSelected: Bool) -> PageValue {
        ["value": .text(value), "label": .text(label), "is_selected": .flag(isSelected)]
    }
}

extension PageValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    init(stringLiteral value: String) { self = .text(value) }
    init(booleanLiteral value: Bool) { self = .flag(value) }
    init(arrayLiteral elements: PageValue...) { self = .list(elements) }
    init(dictionaryLiteral elements: (String, PageValue)...) { self = .object(Dictionary(elements, uniquingKeysWith: { $1 })) }
}

extension BinaryInteger {
    /// The number with commas between its thousands: `1,204`.
    var grouped: String {
        let digits = Array(String(magnitude))
        let grouped = digits.enumerated().reduce(into: "") { result, digit in
            if digit.offset > 0, (digits.count - digit.offset).isMultiple(of: 3) { result += "," }
            result.append(digit.element)
        }
        return self < 0 ? "-" + grouped : grouped
    }
}

extension Double {
    /// A length of time in seconds with the unit that suits it: `40 s`, `3 min`, `2.5 h`.
    var spokenDuration: String {
        for (unit, length) in [("d", 86_400.0), ("h", 3600), ("min", 60)] where self >= length {
            let value = (self / length * 10).rounded() / 10
            return value == value.rounded() ? "\(Int(value)) \(unit)" : "\(value) \(unit)"
        }
        return "\(Int(rounded())) s"
    }
}

extension Timestamp {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// The moment as people say it: `12 s ago` and `3 min ago` within the hour, else `4 Mar, 14:05`, with the year in another one.
    func spoken(at now: Timestamp) -> String {
        let ago = now.seconds(since: self)
        if self <= now, ago < 60 { return "\(Int(ago)) s ago" }
        if self <= now, ago < 3600 { return "\(Int(ago / 60)) min ago" }
        let (date, time) = parts
        let year = date.year == now.parts.date.year ? "" : " \(date.year)"
        return "\(date.day) \(Self.months[date.month - 1])\(year), \(time)"
    }

    /// The moment in full: `4 Mar 2026, 14:05 UTC`.
    var spokenInFull: String {
        let (date, time) = parts
        return "\(date.day) \(Self.months[date.month - 1]) \(date.year), \(time) UTC"
    }

    /// Taken from the text form, which has each part at its place.
    private var parts: (date: (year: Int, month: Int, day: Int), time: String) {
        let text = Array(description)
        func number(_ range: Range<Int>) -> Int { Int(String(text[range])) ?? 1 }
        return ((number(0..<4), number(5..<7), number(8..<10)), String(text[11..<16]))
    }
}
