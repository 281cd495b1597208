import CEL
import Fuzzing
import Foundation
import Testing

/// Random numbers that come the same for the same seed.
private struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

@Suite("Mutated expressions")
struct FuzzTests {
    /// Set `CEL_FUZZ_CASES` for more than the short form, and `CEL_FUZZ_SEED` for other cases.
    private static let caseCount = ProcessInfo.processInfo.environment["CEL_FUZZ_CASES"].flatMap { Int($0) } ?? 3000
    private static let seed = ProcessInfo.processInfo.environment["CEL_FUZZ_SEED"].flatMap { UInt64($0) } ?? 1

    private static let corpus = [
        LanguageTests.literals, LanguageTests.arithmetic, LanguageTests.comparisons, LanguageTests.logic, LanguageTests.access, LanguageTests.types,
        MacroTests.oneVariable, MacroTests.twoVariables, MacroTests.bindings, LibraryTests.conversions, LibraryTests.strings, LibraryTests.format,
        LibraryTests.math, LibraryTests.lists, LibraryTests.optionals, LibraryTests.network, TimeTests.times,
    ].flatMap { Table.read($0).map(\.expression) }

    private static let pieces =
        [
            "(", ")", "[", "]", "{", "}", ".", ",", ":", "?", "&&", "||", "!", "-", "+", "*", "/", "%", "==", "!=", "<", ">=", " in ", "'", "\"",
            "'''", "\\", "b'",
            "r\"", "`", "//", "\n", "\u{0}", "é", "🐱", "0x", "9223372036854775807", "-9223372036854775808", "18446744073709551615u", "1e308", "0.0",
            "null",
            "true", "data", "message.text", "x", "[?", "{?", ".?", "has(", ".map(x, ", ".all(i, v, ", "cel.bind(x, ", "cel.block([", "@index0",
            "optional.of(",
            ".orValue(", "timestamp(", "duration(", "lists.range(1000)", ".size()", ".format([", ".matches(", "dyn(", "type(", "string(", "int(",
            "%s",
        ]

    @Test("no mutated expression crashes, hangs, or comes to different results")
    func survives() {
        var generator = SeededGenerator(seed: Self.seed)
        let limits = Limits(sourceLength: 4096, nesting: 60, steps: 20_000, resultSize: 16_384)
        let environment = Environment(
            variables: [
                VariableDeclaration("data", .dyn), VariableDeclaration("message", .record(RecordType(name: "message", fields: ["text": .string]))),
            ],
            limits: limits)
        let bindings: Bindings = [
            "data": [
                "a": 1, "b": [1, 2.5, "x", .null], "c": ["d": true], "t": .timestamp(.zero), "o": .optional(.int(1)), "u": .uint(7),
                "y": .bytes([255]),
            ],
            "message": ["text": "some text"],
        ]
        var slowest = (time: Duration.zero, expression: "")
        for _ in 0..<Self.caseCount {
            let expression = Self.mutated(&generator)
            let time = processorTime(of: { Self.run(expression, environment, bindings) })
            if time > slowest.time { slowest = (time, expression) }
        }
        #expect(slowest.time < .seconds(1), "\(slowest.expression)")
    }

    /// Reads, checks and evaluates an expression in every way.
    private static func run(_ expression: String, _ environment: Environment, _ bindings: Bindings) {
        let diagnostics = environment.diagnose(expression)
        for diagnostic in diagnostics where diagnostic.excerpt.isEmpty { Issue.record("no excerpt: \(expression)") }
        guard let program = try? environment.compileUnchecked(expression) else { return }
        let recorded = program.evaluateRecording(bindings)
        do throws(EvaluationError) {
            let value = try program.evaluate(bindings)
            let text = value.description
            // What the one evaluation spends on constants, the other may lack.
            if case .success(let other) = recorded.result, other.description != text { Issue.record("\(expression): \(text), recorded \(other)") }
        } catch {
            if case .success(let value) = recorded.result, !error.code.isLimit { Issue.record("\(expression): \(error), recorded \(value)") }
        }
    }

    private static func mutated(_ generator: inout SeededGenerator) -> String {
        var scalars = Array((corpus.randomElement(using: &generator) ?? "").unicodeScalars)
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            let start = Int.random(in: 0...scalars.count, using: &generator)
            let end = min(scalars.count, start + Int.random(in: 0...8, using: &generator))
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: scalars.removeSubrange(start..<end)
            case 1: scalars.insert(contentsOf: (pieces.randomElement(using: &generator) ?? "").unicodeScalars, at: start)
            case 2: scalars.insert(contentsOf: Array(scalars[start..<end]), at: start)
            case 3:
                let other = Array((corpus.randomElement(using: &generator) ?? "").unicodeScalars)
                scalars.insert(contentsOf: other, at: start)
            case 4:
                // Another expression in the place of an operand.
                let other = corpus.randomElement(using: &generator) ?? ""
                scalars.replaceSubrange(start..<end, with: "(\(other))".unicodeScalars)
            default:
                if start < scalars.count, let scalar = Unicode.Scalar(UInt32.random(in: 0x20..<0x7F, using: &generator)) { scalars[start] = scalar }
            }
        }
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        return String(text)
    }
}
