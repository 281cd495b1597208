/// One step of rendering a template.
enum TemplateStep: Sendable {
    case text(String)
    case value(TemplateReference)
    /// Its steps, once for every element of a list and once for any other value; inverted: once when there is nothing.
    case section(TemplateReference, isInverted: Bool, [TemplateStep])
}

/// What a tag refers to.
struct TemplateReference: Sendable {
    /// No parts: the current element.
    let parts: [String]
    /// How the value reads.
    let shape: TemplateShape
}

/// Something that makes a template doubtful but not wrong.
struct TemplateDoubt: Sendable {
    enum Reason: Sendable {
        /// No variable, nor anything that the sections around offer.
        case unknown(candidates: [String])
        /// A datum, which some stage should declare as a field.
        case datum(isDotted: Bool)
        /// Nothing of that name is inside.
        case noMember(of: String, candidates: [String])
        /// A list, whose elements only a section reaches.
        case list(String)
        /// In single braces, where only variables are replaced.
        case braced

        fileprivate var label: String {
            switch self {
            case .unknown: "unknown"
            case .datum: "datum"
            case .noMember: "member"
            case .list: "list"
            case .braced: "braced"
            }
        }
    }

    let name: String
    let reason: Reason
    /// Of the tag's first byte in the source.
    let offset: Int
}

/// Turns the tokens of a template into steps.
struct TemplateCompiler {
    /// The most sections inside one another.
    static let deepestNesting = 16

    /// A section that is open.
    private struct Frame {
        let name: TemplateName
        let reference: TemplateReference
        let isInverted: Bool
        let offset: Int
    }

    private let allowsUserText: Bool
    private var frames: [Frame] = []
    /// The steps so far, of the whole and then of each open section.
    private var levels: [[TemplateStep]] = [[]]
    private(set) var flaws: [TemplateFlaw]
    private(set) var doubts: [TemplateDoubt] = []
    /// What is among the doubts, so that each is there once.
    private var doubted: Set<String> = []
    /// The variables, a datum by its own name.
    private(set) var used: Set<String> = []

    /// The steps of the whole; of no use when there are flaws.
    var steps: [TemplateStep] { levels[0] }

    init(_ scanner: TemplateScanner, allowsUserText: Bool) {
        self.allowsUserText = allowsUserText
        flaws = scanner.flaws
        for token in scanner.tokens {
            switch token.content {
            case .text(let text): append(.text(text))
            case .value(let name): append(.value(resolve(name, at: token.offset)))
            case .open(let name, let isInverted): open(name, isInverted: isInverted, at: token.offset)
            case .close(let name): close(name, at: token.offset)
            }
            // Behind a section that nests too deep, what belongs to what can't be told any more.
            if frames.count > Self.deepestNesting { return }
        }
        while let frame = frames.last { refuseOpen(frame) }
        for (word, offset) in scanner.braced { doubt(word, .braced, at: offset) }
    }

    private mutating func append(_ step: TemplateStep) { levels[levels.count - 1].append(step) }

    private mutating func flaw(_ sentence: String, at offset: Int) { flaws.append(TemplateFlaw(sentence: sentence, offset: offset)) }

    private mutating func doubt(_ name: String, _ reason: TemplateDoubt.Reason, at offset: Int) {
        if doubted.insert("\(reason.label) \(name)").inserted { doubts.append(TemplateDoubt(name: name, reason: reason, offset: offset)) }
    }
}

// MARK: - Sections

extension TemplateCompiler {
    private mutating func open(_ name: TemplateName, isInverted: Bool, at offset: Int) {
        let reference = resolve(name, at: offset)
        frames.append(Frame(name: name, reference: reference, isInverted: isInverted, offset: offset))
        levels.append([])
        if frames.count > Self.deepestNesting {
            flaw("Sections may be nested \(Self.deepestNesting) deep, and this is one more", at: offset)
        }
    }

    private mutating func close(_ name: TemplateName, at offset: Int) {
        guard frames.contains(where: { $0.name == name }) else {
            let open = frames.last.map { "; the open section is '\($0.name)'" } ?? "; none is open"
            return flaw("'{{/\(name)}}' closes a section that is not open\(open)", at: offset)
        }
        while let frame = frames.last, frame.name != name { refuseOpen(frame) }
        if let frame = frames.popLast(), let steps = levels.popLast() {
            append(.section(frame.reference, isInverted: frame.isInverted, steps))
        }
    }

