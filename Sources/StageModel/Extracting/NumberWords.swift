/// Numbers in words.
enum NumberWords {
    static let units: [String: Int64] = [
        "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
        "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
    ]
    static let tens: [String: Int64] = [
        "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    ]
    static let ordinals: [String: Int64] = [
        "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10, "eleventh": 11,
        "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15, "sixteenth": 16, "seventeenth": 17, "eighteenth": 18, "nineteenth": 19,
        "twentieth": 20, "thirtieth": 30,
    ]
    private static let starters = WordSet(Set(units.keys).union(tens.keys).union(["a", "half"]))
    private static let scales: [String: Int64] = ["thousand": 1_000, "million": 1_000_000]

    /// "three", "twenty-five", "a hundred and fifty", "two thousand", "a dozen", "half a dozen".
    /// - Returns: the number and the index after it.
    static func number(in text: MessageText, at index: Int) -> (Int64, Int)? {
        guard text.tokens.indices.contains(index), starters.contains(text.tokens[index]) else { return nil }
        if text.end(of: ["half", "a", "dozen"], at: index) != nil { return (6, index + 3) }
        var total: Int64 = 0
        var group: Int64 = 0
        var position = index
        var hasGroup = false
        if text[position] == "a", ["dozen", "hundred", "thousand", "million"].contains(text[position + 1]) {
            group = 1
            hasGroup = true
            position += 1
        }
        // No number in words takes more than a dozen steps.
        for _ in 0..<12 {
            let isLinked = text[position] == "-" || (text[position] == "and" && hasGroup)
            let word = text[isLinked ? position + 1 : position]
            if let unit = units[word], group % 100 == 0 || (group % 10 == 0 && group % 100 >= 20 && unit < 10 && unit > 0) {
                if isLinked, text[position] == "and", group == 0 { break }
                if hasGroup, group % 100 == 0, group != 0, group < 100 { break }
                group += unit
            } else if let ten = tens[word], group % 100 == 0 {
                if isLinked, text[position] == "and", group == 0 { break }
                group += ten
            } else if word == "hundred", hasGroup, !isLinked, (1...19).contains(group) {
                group *= 100
            } else if word == "dozen", hasGroup, !isLinked, (1...99).contains(group) {
                return (total + group * 12, position + 1)
            } else if let scale = scales[word], hasGroup, !isLinked, group > 0, total == 0 || total >= scale * 1000 {
                total += group * scale
                group = 0
            } else {
                break
            }
            hasGroup = true
            position += isLinked ? 2 : 1
        }
        return hasGroup && position > index ? (total + group, position) : nil
    }
}
