/// Finds telephone numbers and postal codes.
enum PhoneFinder {
    private static let most = 16

    /// - Parameter dates: what is a date is no telephone number.
    static func phones(in text: MessageText, dates: [Find]) -> [Find] {
        var finds: [Find] = []
        var index = 0
        while index < text.tokens.count, finds.count < most {
            let isStart = text[index] == "+" || text[index] == "(" || text.isDigits(index)
            guard isStart, !dates.contains(where: { $0.tokens.contains(index) }), !hangsOnWord(index, in: text),
                let (find, end) = phone(at: index, in: text)
            else {
                index = isStart ? text.skippingDigits(from: index) : index + 1
                continue
            }
            finds.append(find)
            index = end
        }
        return finds
    }

    private static func hangsOnWord(_ index: Int, in text: MessageText) -> Bool {
        guard text.isGlued(index) else { return false }
        if text.isWord(index - 1) || text.isDigits(index - 1) { return true }
        return text.isMark(index - 1, of: "-_#/.€$£")
    }

    private static func phone(at index: Int, in text: MessageText) -> (Find, Int)? {
        var digits = text[index] == "+" ? "+" : ""
        var position = digits.isEmpty ? index : index + 1
        var end = position
        var isGrouped = false
        var hasMarks = false
        var isOpen = false
        while position < text.tokens.count, digits.utf8.count <= 17 {
            if text.isDigits(position) {
                if text.tokens[position].range.count > 15 { return nil }
                // "+49 (0)170": the zero is for calls within the country.
                let isTrunk = isOpen && text[position] == "0" && digits.hasPrefix("+")
                if !isTrunk { digits += text[position] }
                position += 1
                if !isOpen { end = position }
            } else if text[position] == "(", !isOpen {
                isOpen = true
                isGrouped = true
                position += 1
            } else if text[position] == ")", isOpen {
                isOpen = false
                position += 1
                end = position
            } else if text[position] == "-" || text[position] == "/" || text[position] == ".", text.isGlued(position), text.isDigits(position + 1) {
                hasMarks = true
                position += 1
            } else {
                break
            }
        }
        let count = digits.utf8.count { $0 != UInt8(ascii: "+") }
        guard (7...15).contains(count), !isOpen, !(text.isGlued(end) && text.isWord(end)), text[end] != "%" else { return nil }
        if text.isGlued(end),
            text[end] == ":" || text[end] == "@" || (text.isMark(end, of: "-,._") && text.isGlued(end + 1) && text.tokens.count > end + 1)
        {
            return nil
        }
        let isClear = digits.hasPrefix("+") || digits.hasPrefix("0") || isGrouped || hasMarks
        let find = Find(
            content: .value(.string(digits)), confidence: digits.hasPrefix("+") ? Confidence.exact : Confidence.typed, tokens: index..<end,
            needsContext: !isClear)
        return (find, end)
    }

    /// "10115", "12345-6789", "SW1A 1AA", "1012 AB", "K1A 0B1".
    static func postalCodes(in text: MessageText) -> [Find] {
        var finds: [Find] = []
        var index = 0
        while index < text.tokens.count, finds.count < most {
            guard let end = codeEnd(at: index, in: text), !(text.isGlued(end) && text.tokens[end].kind != .mark) else {
                index += 1
                continue
            }
            let code = text.source(text.range(of: index..<end)).uppercased()
            // "10115 Berlin", "Springfield 62704" would be clear; a number alone could be anything.
            let isClear = text.isDigits(index) && text[index].utf8.count == 5 && text.isWord(end) && text.tokens[end].isCapitalized
            finds.append(
                Find(content: .value(.string(code)), confidence: Confidence.typed, tokens: index..<end, needsContext: !isClear))
            index = end
        }
        return finds
    }

    private static func codeEnd(at index: Int, in text: MessageText) -> Int? {
        if text.isGlued(index), text[index - 1] != ",", text[index - 1] != ":", text[index - 1] != "(", text[index - 1] != "\n" { return nil }
        if text.isDigits(index) {
            switch text[index].utf8.count {
            case 5:
                return text[index + 1] == "-" && text.isGlued(index + 1) && text[index + 2].utf8.count == 4 && text.isDigits(index + 2)
                    ? index + 3 : index + 1
            case 4:
                let isDutch = text.isWord(index + 1) && text[index + 1].utf8.count == 2 && text.tokens[index + 1].isCapitalized
                return isDutch ? index + 2 : index + 1
            case 6: return index + 1
            default: return nil
            }
        }
        // One or two letters, digits and perhaps a letter; then a digit and letters.
        guard text.isWord(index), text[index].utf8.count <= 2, text.isGlued(index + 1), text.isDigits(index + 1), text[index + 1].utf8.count <= 2
        else {
            return nil
        }
        var position = index + 2
        if text.isGlued(position), text.isWord(position) {
            guard text[position].utf8.count == 1 else { return nil }
            position += 1
        }
        guard text.isDigits(position), text[position].utf8.count == 1, text.isGlued(position + 1), text.isWord(position + 1) else { return nil }
        position += 2
        guard text[position - 1].utf8.count <= 2 else { return nil }
        if text[position - 1].utf8.count == 1, text.isGlued(position), text.isDigits(position), text[position].utf8.count == 1 { position += 1 }
        return position
    }
}

extension MessageText {
    /// The first token after one that is no digit run, and after what hangs on it.
    fileprivate func skippingDigits(from index: Int) -> Int {
        var position = index + 1
        while position < tokens.count, isDigits(position) || (isGlued(position) && isGlued(position + 1) && isDigits(position + 1)) { position += 1 }
        return position
    }
}
