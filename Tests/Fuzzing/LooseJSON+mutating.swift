extension LooseJSON {
    /// Changes some values: their types, their sizes, their names, how often and how deep they are there.
    public mutating func mutate(times: ClosedRange<Int>, using generator: inout CaseGenerator) {
        for _ in 0..<Int.random(in: times, using: &generator) {
            let other = value(Int.random(in: 0..<count, using: &generator))
            var number = Int.random(in: 0..<count, using: &generator)
            visit(&number) { $0.mutateItself(with: other, &generator) }
        }
    }

    private func value(_ number: Int) -> LooseJSON {
        var (copy, number, found) = (self, number, self)
        copy.visit(&number) { found = $0 }
        return found
    }

    private mutating func mutateItself(with other: LooseJSON, _ generator: inout CaseGenerator) {
        switch Int.random(in: 0..<12, using: &generator) {
        case 0...1: self = .raw(generator.pick(HostileInput.values, or: "null"))
        case 2: self = .raw(generator.pick(generator.isOnce(in: 4) ? HostileInput.nonsense : HostileInput.numbers, or: "0"))
        case 3: if other.count < 200 { self = other }
        case 4: nest(generator.isOnce(in: 4) ? generator.length(upTo: 100) : 1, asObject: generator.isOnce(in: 2))
        case 5: self = .raw(Self.text(generator.length(upTo: 70_000), &generator))
        default:
            switch self {
            case .raw(let text): self = .raw(Self.changed(text, &generator))
            case .array(let elements): self = .array(Self.changed(elements, other, &generator))
            case .object(let members): self = .object(Self.changed(members, other, &generator))
            }
        }
    }

    private mutating func nest(_ levels: Int, asObject: Bool) {
        for _ in 0..<levels { self = asObject ? .object([Member(name: "\"data\"", value: self)]) : .array([self]) }
    }

    private static func text(_ length: Int, _ generator: inout CaseGenerator) -> String {
        "\"" + String(repeating: generator.pick(["x", "é", "😀", " ", "\\n", "{{", "a.", "("], or: "x"), count: length) + "\""
    }

    private static func changed(_ text: String, _ generator: inout CaseGenerator) -> String {
        guard text.hasPrefix("\""), text.utf8.count >= 2 else { return generator.pick(HostileInput.numbers, or: "0") }
        let inner = String(text.dropFirst().dropLast())
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: return "\"\(inner)\(generator.pick(HostileInput.escaped, or: ""))\""
        case 1: return "\"\(generator.pick(HostileInput.escaped, or: ""))\(inner)\""
        case 2: return "\"\(String(repeating: inner, count: generator.length(upTo: 30)))\""
        default: return "\"\(inner.uppercased())\""
        }
    }

    private static func changed(_ elements: [LooseJSON], _ other: LooseJSON, _ generator: inout CaseGenerator) -> [LooseJSON] {
        var elements = elements
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: if !elements.isEmpty { elements.remove(at: Int.random(in: elements.indices, using: &generator)) }
        case 1:
            if let element = elements.randomElement(using: &generator), element.count < 50 {
                elements += Array(repeating: element, count: generator.length(upTo: 300))
            }
        case 2: elements.append(other.count < 200 ? other : .raw("null"))
        default: elements.shuffle(using: &generator)
        }
        return elements
    }

    private static func changed(_ members: [Member], _ other: LooseJSON, _ generator: inout CaseGenerator) -> [Member] {
        var members = members
        guard let index = members.indices.randomElement(using: &generator) else { return [Member(name: "\"x\"", value: other)] }
        switch Int.random(in: 0..<7, using: &generator) {
        case 0...1: members.remove(at: index)
        case 2: members.insert(members[index], at: Int.random(in: 0...members.count, using: &generator))
        case 3: members[index].name = "\"\(generator.pick(HostileInput.escaped, or: ""))\""
        case 4: members.append(Member(name: "\"\(generator.pick(HostileInput.names, or: "x"))\"", value: other.count < 200 ? other : .raw("7")))
        case 5:
            let second = Int.random(in: members.indices, using: &generator)
            (members[index].value, members[second].value) = (members[second].value, members[index].value)
        default: members.shuffle(using: &generator)
        }
        return members
    }
}
