import CEL
import Synchronization

/// A field's pattern, compiled when it is first asked for: it takes 6 KB then, and most stages of most businesses learn nothing for a long time.
final class FieldPattern: Sendable {
    private enum State {
        case source
        /// nil: it is no pattern.
        case compiled(RegularExpression?)
    }

    private let source: String
    private let state = Mutex(State.source)

    init(_ source: String) { self.source = source }

    /// nil: the source is no pattern.
    var expression: RegularExpression? {
        state.withLock { state in
            switch state {
            case .compiled(let expression): return expression
            case .source:
                let expression = try? RegularExpression(source)
                state = .compiled(expression)
                return expression
            }
        }
    }
}

extension FieldPattern: Equatable {
    static func == (left: FieldPattern, right: FieldPattern) -> Bool { left.source == right.source }
}
