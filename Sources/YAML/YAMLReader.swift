/// Makes one document of events.
struct YAMLReader: ~Copyable {
    private var events: YAMLEvents

    static func read(_ bytes: UnsafeBufferPointer<UInt8>) -> Result<YAMLNode, YAMLError> {
        do throws(YAMLError) {
            var reader = YAMLReader(events: try YAMLEvents(bytes))
            return .success(try reader.document())
        } catch {
            return .failure(error)
        }
    }

    private init(events: consuming YAMLEvents) { self.events = events }

    private mutating func document() throws(YAMLError) -> YAMLNode {
        _ = try events.next()
        let start = try events.next()
        guard start.kind == .document else {
            throw YAMLError(message: "The document is empty; expected a value.", place: start.place)
        }
        let node = try node(at: try events.next(), depth: 0)
        _ = try events.next()
        let end = try events.next()
        guard end.kind == .streamEnd else {
            throw YAMLError(message: "Only one document is read; a second begins here.", place: end.place)
        }
        return node
    }

    private mutating func node(at event: YAMLEvent, depth: Int) throws(YAMLError) -> YAMLNode {
        switch event.kind {
        case .scalar(let text, let isPlain):
            return YAMLNode(content: isPlain ? try YAMLNode.content(ofPlain: text, at: event.place) : .string(text), place: event.place)
        case .sequence:
            try check(depth, at: event)
            var elements: [YAMLNode] = []
            var next = try events.next()
            while next.kind != .sequenceEnd {
                elements.append(try node(at: next, depth: depth + 1))
                next = try events.next()
            }
            return YAMLNode(content: .sequence(elements), place: event.place)
        case .mapping:
            try check(depth, at: event)
            return YAMLNode(content: .mapping(try members(depth: depth)), place: event.place)
        case .stream, .streamEnd, .document, .documentEnd, .sequenceEnd, .mappingEnd:
            throw YAMLError(message: "Expected a value.", place: event.place)
        }
    }

    private mutating func members(depth: Int) throws(YAMLError) -> [YAMLNode.Member] {
        var members: [YAMLNode.Member] = []
        var names: [String: YAMLPlace] = [:]
        var next = try events.next()
        while next.kind != .mappingEnd {
            guard case .scalar(let name, let isPlain) = next.kind, !(isPlain && name.isEmpty) else {
                throw YAMLError(message: "The name of a member must be a text.", place: next.place)
            }
            if let first = names.updateValue(next.place, forKey: name) {
                throw YAMLError(message: "'\(name)' is given twice; the first is at line \(first.line).", place: next.place)
            }
            let value = try node(at: try events.next(), depth: depth + 1)
            members.append(YAMLNode.Member(name: name, place: next.place, value: value))
            next = try events.next()
        }
        return members
    }

    private func check(_ depth: Int, at event: YAMLEvent) throws(YAMLError) {
        guard depth < YAMLNode.maximumDepth else {
            throw YAMLError(message: "Nested over \(YAMLNode.maximumDepth) levels deep.", place: event.place)
        }
    }
}
