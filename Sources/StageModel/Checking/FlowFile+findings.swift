extension FlowFile {
    /// The definitions of the file as a flow, all stages enabled.
    public func flow() -> Flow {
        let moment = Timestamp(microseconds: 0)
        let business = Business(
            id: Business.ID("00000000-0000-4000-8000-000000000000") ?? Business.ID(), name: businessName, flowRevision: 1,
            createdAt: moment, updatedAt: moment)
        func saved<Body>(_ entries: [Entry<Body>]) -> [Saved<Body>] {
            entries.map { Saved(id: $0.id, businessID: business.id, body: $0.body, createdAt: moment, updatedAt: moment, revision: 1) }
        }
        return Flow(business: business, agents: saved(agents), templates: saved(templates), stages: saved(stages), rules: saved(rules))
    }

    /// What will go wrong in the flow, or is probably not meant, with everything for which importing it would be refused.
    public func findings() -> [Finding] {
        let flow = flow()
        let findings = flow.findings
        let told = Set(findings.filter { $0.severity == .error }.map(\.place))
        let faults = [Self.faults(flow.agents, in: flow), Self.faults(flow.stages, in: flow), Self.faults(flow.rules, in: flow)]
        return Finding.ordered(findings + faults.joined().filter { !told.contains($0.place) })
    }

    private static func faults<Body>(_ definitions: Catalogue<Body>, in flow: Flow) -> [Finding] {
        definitions.all.flatMap { definition in
            definition.body.faults(in: flow, id: definition.id).map { fault in
                let place = fault.pointer.inside(definition.id.description).inside(Body.kind.collection)
                return Finding(invalid: fault, of: "the \(Body.kind.noun) '\(definition.name)'", at: place)
            }
        }
    }
}

extension Finding {
    /// A fault for which saving a definition would be refused.
    init(invalid fault: InputFault, of title: String, at place: JSONPointer) {
        // Below the first line stands the one that is at fault, with a caret.
        let sentence = fault.message.prefix { !$0.isNewline }
        self.init(
            .invalidDefinition, .error, at: place, "In \(title): \(sentence)",
            remedy: "Correct it; as it is, the definition would be refused.")
    }
}
