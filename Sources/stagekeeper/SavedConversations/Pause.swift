/// A time that passes, as people write it: `10s`, `5m`, `1h30m`, `2d`.
struct Pause: Equatable {
    let seconds: Int64

    private static let units: [(Character, Int64)] = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)]
    private static let longest: Int64 = 100 * 366 * 86_400

    init(seconds: Int64) { self.seconds = seconds }

    init?(_ text: String) {
        var seconds: Int64 = 0
        var rest = text[...]
        repeat {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard digits.count <= 12, let number = Int64(digits), let unit = rest.dropFirst(digits.count).first,
                let length = Self.units.first(where: { $0.0 == unit })?.1, number <= Self.longest / length
            else { return nil }
            seconds += number * length
            rest = rest.dropFirst(digits.count + 1)
        } while !rest.isEmpty
        guard seconds <= Self.longest else { return nil }
        self.seconds = seconds
    }

    /// The same in the largest units.
    var text: String {
        guard seconds > 0 else { return "0s" }
        var rest = seconds
        return Self.units.reduce(into: "") { text, unit in
            if rest >= unit.1 { text += "\(rest / unit.1)\(unit.0)" }
            rest %= unit.1
        }
    }
}
