/// Finds numbers and amounts of money.
///
/// Digits that belong to an order number, a date, a time, a telephone number, a postal code or a range are no numbers.
struct NumberFinder {
    private static let most = 16

    let text: MessageText
    /// Dates and telephone numbers.
    let others: [Find]

    func finds() -> [Find] {
        var finds: [Find] = []
        var index = 0
        while index < text.tokens.count, finds.count < Self.most {
            if let other = others.first(where: { $0.tokens.contains(index) }) {
                index = max(index + 1, other.tokens.upperBound)
            } else if text.isDigits(index) {
                let end = endOfDigits(at: index)
                if let find = amount(index, end) { finds.append(find) }
                index = max(finds.last?.tokens.upperBound ?? 0, end)
            } else if text.isWord(index), let (number, end) = NumberWords.number(in: text, at: index) {
                if let find = spoken(number, index, end) { finds.append(find) }
                index = end
            } else {
                index += 1
            }
        }
        return finds
    }

    /// The whole text as digits and nothing else: what was asked for as a number is one, whatever else it looks like.
    func whole(_ answer: Range<Int>) -> Find? {
        guard answer.count == 1, text.isDigits(answer.lowerBound), let number = Int64(text[answer.lowerBound]) else { return nil }
        return Find(content: .value(.integer(number)), confidence: Confidence.typed, tokens: answer)
    }

    // MARK: Digits

    /// The end of everything that hangs together from here on: digits, letters, and marks between digits.
    private func endOfDigits(at index: Int) -> Int {
        var position = index + 1
        while position < text.tokens.count, text.isGlued(position) {
            if text.tokens[position].kind == .mark {
                guard text.isMark(position, of: ".,-/:'’"), text.isGlued(position + 1), text.isDigits(position + 1) else { break }
            }
            position += 1
        }
        return position
    }

    private func amount(_ index: Int, _ glued: Int) -> Find? {
        guard var (number, end) = value(index, glued), !isPartOfOther(index) else { return nil }
        var start = index
        var isNegative = false
        if text[start - 1] == "-", text.isGlued(start), !text.isGlued(start - 1) || start == 1 {
            isNegative = true
            start -= 1
        } else if text[start - 1] == "minus" {
            isNegative = true
            start -= 1
        }
        var hasCurrency = false
        if start > 0, Self.symbols.contains(text[start - 1]) || Self.codes.contains(text[start - 1]) {
            hasCurrency = true
            start -= 1
        }
        if end < glued {
            // "5k", "3x", "12eur", "2kg"; other letters make it the number of something.
            let unit = text[end]
            guard end + 1 == glued, Self.units.contains(unit) || Self.currencies.contains(unit) else { return nil }
            if unit == "k" { number *= 1000 }
            hasCurrency = hasCurrency || Self.currencies.contains(unit)
            end = glued
        } else if Self.symbols.contains(text[end]) || Self.currencies.contains(text[end]) {
            hasCurrency = true
            end += 1
        } else if Self.times.contains(text[end]) {
            return nil
        } else if text[end] == "%" || text[end] == "percent" {
            end += 1
        }
        if hasCurrency, number == number.rounded(), let cents = text.number(end), text[end].utf8.count == 2,
            !(text.isGlued(end + 1) && text.isDigits(end + 2))
        {
            // "12 euros 50".
            number += Double(cents) / 100
            number = (number * 100).rounded() / 100
            end += 1
        }
        return find(isNegative ? -number : number, start..<end, hasCurrency: hasCurrency)
    }

    private func find(_ number: Double, _ tokens: Range<Int>, hasCurrency: Bool) -> Find? {
        guard number.isFinite, abs(number) < 1e15 else { return nil }
        return Find(
            content: .value(Int64(exactly: number).map(JSONValue.integer) ?? .number(number)), confidence: Confidence.typed, tokens: tokens,
            hasCurrency: hasCurrency)
    }

