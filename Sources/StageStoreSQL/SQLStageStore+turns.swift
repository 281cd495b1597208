public import StageModel
public import StageStore

extension SQLStageStore: TurnStore {
    public func turn(of messageID: String, in key: ConversationKey) async throws(StoreError) -> HandledMessage? {
        try await turns(of: key, "AND message_id = ?3", [.text(messageID)]).first
    }

    public func turns(of key: ConversationKey, before: Int64?, limit: Int) async throws(StoreError) -> [HandledMessage] {
        try await turns(of: key, "AND turn < ?3 ORDER BY turn DESC LIMIT ?4", [.integer(before ?? .max), SQLValue(limit)])
    }

    public func handle<Failure: Error>(
        _ messages: [String], in key: ConversationKey, at now: Timestamp,
        _ decide: @escaping @Sendable (_ state: ConversationState, _ exists: Bool) throws(Failure) -> ConversationCommit?
    ) async throws -> ConversationState {
        try await submit(Update(key: key, now: now, messages: messages, decide: decide))
    }

    private func turns(of key: ConversationKey, _ clause: String, _ values: [SQLValue]) async throws(StoreError) -> [HandledMessage] {
        try await storing {
            try await self.database.readOnce { [table] connection in
                let sealed = try connection.rows(
                    "SELECT \(TurnRow.columns) FROM turns WHERE business_id = ?1 AND conversation_id = ?2 \(clause)",
                    [SQLValue(key.business), SQLValue(key.conversation)] + values
                ) { row throws(SQLError) in try TurnRow.Sealed(row) }
                guard !sealed.isEmpty else { return [] }
                let salt = try table.salt(of: key.business, connection)
                return try sealed.map { try $0.open(in: key, table.sealer, salt: salt) }
            }
        }
    }

    /// What keeps the messages of a turn, and gives up the places that it was decided under.
    func statements(for commit: ConversationCommit, _ connection: any SQLConnection) throws -> [SQLStatement] {
        guard let change = commit.change, !commit.messages.isEmpty else { return [] }
        let key = change.state.key
        let salt = try table.salt(of: key.business, connection)
        let surrenders = commit.tickets.map { $0.surrender(isInterrupted: false) } + commit.interrupted.map { $0.surrender(isInterrupted: true) }
        return try (database.isShared ? surrenders : [])
            + commit.messages.map { try TurnRow.insertion(of: $0, in: key, sealer, salt: salt) }
    }
}

extension TurnTicket {
    /// Gives the place up; one that is lost or was interrupted undoes all.
    fileprivate func surrender(isInterrupted: Bool) -> SQLStatement {
        SQLStatement(
            "DELETE FROM turn_tickets WHERE ticket_id = ?1 AND interrupted = ?2", [SQLValue(id), .boolean(isInterrupted)],
            otherwise: StoreError.placeLost)
    }
}
