extension String {
    /// The stems of the words of a text, in lower case, without words of one letter and those that any message may have.
    ///
    /// Apostrophes are left out: "don't" is one word.
    var stems: [String] {
        var stems: [String] = []
        var word: [UInt8] = []
        func end() {
            defer { word.removeAll(keepingCapacity: true) }
            let stem = String(decoding: Stemming.stem(word), as: UTF8.self)
            if stem.unicodeScalars.count > 1, !Stemming.common.contains(stem) { stems.append(stem) }
        }
        for character in lowercased() where character != "'" && character != "’" {
            if character.isLetter || character.isNumber { word.append(contentsOf: character.utf8) } else { end() }
        }
        end()
        return stems
    }
}

/// What is left of English words without their endings: the same for "return", "returns", "returned" and "returning". A few rules, not a dictionary;
/// words of other languages keep their letters, or lose the same in every text.
private enum Stemming {
    /// Words that say nothing of what a message is about.
    static let common = Set(
        """
        a about after again all also always am an and another any anything are as ask at be because been before being but by came can cannot
        cant come could did didnt do does doesnt doing done dont down each either else ever every few for from get give given go goes going gone
        got had has hasnt have havent he hello help her here hers hey hi him his how however i id if ill im in into is isnt it its ive just keep know
        last least let like look made make many may maybe me might mine more most much must my myself need never next no none nor not nothing now of
        off often ok okay on once one only onto or other our ours out over own per please put quite rather really said same saw say see she should
        since so some something still such take tell than thank thanks that thats the their them then there these they thing this those though
        through to too took try under until up upon us use very via want was wasnt way we well went were what when where whether which while who
        whom whose why will wish with without wont would wouldnt yes yet you your youre yours
        """.split(whereSeparator: \.isWhitespace).map { String(decoding: stem(Array($0.utf8)), as: UTF8.self) })

    /// Each with the fewest letters that are left: "ring" and "reply" have none of them.
    private static let endings: [(ending: String, rest: Int)] = [("ing", 3), ("ed", 3), ("ly", 4), ("ment", 3)]

    static func stem(_ word: [UInt8]) -> [UInt8] {
        guard word.count > 2, word.allSatisfy({ (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }) else { return word }
        var word = word
        if word.count > 3, word.ends("s"), !["ss", "us", "is"].contains(where: word.ends) {
            if word.count > 4, word.ends("ies") { word.replaceEnd("ies", with: "y") } else { word.removeLast() }
        }
        if let ending = endings.first(where: { word.ends($0.ending) && word.count >= $0.ending.utf8.count + $0.rest })?.ending,
            word.dropLast(ending.utf8.count).contains(where: isVowel)
        {
            word.removeLast(ending.utf8.count)
            undouble(&word)
        }
        // "Delivery" of "deliver", "complaint" of "complain".
        if word.count > 5 {
            word.replaceEnd("ery", with: "er")
            word.replaceEnd("aint", with: "ain")
        }
        if word.count > 3, word.ends("e") { word.removeLast() }
        if word.ends("y"), let before = word.dropLast().last, !isVowel(before) { word.replaceEnd("y", with: "i") }
        return word
    }

    /// "Shipp" of "shipped" to "ship", but not "call" of "calling".
    private static func undouble(_ word: inout [UInt8]) {
        guard word.count > 3, let last = word.last, word.dropLast().last == last, !isVowel(last), !["ss", "zz"].contains(where: word.ends),
            last != UInt8(ascii: "l") || word.count > 5
        else { return }
        word.removeLast()
    }

    private static func isVowel(_ letter: UInt8) -> Bool { "aeiouy".utf8.contains(letter) }
}

extension [UInt8] {
    fileprivate func ends(_ ending: String) -> Bool { count >= ending.utf8.count && suffix(ending.utf8.count).elementsEqual(ending.utf8) }

    fileprivate mutating func replaceEnd(_ ending: String, with other: String) {
        guard ends(ending) else { return }
        removeLast(ending.utf8.count)
        append(contentsOf: other.utf8)
    }
}