    private mutating func refuseOpen(_ frame: Frame) {
        flaw("The section '\(frame.name)' is not closed; '{{/\(frame.name)}}' is missing", at: frame.offset)
        frames.removeLast()
        levels.removeLast()
    }
}

// MARK: - Names

extension TemplateCompiler {
    /// Finds out what a name refers to, looking at the sections around from the inside out and then at the variables, as rendering will.
    private mutating func resolve(_ name: TemplateName, at offset: Int) -> TemplateReference {
        let scopes = frames.reversed().filter { !$0.isInverted }.map { $0.reference.shape.element ?? $0.reference.shape }
        guard let first = name.parts.first else {
            if scopes.isEmpty { flaw("'.' is the current element of a section, and no section is open", at: offset) }
            return TemplateReference(parts: [], shape: scopes.first ?? .anything)
        }
        var mayBeDatum = false
        var mayBeAnything = false
        for scope in scopes {
            switch scope {
            case .data: mayBeDatum = true
            case .anything: mayBeAnything = true
            case .text, .stage, .stages, .message, .messages, .field, .fields:
                guard let member = scope.members.first(where: { $0.name == first }) else { continue }
                refuse(member.holdsUserText && !scope.holdsUserText, name, at: offset)
                return TemplateReference(parts: name.parts, shape: shape(inside: .ofMember(first), path: name.parts, at: offset))
            }
        }
        if let variable = TemplateVariable(rawValue: first) {
            return TemplateReference(parts: name.parts, shape: use(variable, name, at: offset))
        }
        if mayBeDatum {
            doubt(first, .datum(isDotted: false), at: offset)
        } else if !mayBeAnything {
            let offered = scopes.flatMap { $0.members.map(\.name) }
            doubt(first, .unknown(candidates: offered + TemplateVariable.allCases.map(\.name)), at: offset)
        }
        return TemplateReference(parts: name.parts, shape: .anything)
    }

    private mutating func use(_ variable: TemplateVariable, _ name: TemplateName, at offset: Int) -> TemplateShape {
        refuse(variable.holdsUserText, name, at: offset)
        let names = variable.shape.hasDeclaredMembers ? name.parts.prefix(2) : name.parts.prefix(1)
        used.insert(names.joined(separator: "."))
        return shape(inside: variable.shape, path: name.parts, at: offset)
    }

    /// The shape of what a path leads to whose first part has a shape.
    private mutating func shape(inside shape: TemplateShape, path: [String], at offset: Int) -> TemplateShape {
        var shape = shape
        for (index, part) in path.enumerated().dropFirst() {
            let whole = path[..<index].joined(separator: ".")
            switch shape {
            case .anything: return .anything
            case .data:
                doubt("\(whole).\(part)", .datum(isDotted: true), at: offset)
                return .anything
            case .stages, .messages, .fields:
                doubt("\(whole).\(part)", .list(whole), at: offset)
                return .anything
            case .text, .stage, .message, .field:
                let members = shape.members.map(\.name)
                guard members.contains(part) else {
                    doubt("\(whole).\(part)", .noMember(of: whole, candidates: members), at: offset)
                    return .anything
                }
                shape = .ofMember(part)
            }
        }
        return shape
    }

    /// Refuses what holds a user's text, where that is not allowed.
    private mutating func refuse(_ holdsUserText: Bool, _ name: TemplateName, at offset: Int) {
        guard holdsUserText, !allowsUserText else { return }
        flaw("'\(name)' may hold what a user wrote, which could pose as instructions here; use it in the content instead", at: offset)
    }
}

extension TemplateShape {
    /// The shape of a member that a stage, a message or a field offers.
    fileprivate static func ofMember(_ name: String) -> TemplateShape {
        switch name {
        case "value", "values": .anything
        default: .text
        }
    }

    /// Whether the fields of the stages say what is inside.
    fileprivate var hasDeclaredMembers: Bool {
        switch self {
        case .data: true
        case .text, .stage, .stages, .message, .messages, .field, .fields, .anything: false
        }
    }
}