    /// Digits with their marks for thousands and decimals.
    private func value(_ index: Int, _ glued: Int) -> (Double, Int)? {
        var groups = [text[index]]
        var marks: [String] = []
        var position = index + 1
        while position + 1 < glued, text.isMark(position, of: ".,'’"), text.isDigits(position + 1) {
            marks.append(text[position])
            groups.append(text[position + 1])
            position += 2
        }
        // 1 299 with a blank: exactly three digits after at most three.
        if marks.isEmpty, position == glued, groups[0].utf8.count <= 3, groups[0].first != "0" {
            while text.isDigits(position), text[position].utf8.count == 3, isOneBlank(before: position),
                !(text.isGlued(position + 1) && !isEndMark(position + 1))
            {
                groups[0] += text[position]
                position += 1
            }
            if text.isGlued(position + 1), text[position] == "," || text[position] == ".", position > index + 1, text.isGlued(position),
                text.isDigits(position + 1)
            {
                groups.append(text[position + 1])
                marks.append(text[position])
                position += 2
            }
        }
        guard groups.allSatisfy({ $0.utf8.count <= 18 }), groups.count <= 8 else { return nil }
        let isMoney =
            position >= glued
            && (Self.symbols.contains(text[position]) || Self.currencies.contains(text[position])
                || (index > 0 && (Self.symbols.contains(text[index - 1]) || Self.codes.contains(text[index - 1]))))
        guard let last = marks.last, let fraction = groups.last else { return Double(groups[0]).map { ($0, position) } }
        let isThousands = groups.dropFirst().allSatisfy { $0.utf8.count == 3 } && groups[0].utf8.count <= 3 && groups[0] != "0"
        if Set(marks).count == 1, marks.count > 1 || (isThousands && (last != "." || isMoney)) {
            guard isThousands else { return nil }
            return Double(groups.joined()).map { ($0, position) }
        }
        // The last mark is the decimal one; those before it are alike and stand before three digits each.
        let whole = groups.dropLast()
        guard marks.dropLast().allSatisfy({ $0 != last }), last != "'", last != "’", Set(marks.dropLast()).count <= 1,
            whole.dropFirst().allSatisfy({ $0.utf8.count == 3 })
        else { return nil }
        return Double("\(whole.joined()).\(fraction)").map { ($0, position) }
    }

    private func isOneBlank(before index: Int) -> Bool {
        let gap = text.tokens[index].range.lowerBound - text.tokens[index - 1].range.upperBound
        return (1...3).contains(gap) && (gap == 1 || text.bytes[text.tokens[index - 1].range.upperBound] > 0x7F)
    }

    private func isEndMark(_ index: Int) -> Bool { text.isMark(index, of: ".,!?;)%€$£") && !text[index].isEmpty }

    /// Digits that hang on letters, or are called a number of something, or stand before a town.
    private func isPartOfOther(_ index: Int) -> Bool {
        if text.isGlued(index) {
            if text.isWord(index - 1) { return text[index - 1] != "x" && !Self.codes.contains(text[index - 1]) }
            if text.isMark(index - 1, of: "#_/.:") && !(text[index - 1] == ":" && text.isWord(index - 2)) { return true }
            if text[index - 1] == "-", text.isGlued(index - 1), index > 1 { return true }
        }
        let digits = text[index]
        if digits.utf8.count > 1, digits.first == "0", text[index + 1] != ".", text[index + 1] != "," { return true }
        if digits.utf8.count == 5, text.isWord(index + 1), !text.isGlued(index + 1), text.tokens[index + 1].isCapitalized,
            !Self.currencies.contains(text[index + 1])
        {
            return true
        }
        var before = index - 1
        if [":", "is", "#", "."].contains(text[before]) { before -= 1 }
        if text[before] == "number" || text[before] == "no" || text[before] == "nr", text.isWord(before - 1) { before -= 1 }
        return digits.utf8.count >= 4 && Self.numbered.contains(text[before])
    }

    // MARK: Words

    private func spoken(_ number: Int64, _ start: Int, _ end: Int) -> Find? {
        // "This one", "one of them", "two-year", "seven pm".
        let isBare = end == start + 1 && text[start] == "one"
        if Self.times.contains(text[end]) { return nil }
        var find = find(Double(number), start..<end, hasCurrency: Self.currencies.contains(text[end]))
        if find?.hasCurrency == true { find?.tokens = start..<end + 1 }
        find?.needsContext = isBare
        return find
    }

    private static let symbols: Set<String> = ["€", "$", "£", "¥"]
    private static let codes: Set<String> = ["eur", "usd", "gbp", "chf", "jpy", "cad", "aud"]
    static let currencies: Set<String> = codes.union([
        "euro", "euros", "dollar", "dollars", "pound", "pounds", "buck", "bucks", "franc", "francs", "quid", "€", "$", "£", "¥",
    ])
    private static let units: Set<String> = [
        "k", "x", "kg", "g", "mg", "t", "km", "m", "cm", "mm", "l", "ml", "cl", "lb", "lbs", "oz", "ft", "in", "pcs", "gb", "mb", "w", "kw", "pc",
    ]
    private static let times: Set<String> = ["am", "pm", "oclock", "st", "nd", "rd", "th"]
    private static let numbered: Set<String> = [
        "order", "invoice", "ticket", "parcel", "tracking", "customer", "zip", "postal", "postcode", "code", "id", "phone", "tel", "telephone",
        "mobile",
        "card", "account", "case", "reference", "ref", "pin", "plz", "booking", "number", "nr", "article", "sku",
    ]
}
