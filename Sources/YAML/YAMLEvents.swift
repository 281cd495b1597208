import CLibYAML

/// What a document consists of, one by one.
struct YAMLEvent {
    enum Kind: Equatable {
        case stream, streamEnd, document, documentEnd
        case sequence, sequenceEnd, mapping, mappingEnd
        /// - isPlain: whether it is written without quotes, so that it may be something else than text.
        case scalar(String, isPlain: Bool)
    }

    let kind: Kind
    let place: YAMLPlace
}

/// libyaml's parser on bytes that outlive it.
struct YAMLEvents: ~Copyable {
    // libyaml keeps the address.
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let bytes: UnsafeBufferPointer<UInt8>

    init(_ bytes: UnsafeBufferPointer<UInt8>) throws(YAMLError) {
        self.bytes = bytes
        parser = .allocate(capacity: 1)
        guard yaml_parser_initialize(parser) == 1 else {
            parser.deallocate()
            throw YAMLError(message: "There is no memory to read the document.", place: YAMLPlace(line: 1, column: 1))
        }
        yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    /// The next event.
    /// - Throws: what is no YAML, or is none that is read here.
    mutating func next() throws(YAMLError) -> YAMLEvent {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw error }
        defer { yaml_event_delete(&event) }
        let place = YAMLPlace(event.start_mark)
        return YAMLEvent(kind: try Self.kind(of: event, at: place), place: place)
    }

    private static func kind(of event: yaml_event_t, at place: YAMLPlace) throws(YAMLError) -> YAMLEvent.Kind {
        func refuse(_ anchor: UnsafeMutablePointer<yaml_char_t>?, _ tag: UnsafeMutablePointer<yaml_char_t>?) throws(YAMLError) {
            if anchor != nil { throw YAMLError(message: "Anchors are not read here; write the value where it is used.", place: place) }
            if let tag { throw YAMLError(message: "The tag '\(String(cString: tag))' is not read here; leave it out.", place: place) }
        }
        switch event.type {
        case YAML_STREAM_START_EVENT: return .stream
        case YAML_STREAM_END_EVENT: return .streamEnd
        case YAML_DOCUMENT_START_EVENT: return .document
        case YAML_DOCUMENT_END_EVENT: return .documentEnd
        case YAML_SEQUENCE_START_EVENT:
            try refuse(event.data.sequence_start.anchor, event.data.sequence_start.tag)
            return .sequence
        case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            try refuse(event.data.mapping_start.anchor, event.data.mapping_start.tag)
            return .mapping
        case YAML_MAPPING_END_EVENT: return .mappingEnd
        case YAML_ALIAS_EVENT: throw YAMLError(message: "Aliases are not read here; write the value itself.", place: place)
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            try refuse(scalar.anchor, scalar.tag)
            let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
            guard !text.utf8.contains(0) else { throw YAMLError(message: "The character NUL can't be stored; leave it out.", place: place) }
            return .scalar(text, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
        default: throw YAMLError(message: "This can't be read.", place: place)
        }
    }

    // MARK: - What libyaml complains of

    private var error: YAMLError {
        let parser = parser.pointee
        let problem = parser.problem.map { String(cString: $0) } ?? "it can't be read"
        if parser.error == YAML_READER_ERROR {
            return YAMLError(message: "This is no text in UTF-8 that YAML allows: \(problem).", place: place(ofByte: parser.problem_offset))
        }
        let context = parser.context.map { ", \(String(cString: $0)) at line \(parser.context_mark.line + 1)" } ?? ""
        return YAMLError(message: "This is no YAML: \(problem)\(context).", place: YAMLPlace(parser.problem_mark))
    }

    private func place(ofByte offset: Int) -> YAMLPlace {
        let before = bytes[0..<min(max(offset, 0), bytes.count)]
        let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        return YAMLPlace(
            line: before.count { $0 == 0x0A } + 1, column: String(decoding: before[lineStart...], as: UTF8.self).unicodeScalars.count + 1)
    }
}

extension YAMLPlace {
    fileprivate init(_ mark: yaml_mark_t) { self.init(line: Int(mark.line) + 1, column: Int(mark.column) + 1) }
}
