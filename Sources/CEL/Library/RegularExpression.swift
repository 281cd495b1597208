import CRE2

/// A regular expression in RE2 syntax, matched in time linear in the text whatever the pattern.
///
/// Compiled once, immutable, shared between threads.
public final class RegularExpression: Sendable {
    /// Why a pattern was refused, in RE2's words.
    public struct SyntaxError: Error, Equatable, CustomStringConvertible {
        /// The reason.
        public let description: String
    }

    /// The source of the expression.
    public let pattern: String
    // RE2 objects are immutable after construction and documented as thread-safe.
    private nonisolated(unsafe) let compiled: OpaquePointer

    /// Compiles a pattern.
    /// - Parameters:
    ///   - pattern: RE2 syntax.
    ///   - maximumMemory: the bound of the compiled automaton in bytes.
    /// - Throws: `SyntaxError` when the pattern is not RE2 syntax or needs more memory than that.
    public init(_ pattern: String, maximumMemory: Int = 1 << 20) throws(SyntaxError) {
        var source = pattern
        let handle = source.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { cre2_compile($0.baseAddress, $0.count, maximumMemory) }
        }
        guard let handle else { throw SyntaxError(description: "out of memory") }
        guard cre2_ok(handle) else {
            let reason = String(cString: cre2_error(handle))
            cre2_free(handle)
            throw SyntaxError(description: reason)
        }
        self.pattern = pattern
        self.compiled = handle
    }

    deinit { cre2_free(compiled) }

    /// Whether the text as a whole is a match.
    public func matchesWhole(_ text: String) -> Bool { match(text, cre2_full_match) }

    /// Whether there is a match anywhere in the text.
    public func matchesPart(of text: String) -> Bool { match(text, cre2_partial_match) }

    /// The first match that begins at an offset or later, as offsets of its bytes.
    /// - Parameters:
    ///   - bytes: UTF-8.
    ///   - group: 0 for all of the match, which is found soonest; 1 for the pattern's first group.
    ///   - offset: what stands before it is still seen by `^` and `\b`.
    public func firstMatch(in bytes: [UInt8], from offset: Int = 0, group: Int = 0) -> Range<Int>? {
        guard offset >= 0 else { return nil }
        var start = 0
        var end = 0
        let found = bytes.withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) { cre2_find(compiled, $0.baseAddress, $0.count, offset, Int32(clamping: group), &start, &end) }
        }
        return found && start <= end ? start..<end : nil
    }

    private func match(_ text: String, _ function: (OpaquePointer?, UnsafePointer<CChar>?, Int) -> Bool) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { function(compiled, $0.baseAddress, $0.count) }
        }
    }
}

extension RegularExpression: Equatable {
    /// Two expressions are equal when their patterns are.
    public static func == (left: RegularExpression, right: RegularExpression) -> Bool { left.pattern == right.pattern }
}
