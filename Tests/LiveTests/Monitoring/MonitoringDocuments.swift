import Foundation
import StageModel
import Testing
import YAML

/// What docs/monitoring has for operators and their tools.
struct MonitoringDocuments {
    /// A row of the table of metrics.
    struct Row {
        let name: String
        let kind: String
        let unit: String
        let labels: Set<String>
        /// The deployments that have it.
        let place: String
        let meaning: String
    }

    struct Alert {
        let name: String
        let expression: String
        let severity: String?
        let summary: String
        let description: String
    }

    let rows: [Row]
    let dashboard: JSONValue
    let alerts: [Alert]

    init() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../../docs/monitoring").standardizedFileURL
        func text(_ name: String) throws -> String { try String(contentsOf: folder.appending(path: name), encoding: .utf8) }
        rows = try text("README.md").split(separator: "\n").compactMap(Self.row)
        dashboard = try JSONValue(parsing: try text("dashboard.json"))
        let rules = try YAMLNode(parsing: try text("alerts.yaml"))
        alerts = try #require(rules["groups"]?.elements).flatMap { group in
            try #require(group["rules"]?.elements).map { rule in
                Alert(
                    name: try #require(rule["alert"]?.text), expression: try #require(rule["expr"]?.text),
                    severity: rule["labels"]?["severity"]?.text, summary: rule["annotations"]?["summary"]?.text ?? "",
                    description: rule["annotations"]?["description"]?.text ?? "")
            }
        }
    }

    private static func row(_ line: Substring) throws -> Row? {
        guard line.hasPrefix("| `"), case let cells = line.split(separator: "|").map({ $0.trimming(" ") }), cells.count == 6 else { return nil }
        return Row(
            name: cells[0].trimming("`"), kind: cells[1], unit: cells[2],
            labels: Set(cells[3].split(separator: ",").map { $0.trimming(" ").trimming("`") }), place: cells[4], meaning: cells[5])
    }

    /// The dashboard's panels that show something.
    var panels: [JSONValue] { (dashboard["panels"]?.array ?? []).filter { $0["type"] != "row" } }

    /// All expressions, with where they stand.
    var expressions: [(place: String, text: String)] {
        let ofPanels = panels.flatMap { panel in
            (panel["targets"]?.array ?? []).map { (panel["title"]?.string ?? "", $0["expr"]?.string ?? "") }
        }
        let ofVariables = (dashboard["templating"]?["list"]?.array ?? []).compactMap { variable -> (String, String)? in
            let match = variable["query"]?["query"]?.string?.wholeMatch(of: /label_values\((.+), [a-z]+\)/)
            return match.map { (variable["name"]?.string ?? "", String($0.1)) }
        }
        return ofPanels + ofVariables + alerts.map { ($0.name, $0.expression) }
    }
}

extension StringProtocol {
    fileprivate func trimming(_ character: Character) -> String {
        String(drop { $0 == character }.reversed().drop { $0 == character }.reversed())
    }
}

extension YAMLNode {
    fileprivate subscript(name: String) -> YAMLNode? {
        guard case .mapping(let members) = content else { return nil }
        return members.first { $0.name == name }?.value
    }

    fileprivate var elements: [YAMLNode]? { if case .sequence(let elements) = content { elements } else { nil } }

    fileprivate var text: String? { if case .string(let text) = content { text } else { nil } }
}
