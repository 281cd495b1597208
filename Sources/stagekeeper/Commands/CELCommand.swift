import ArgumentParser
import CEL
import Foundation

/// `stagekeeper cel`: evaluates conditions from the shell.
struct CELCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cel", abstract: "Evaluate a condition (Common Expression Language).",
        discussion: "Prints the value, or the error with its place. With --batch, reads JSON lines {\"id\", \"expr\", \"bindings\", \"container\"} "
            + "from standard input and answers each with a line {\"id\", \"value\"} or {\"id\", \"error\"}.")

    // An expression may begin with a minus, as an option does.
    @Argument(parsing: .allUnrecognized, help: "The expression.")
    var expression: [String] = []

    @Option(help: "A file with a JSON object whose members are the variables.")
    var data: String?

    @Flag(help: "Read JSON lines from standard input and answer each, in order.")
    var batch = false

    @Option(help: "Evaluate each expression this many times and print evaluations a second.")
    var bench: Int?

    private var expressions: [String] { expression.filter { $0 != "--" } }

    func validate() throws {
        if expressions.count > 1 { throw ValidationError("Give one expression, in quotes, not \(expressions.count).") }
        if batch == !expressions.isEmpty { throw ValidationError("Give an expression, or --batch.") }
        if let bench, bench < 1 { throw ValidationError("--bench takes a number from 1 on.") }
    }

    func run() async throws {
        if batch {
            while let line = readLine(strippingNewline: true) {
                if line.utf8.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
                // A line at a time, for callers that wait for each answer.
                FileHandle.standardOutput.write(Data((CELBatch.answer(line, bench: bench) + "\n").utf8))
            }
            return
        }
        do {
            try evaluate(expressions.joined())
        } catch let failure as CELFailure {
            FileHandle.standardError.write(Data((failure.text + "\n").utf8))
            throw ExitCode.failure
        }
    }

    private func evaluate(_ expression: String) throws {
        let bindings = try variables()
        let environment = Environment(variables: bindings.names.map { VariableDeclaration($0, .dyn) })
        let program: Program
        do throws(Diagnostics) {
            program = try environment.compile(expression)
        } catch {
            throw CELFailure(text: error.description)
        }
        do throws(EvaluationError) {
            print(try program.evaluate(bindings))
        } catch {
            guard let range = error.range else { throw CELFailure(text: error.message) }
            let place = program.source.location(of: range.start)
            throw CELFailure(text: "\(place.line):\(place.column): \(error.message)\n\(program.source.excerpt(of: range))")
        }
        if let bench { print("\(CELBatch.rate(program, bindings, count: bench)) evaluations a second") }
    }

    private func variables() throws -> Bindings {
        guard let data else { return Bindings() }
        guard let text = try? String(contentsOfFile: data, encoding: .utf8) else { throw CELFailure(text: "\(data) can't be read") }
        do throws(JSONSyntaxError) {
            guard case .map(let map) = try Value(json: text) else { throw JSONSyntaxError(message: "expected an object", offset: 0) }
            return Bindings(
                map.entries.compactMap { key, value in
                    guard case .string(let name) = key else { return nil }
                    return (name, value)
                })
        } catch {
            throw CELFailure(text: "\(data): \(error)")
        }
    }
}

/// What the command prints before it ends without success.
private struct CELFailure: Error {
    let text: String
}
