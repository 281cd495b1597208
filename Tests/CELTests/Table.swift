import CEL
import Foundation
import Testing

/// Cases written one a line as `expression ⇒ expected`, where the expected is an expression, or `error`.
struct Table: Sendable, CustomTestStringConvertible {
    let expression: String
    /// Nil for an error.
    let expected: String?

    var testDescription: String { expression }

    static func read(_ text: String) -> [Table] {
        text.split(separator: "\n").compactMap { line in
            guard let arrow = line.range(of: " ⇒ ", options: .backwards) else { return nil }
            let expression = line[..<arrow.lowerBound].trimmingCharacters(in: .whitespaces)
            let expected = line[arrow.upperBound...].trimmingCharacters(in: .whitespaces)
            return Table(expression: expression, expected: expected == "error" ? nil : expected)
        }
    }

    /// Evaluates the case and compares value and type with what is expected.
    func verify(_ bindings: Bindings = Bindings(), container: String = "", location: Testing.SourceLocation = #_sourceLocation) {
        let environment = Environment(variables: bindings.names.map { VariableDeclaration($0, .dyn) }, container: container)
        let result = Self.evaluate(expression, environment, bindings)
        switch (result, expected) {
        case (.failure, nil): break
        case (.success(let value), nil): Issue.record("\(expression) is \(value), not an error", sourceLocation: location)
        case (.failure(let error), .some): Issue.record("\(expression) fails: \(error)", sourceLocation: location)
        case (.success(let value), .some(let expected)):
            guard case .success(let wanted) = Self.evaluate(expected, Environment(), Bindings()) else {
                Issue.record("\(expected) has no value", sourceLocation: location)
                return
            }
            let isSame = value.description == wanted.description || (value == wanted && value.typeName == wanted.typeName)
            #expect(isSame, "\(expression) is \(value), not \(wanted)", sourceLocation: location)
        }
        // A recording evaluation comes to the same.
        if let program = try? environment.compileUnchecked(expression) {
            switch (program.evaluateRecording(bindings).result, result) {
            case (.success(let recorded), .success(let value)): #expect(recorded.description == value.description, sourceLocation: location)
            case (.failure, .failure): break
            default: Issue.record("\(expression) comes to something else when recorded", sourceLocation: location)
            }
        }
    }

    private static func evaluate(_ expression: String, _ environment: Environment, _ bindings: Bindings) -> Result<Value, any Error> {
        Result { try environment.compileUnchecked(expression).evaluate(bindings) }
    }
}
