import StageEngine
import StageModel
import StageStore

/// The stages of a business: the list, the flow as a picture, what the flow check says, and the funnel.
struct StageListPage {
    private static let pageSize = 100
    /// A picture of more stages stands on a page of its own.
    private static let mostDrawn = 60
    private static let mostFindings = 8
    private static let mostSteps = 8

    enum Order: String, CaseIterable {
        case name
        case nameDescending = "-name"
        case here = "-here"
        case updated = "-updated"

        var label: String {
            switch self {
            case .name: "Name, A to Z"
            case .nameDescending: "Name, Z to A"
            case .here: "Most conversations here"
            case .updated: "Last saved"
            }
        }
    }

    let flow: Flow
    let totals: [Stage.ID: StageStatistics]
    let query: [String: String]
    let now: Timestamp

    var content: PageContent {
        PageContent(template: "StageList", title: "Stages", part: .stages, model: model)
    }

    private var model: PageValue {
        let order = query["sort"].flatMap(Order.init) ?? .name
        let found = matching(order)
        let start = min(max(0, query["cursor"].flatMap { Int($0) } ?? 0), found.count)
        let shown = found[start...].prefix(Self.pageSize)
        let isTall = query["view"] == "flow"
        return [
            "total": .number(flow.stages.all.count), "filters": filters(order), "columns": columns(order),
            "has_stages": .flag(!shown.isEmpty), "stages": .list(shown, row), "listing": .flag(!isTall),
            "pager": pager(start, shown.count, found.count), "graph": graph(isTall: isTall), "check": check, "funnel": funnelModel,
        ]
    }

    // MARK: - The list

    private func matching(_ order: Order) -> [Saved<Stage>] {
        let wanted = query["q"]?.lowercased() ?? ""
        let found = flow.stages.all.filter { stage in
            (wanted.isEmpty || stage.name.lowercased().contains(wanted))
                && isAny("type", stage.style.rawValue) && isAny("agent_id", stage.agentID?.description ?? "")
                && isAny("status", flow.state(of: stage.id).status.rawValue)
        }
        switch order {
        case .name: return found
        case .nameDescending: return found.reversed()
        case .here: return found.sorted { (here($0.id), $1.id) > (here($1.id), $0.id) }
        case .updated: return found.sorted { ($0.updatedAt, $1.id) > ($1.updatedAt, $0.id) }
        }
    }

    private func here(_ stage: Stage.ID) -> Int64 { totals[stage]?.conversationsHere ?? 0 }

    private func isAny(_ filter: String, _ value: String) -> Bool {
        guard let wanted = query[filter], !wanted.isEmpty else { return true }
        return wanted == value
    }

    private func row(_ stage: Saved<Stage>) -> PageValue {
        [
            "stage_id": .text(stage.id.description), "stage_name": .text(stage.name), "stage_description": .text(stage.description),
            "stage_type": .text(stage.style.rawValue), "is_entry": .flag(stage.isEntry), "is_final": .flag(stage.configuration.isFinal),
            "agent_name": .optional(stage.agentID.flatMap { flow.agents[$0] }?.name),
            "status": .text(flow.state(of: stage.id).status.rawValue), "conversations_here": .number(here(stage.id)),
            "updated_at": .moment(stage.updatedAt, now: now),
        ]
    }

    private func filters(_ order: Order) -> PageValue {
        func options(_ filter: String, _ values: [(String, String)]) -> PageValue {
            .list(values) { .option($0.0, $0.1, isSelected: query[filter] == $0.0) }
        }
        let isFiltered = ["q", "type", "agent_id", "status"].contains { !(query[$0] ?? "").isEmpty }
        return [
            "is_shown": .flag(!flow.stages.all.isEmpty), "q": .text(query["q"] ?? ""), "is_filtered": .flag(isFiltered),
            "types": options("type", Stage.Style.allCases.map { ($0.rawValue, $0.rawValue) }),
            "agents": options("agent_id", flow.agents.all.map { ($0.id.description, $0.name) }),
            "statuses": options("status", StageState.Status.allCases.map { ($0.rawValue, $0.rawValue) }),
            "sorts": .list(Order.allCases) { .option($0.rawValue, $0.label, isSelected: $0 == order) },
        ]
    }

    private func columns(_ order: Order) -> PageValue {
        func column(_ label: String, sort: Order? = nil, isNumber: Bool = false, ariaSort: String? = nil) -> PageValue {
            [
                "label": .text(label), "sort_path": .optional(sort.map { path(["sort": $0.rawValue, "cursor": nil]) }), "is_number": .flag(isNumber),
                "aria_sort": .optional(ariaSort),
            ]
        }
        let nameOrder = order == .name ? "ascending" : order == .nameDescending ? "descending" : nil
        return [
            column("Stage", sort: order == .name ? .nameDescending : .name, ariaSort: nameOrder), column("Type"), column("Agent"), column("Status"),
            column("Here now", sort: .here, isNumber: true, ariaSort: order == .here ? "descending" : nil),
            column("Saved", sort: .updated, ariaSort: order == .updated ? "descending" : nil),
        ]
    }

