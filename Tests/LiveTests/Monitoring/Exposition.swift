import StageModel
import Testing

/// Metrics as Prometheus reads them (text format 0.0.4), read strictly.
struct Exposition {
    struct Sample: Equatable {
        let name: String
        let labels: [String: String]
        let value: Double
    }

    /// A metric: of a histogram all that belongs to it.
    struct Family {
        let kind: String
        let help: String?
        var samples: [Sample] = []

        /// The names of the labels, without a histogram's own.
        var labels: Set<String> { Set(samples.flatMap(\.labels.keys)).subtracting(["le"]) }
    }

    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    private(set) var families: [String: Family] = [:]

    var samples: [Sample] { families.values.flatMap(\.samples) }

    /// - Throws: what is not as the format wants it.
    init(_ text: String) throws {
        guard text.hasSuffix("\n") else { throw Fault(description: "The last line has no end.") }
        var help: (name: String, text: String)?
        var current: String?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            if let match = line.wholeMatch(of: /# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) ((?:[^\\]|\\\\|\\n)*)/) {
                help = (String(match.1), String(match.2))
            } else if let match = line.wholeMatch(of: /# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)/) {
                let name = String(match.1)
                guard families[name] == nil else { throw Fault(description: "\(name) comes twice.") }
                families[name] = Family(kind: String(match.2), help: help?.name == name ? help?.text : nil)
                current = name
            } else {
                let sample = try Self.sample(line)
                guard let current, let kind = families[current]?.kind, Self.names(current, kind).contains(sample.name) else {
                    throw Fault(description: "No TYPE stands before: \(line)")
                }
                families[current]?.samples.append(sample)
            }
        }
        for (name, family) in families { try Self.check(name, family) }
    }

    private static func names(_ family: String, _ kind: String) -> [String] {
        kind == "histogram" ? ["_bucket", "_sum", "_count"].map { family + $0 } : [family]
    }

    private static func sample(_ line: Substring) throws -> Sample {
        let value = /-?(?:[0-9]+(?:\.[0-9]+)?(?:e[+-][0-9]+)?)|[+-]Inf|NaN/
        guard let match = line.wholeMatch(of: /([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? ([^ ]+)/), match.3.wholeMatch(of: value) != nil,
            let number = Double(match.3)
        else { throw Fault(description: "No sample: \(line)") }
        var labels: [String: String] = [:]
        var rest = match.2 ?? ""
        while !rest.isEmpty {
            guard let label = rest.prefixMatch(of: /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\\\|\\"|\\n)*)"(?:,(?=.)|$)/),
                labels.updateValue(String(label.2), forKey: String(label.1)) == nil
            else { throw Fault(description: "No labels: \(line)") }
            rest = rest[label.range.upperBound...]
        }
        return Sample(name: String(match.1), labels: labels, value: number)
    }

    /// What holds of every metric, and of counters and histograms.
    private static func check(_ name: String, _ family: Family) throws {
        var seen: [String: Set<[String: String]>] = [:]
        for sample in family.samples where !seen[sample.name, default: []].insert(sample.labels).inserted {
            throw Fault(description: "\(name) has the same labels twice: \(sample.labels)")
        }
        if family.kind != "gauge", let sample = family.samples.first(where: { !($0.value >= 0) }) {
            throw Fault(description: "\(sample.name) is below 0.")
        }
        guard family.kind == "histogram" else { return }
        let ofEach = Dictionary(grouping: family.samples) { $0.labels.filter { $0.key != "le" } }
        for (labels, samples) in ofEach {
            let buckets = samples.filter { $0.name == name + "_bucket" }
            let bounds = buckets.map { $0.labels["le"].flatMap { Double($0) } ?? .nan }
            let counts = buckets.map(\.value)
            guard bounds.last == .infinity, zip(bounds, bounds.dropFirst()).allSatisfy({ $0 < $1 }),
                zip(counts, counts.dropFirst()).allSatisfy({ $0 <= $1 }), samples.count == buckets.count + 2,
                samples.first(where: { $0.name == name + "_count" })?.value == counts.last, samples.contains(where: { $0.name == name + "_sum" })
            else { throw Fault(description: "\(name) is no histogram at \(labels).") }
        }
    }
}
