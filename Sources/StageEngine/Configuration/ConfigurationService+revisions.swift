public import StageModel
public import StageStore

extension ConfigurationService {
    /// Every saved body of a definition, newest first, deleted ones too.
    /// - Parameter before: only revisions below this one.
    /// - Throws: `not_found` when there never was such a definition.
    public func revisions<Body: Definition>(
        of id: Identifier<Body>, in business: Business.ID, before: Int64?, limit: Int
    ) async throws(EngineError) -> [Revision] {
        let found = try await engine {
            try await store.revisions(of: Body.kind, id: id.description, in: business, before: before, limit: limit)
        }
        guard !found.isEmpty || before != nil else { throw .notFound(Body.kind.noun, id) }
        return found
    }

    /// Saves the body of an earlier revision as the newest one; a definition that was deleted comes back under its id.
    public func restore<Body: EditableDefinition>(
        _ id: Identifier<Body>, revision number: Int64, ifRevision: VersionCondition, by caller: Caller, answering: Answering<Saved<Body>>
    ) async throws(EngineError) -> Saved<Body> {
        guard let last = try await revisions(of: id, in: caller.business, before: nil, limit: 1).first else {
            throw .notFound(Body.kind.noun, id)
        }
        let wanted = try await engine {
            try await store.revisions(of: Body.kind, id: id.description, in: caller.business, before: number &+ 1, limit: 1).first
        }
        guard let wanted, wanted.revision == number else { throw .invalid("revision", "There is no revision \(number).") }
        guard let json = wanted.body else { throw .invalid("revision", "Revision \(number) is its deletion; choose another.") }
        let body = try await engine { try Body(json: json) }

        let flow = try await engine { try await flows.reload(caller.business) }
        if let flow, Body.catalogue(of: flow)[id] == nil {
            return try await save(body, as: id, after: last, action: "restore", by: caller, answering: answering) { flow throws(EngineError) in
                guard Body.catalogue(of: flow)[id] == nil else { throw EngineError(.flowChanged) }
            }
        }
        return try await replace(id, ifRevision: ifRevision, by: caller, answering: answering) { _ in body }
    }

    /// Who did what, newest first.
    public func auditLog(of business: Business.ID, before: Int64?, limit: Int) async throws(EngineError) -> [AuditRecord] {
        try await engine { try await store.auditLog(of: business, before: before, limit: limit) }
    }
}