    private func pager(_ start: Int, _ shown: Int, _ total: Int) -> PageValue {
        guard total > 0 else { return .none }
        let next = start + shown
        return [
            "summary": .text("\((start + 1).grouped)–\(next.grouped) of \(total.grouped)"),
            "first_path": .optional(start > 0 ? path(["cursor": nil]) : nil),
            "next_path": .optional(next < total ? path(["cursor": String(next)]) : nil),
        ]
    }

    /// The page with some of its query changed.
    private func path(_ changes: [String: String?]) -> String {
        var values = query.filter { ["q", "type", "agent_id", "status", "sort", "cursor"].contains($0.key) && !$0.value.isEmpty }
        for (name, value) in changes { values[name] = value }
        let text = values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.percentEncoded)" }.joined(separator: "&")
        return text.isEmpty ? "/stages" : "/stages?\(text)"
    }

    // MARK: - What stands beside the list

    private func graph(isTall: Bool) -> PageValue {
        guard !flow.stages.all.isEmpty, isTall || flow.stages.all.count <= Self.mostDrawn else { return .none }
        let graph = FlowGraph(flow, conversationsHere: totals.mapValues(\.conversationsHere))
        let (stages, edges) = (graph.nodes.count, graph.edges.count)
        return [
            "is_tall": .flag(isTall), "list_path": "/stages", "tall_path": "/stages?view=flow",
            "summary": .text("\(stages) stages and \(edges) ways between them"),
            "svg": .text(graph.svg(isStandalone: false, linking: true, labelling: isTall)),
        ]
    }

    private var check: PageValue {
        guard !flow.stages.all.isEmpty else { return .none }
        let findings = flow.findings
        let shown = query["findings"] == "all" ? findings[...] : findings.prefix(Self.mostFindings)
        return [
            "total": .number(findings.count), "flow_revision": .number(flow.revision), "has_findings": .flag(!findings.isEmpty),
            "findings": .list(shown) { $0.model(in: flow) },
            "more_path": .optional(findings.count > shown.count ? "/stages?findings=all#findings" : nil),
        ]
    }

    private var funnelModel: PageValue {
        guard !flow.stages.all.isEmpty else { return .none }
        let all = flow.stages.all.map { (stage: $0, statistics: totals[$0.id] ?? StageStatistics()) }
        let funnel = all.sorted { ($0.statistics.entered, $1.stage.id) > ($1.statistics.entered, $0.stage.id) }
        let most = funnel.first?.statistics.entered ?? 0
        return [
            "period": "since the beginning",
            "steps": .list(funnel.prefix(Self.mostSteps)) { stage, statistics in
                let share = most > 0 ? Double(statistics.entered) / Double(most) * 100 : 0
                return [
                    "stage_id": .text(stage.id.description), "stage_name": .text(stage.name), "entered": .number(statistics.entered),
                    "left": .number(statistics.left), "share": .text(String(Int(share.rounded()))),
                    "drop_off": .text(Self.percentage(statistics.ended, of: statistics.entered)),
                    "median": .text(statistics.durations.quantile(0.5).map(\.spokenDuration) ?? "–"),
                ]
            },
        ]
    }

    private static func percentage(_ part: Int64, of whole: Int64) -> String {
        whole > 0 ? "\(Int((Double(part) / Double(whole) * 100).rounded())) %" : "–"
    }
}

extension Finding {
    /// The finding as a page shows it, with a link to what it is about.
    func model(in flow: Flow) -> PageValue {
        let parts = place.description.split(separator: "/").map(String.init)
        let id = parts.count > 1 ? parts[1] : ""
        var (label, path): (String, String?) = ("the flow", nil)
        if let stage = Stage.ID(id).flatMap({ flow.stages[$0] }) { (label, path) = (stage.name, "/stages/\(id)") }
        if let template = Template.ID(id).flatMap({ flow.templates[$0] }) { (label, path) = (template.name, "/templates/\(id)") }
        if let agent = Agent.ID(id).flatMap({ flow.agents[$0] }) { (label, path) = (agent.name, "/agents/\(id)") }
        if let rule = TransitionRule.ID(id).flatMap({ flow.rules[$0] }) {
            (label, path) = (rule.name, "/stages/\(rule.fromStageID ?? rule.toStageID)#transition-rules")
        }
        return [
            "severity": .text(severity.rawValue), "place": .text(label), "path": .optional(path), "message": .text(message),
            "remedy": .text(remedy), "example": .optional(example),
        ]
    }
}
