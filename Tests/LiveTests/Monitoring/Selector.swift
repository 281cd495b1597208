import StageModel
import Testing

/// The part of an expression of Prometheus' that says which samples are meant.
struct Selector: Hashable, CustomStringConvertible {
    struct Matcher: Hashable {
        let label: String
        let sign: String
        let value: String

        func admits(_ text: String) throws -> Bool {
            switch sign {
            case "=": text == value
            case "!=": text != value
            case "=~": try text.wholeMatch(of: Regex(value)) != nil
            default: try text.wholeMatch(of: Regex(value)) == nil
            }
        }
    }

    let name: String
    let matchers: [Matcher]

    var description: String { "\(name){\(matchers.map { "\($0.label)\($0.sign)\"\($0.value)\"" }.joined(separator: ","))}" }

    /// Whether a sample is meant, wherever it was scraped.
    func admits(_ sample: Exposition.Sample) throws -> Bool {
        try sample.name == name
            && matchers.allSatisfy { try ["job", "instance"].contains($0.label) || $0.admits(sample.labels[$0.label] ?? "") }
    }
}

extension Selector {
    private static let operators: Set<Substring> = ["and", "or", "unless", "bool", "offset"]
    /// What stands before names of labels in parentheses.
    private static let clauses: Set<Substring> = ["by", "without", "on", "ignoring", "group_left", "group_right"]
    private static let aggregations: Set<Substring> = ["sum", "min", "max", "avg", "count", "topk", "bottomk", "quantile", "stddev", "group"]

    /// Finds all that an expression has.
    /// - Throws: what can't be read.
    static func all(in expression: String) throws -> [Selector] {
        var selectors: [Selector] = []
        var rest = expression[...]
        func skip(_ pattern: some RegexComponent) -> Bool {
            guard let match = rest.prefixMatch(of: pattern) else { return false }
            rest = rest[match.range.upperBound...]
            return true
        }
        while !rest.isEmpty {
            if skip(/\s+/) || skip(/\[[^\]]*\]/) || skip(/[0-9.]+(e[+-]?[0-9]+|[a-z]+)?/) || skip(/[-+*\/%^<>=!(),]+/) { continue }
            guard let word = rest.prefixMatch(of: /[a-zA-Z_:][a-zA-Z0-9_:]*/) else {
                throw Exposition.Fault(description: "What stands at '\(rest.prefix(20))' in: \(expression)")
            }
            rest = rest[word.range.upperBound...]
            if operators.contains(word.output) || aggregations.contains(word.output) { continue }
            if clauses.contains(word.output) {
                guard skip(/\s*\([a-z_, ]*\)/) else { throw Exposition.Fault(description: "No labels behind '\(word.output)' in: \(expression)") }
                continue
            }
            if rest.prefixMatch(of: /\s*\(/) != nil { continue }
            selectors.append(Selector(name: String(word.output), matchers: try matchers(&rest, in: expression)))
        }
        return selectors
    }

    private static func matchers(_ rest: inout Substring, in expression: String) throws -> [Matcher] {
        guard let open = rest.prefixMatch(of: /\{/) else { return [] }
        rest = rest[open.range.upperBound...]
        var matchers: [Matcher] = []
        while let match = rest.prefixMatch(of: /\s*([a-z_]+)\s*(=~|!~|!=|=)\s*"([^"]*)"\s*,?/) {
            matchers.append(Matcher(label: String(match.1), sign: String(match.2), value: String(match.3)))
            rest = rest[match.range.upperBound...]
        }
        guard let close = rest.prefixMatch(of: /\s*\}/) else { throw Exposition.Fault(description: "A brace is open in: \(expression)") }
        rest = rest[close.range.upperBound...]
        return matchers
    }
}
