/// A value of a YAML document, with the place where it stands.
public struct YAMLNode: Sendable, Equatable {
    /// What a value is, by the core schema of YAML 1.2: the types of JSON.
    public indirect enum Content: Sendable, Equatable {
        case null
        case bool(Bool)
        case integer(Int64)
        case number(Double)
        case string(String)
        case sequence([YAMLNode])
        /// In the order of the document; no name is there twice.
        case mapping([Member])
    }

    /// A member of a mapping.
    public struct Member: Sendable, Equatable {
        public let name: String
        /// Where the name stands.
        public let place: YAMLPlace
        public let value: YAMLNode
    }

    public let content: Content
    public let place: YAMLPlace
}

/// A place in a document.
public struct YAMLPlace: Sendable, Equatable {
    /// Counted from 1.
    public let line: Int
    /// Counted from 1, in characters.
    public let column: Int

    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}

/// Why a text is not a YAML document that is read here.
public struct YAMLError: Error, Equatable, Sendable {
    /// What is wrong and what would be right, in a sentence.
    public let message: String
    public let place: YAMLPlace
}

extension YAMLNode {
    /// The deepest nesting that is read.
    public static let maximumDepth = 64
    /// The longest document, in bytes.
    public static let maximumBytes = 1 << 20

    /// Reads one document. Every JSON document is one, too.
    ///
    /// Besides every syntax error it refuses what is not plain data or would be lost: anchors, aliases and tags, names given twice, names that
    /// are not text, a second document, NUL characters, infinities and what is not a number, nesting over 64 levels, and more than 1 MiB.
    public init(parsing bytes: some Collection<UInt8>) throws(YAMLError) {
        guard bytes.count <= Self.maximumBytes else {
            throw YAMLError(message: "The document is longer than \(Self.maximumBytes >> 20) MiB.", place: YAMLPlace(line: 1, column: 1))
        }
        self = try Array(bytes).withUnsafeBufferPointer { YAMLReader.read($0) }.get()
    }

    /// Reads one document from text.
    public init(parsing text: String) throws(YAMLError) { try self.init(parsing: text.utf8) }
}
