/// One thing that is wrong with an input, and where.
public struct InputFault: Equatable, Sendable {
    /// The place in the body; for a query parameter, its name behind a slash.
    public let pointer: JSONPointer
    /// What is wrong and what would be right, in a sentence.
    public let message: String

    public init(_ pointer: JSONPointer, _ message: String) {
        self.pointer = pointer
        self.message = message
    }
}

/// Everything that is wrong with an input, at once.
public struct InvalidInput: Error, Equatable, Sendable {
    public let faults: [InputFault]

    public init(_ faults: [InputFault]) { self.faults = faults }

    public init(_ pointer: JSONPointer, _ message: String) { self.init([InputFault(pointer, message)]) }
}
