extension WhyNot {
    /// Makes a text that a regular expression matches, by reading the pattern once. Knows what people write in patterns, not all of RE2.
    struct PatternSample {
        /// The longest text that is made, in code points.
        private static let longest = 1000
        private static let deepest = 40

        /// Texts that may match, the plainest first; none for a pattern that it does not understand.
        static func texts(matching pattern: String) -> [String] {
            var texts: [String] = []
            for taste in Taste.allCases {
                var reader = PatternSample(pattern, taste)
                guard let scalars = reader.alternatives(0), reader.rest.isEmpty, scalars.count <= longest else { continue }
                let text = String(String.UnicodeScalarView(scalars))
                if !texts.contains(text) { texts.append(text) }
            }
            return texts
        }

        /// What is taken where there is a choice.
        enum Taste: CaseIterable {
            /// The first of everything, as few times as may be.
            case first
            /// The last of everything.
            case last
            /// Once more than needed.
            case more
        }

        var rest: Substring.UnicodeScalarView
        let taste: Taste

        private init(_ pattern: String, _ taste: Taste) {
            rest = Substring(pattern).unicodeScalars
            self.taste = taste
        }

        mutating func skip(_ text: String) -> Bool {
            guard rest.starts(with: text.unicodeScalars) else { return false }
            rest = rest.dropFirst(text.unicodeScalars.count)
            return true
        }

        // MARK: Structure

        private mutating func alternatives(_ depth: Int) -> [Unicode.Scalar]? {
            guard depth < Self.deepest, var chosen = sequence(depth) else { return nil }
            while skip("|") {
                guard let other = sequence(depth) else { return nil }
                if taste == .last { chosen = other }
            }
            return chosen
        }

        private mutating func sequence(_ depth: Int) -> [Unicode.Scalar]? {
            var text: [Unicode.Scalar] = []
            while let next = rest.first, next != "|", next != ")" {
                guard let piece = piece(depth), let count = repetition() else { return nil }
                guard text.count + piece.count * count <= Self.longest else { return nil }
                for _ in 0..<count { text += piece }
            }
            return text
        }

        /// How often what stands before is taken; nil for what is no repetition.
        private mutating func repetition() -> Int? {
            var counts: (least: Int, most: Int)
            if skip("*") {
                counts = (0, .max)
            } else if skip("+") {
                counts = (1, .max)
            } else if skip("?") {
                counts = (0, 1)
            } else if rest.first == "{", let bounds = bounds() {
                counts = bounds
            } else {
                return 1
            }
            // A lazy repetition matches the same texts.
            _ = skip("?")
            return taste == .more && counts.most > counts.least ? counts.least + 1 : counts.least
        }

        private mutating func bounds() -> (least: Int, most: Int)? {
            let saved = rest
            rest = rest.dropFirst()
            guard let least = number() else {
                rest = saved
                return nil
            }
            var most = least
            if skip(",") { most = number() ?? .max }
            guard skip("}"), least <= 1000, most >= least else {
                rest = saved
                return nil
            }
            return (least, most)
        }

        private mutating func number() -> Int? {
            let digits = rest.prefix { ("0"..."9").contains($0) }
            rest = rest.dropFirst(digits.count)
            return digits.count <= 4 ? Int(String(digits)) : nil
        }

        private mutating func piece(_ depth: Int) -> [Unicode.Scalar]? {
            guard let next = rest.popFirst() else { return nil }
            switch next {
            case "(":
                guard group() else { return nil }
                if skip(")") { return [] }
                guard let inner = alternatives(depth + 1), skip(")") else { return nil }
                return inner
            case "[": return characterClass()?.sample(taste).map { [$0] }
            case "\\": return escape()
            case "^", "$": return []
            case ".": return [taste == .last ? "z" : "a"]
            default: return [next]
            }
        }

        /// What may stand behind the opening parenthesis: flags or a name.
        private mutating func group() -> Bool {
            guard skip("?") else { return true }
            if skip("P<") || skip("<") {
                while let next = rest.popFirst() { if next == ">" { return true } }
                return false
            }
            while let next = rest.first, next != ")" {
                rest = rest.dropFirst()
                if next == ":" { return true }
            }
            return !rest.isEmpty
        }
    }
}
