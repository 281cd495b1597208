import CLibPQ

extension Link {
    /// One answer to what was sent.
    enum Answer {
        case result(PostgresResult)
        case failure(PostgresError)
        /// A statement of a group that was left out because one before it failed.
        case skipped
        /// The end of a group.
        case synchronized
    }

    /// Reads one of libpq's results, taking it over.
    func answer(_ result: OpaquePointer) -> Answer {
        switch PQresultStatus(result) {
        case PGRES_PIPELINE_SYNC:
            PQclear(result)
            return .synchronized
        case PGRES_PIPELINE_ABORTED:
            PQclear(result)
            return .skipped
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
            return .result(PostgresResult(owning: result))
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
            PQclear(result)
            // The connection would wait for data that nobody sends.
            breakOff()
            return .failure(PostgresError(.invalidStatement, "COPY is not supported"))
        default:
            defer { PQclear(result) }
            let error = PostgresError(result: result)
            guard PQstatus(connection) == CONNECTION_OK else {
                breakOff()
                return .failure(PostgresError(.connectionLost, error.message, sqlState: error.sqlState))
            }
            return .failure(error)
        }
    }

    /// The one answer to a single statement; of several, the last, or the first failure.
    func singleAnswer(until deadline: ContinuousClock.Instant, _ flag: CancelFlag) throws(PostgresError) -> PostgresResult {
        var found: PostgresResult?
        var failure: PostgresError?
        while !isBroken, let result = try nextResult(until: deadline, flag) {
            switch answer(result) {
            case .result(let result): found = result
            case .failure(let error): failure = failure ?? error
            case .skipped, .synchronized: break
            }
        }
        settle()
        if let failure { throw failure }
        guard let found else { throw lost() }
        return found
    }

    /// Runs a statement, or several with `;` between them, that bind nothing.
    func run(_ sql: String, until deadline: ContinuousClock.Instant, _ flag: CancelFlag) throws(PostgresError) -> PostgresResult {
        guard PQsendQuery(connection, sql) == 1 else { throw notSent() }
        return try singleAnswer(until: deadline, flag)
    }

    /// Runs a prepared statement, its answer in binary form.
    func run(
        _ prepared: PreparedStatement, _ parameters: ParameterBuffer, until deadline: ContinuousClock.Instant, _ flag: CancelFlag
    ) throws(PostgresError) -> PostgresResult {
        try send(prepared, parameters)
        return try singleAnswer(until: deadline, flag)
    }

    func send(_ prepared: PreparedStatement, _ parameters: ParameterBuffer) throws(PostgresError) {
        let binary: Int32 = 1
        let isSent = parameters.withPointers { count, values, lengths, forms in
            PQsendQueryPrepared(connection, prepared.name, count, values, lengths, forms, binary)
        }
        guard isSent == 1 else { throw notSent() }
    }

    /// Sends a statement of a group that binds nothing.
    func send(command: String) throws(PostgresError) {
        guard PQsendQueryParams(connection, command, 0, nil, nil, nil, nil, 1) == 1 else { throw notSent() }
    }

    /// Prepares statements in one round trip and asks for the types of their parameters.
    /// - Returns: for each the types, or why it can't be prepared; the ones after a failure are left out.
    func prepare(
        _ statements: [(name: String, sql: String)], until deadline: ContinuousClock.Instant, _ flag: CancelFlag
    ) throws(PostgresError) -> [Result<[PostgresType], PostgresError>] {
        let answers = try group(until: deadline, flag) { () throws(PostgresError) in
            for statement in statements {
                guard PQsendPrepare(connection, statement.name, statement.sql, 0, nil) == 1,
                    PQsendDescribePrepared(connection, statement.name) == 1
                else { throw notSent() }
            }
        }
        var types: [Result<[PostgresType], PostgresError>] = []
        for index in stride(from: 0, to: answers.count, by: 2) {
            for answer in answers[index..<min(index + 2, answers.count)] {
                guard case .failure(let error) = answer else { continue }
                types.append(.failure(error))
                return types
            }
            guard index + 1 < answers.count, case .result(let description) = answers[index + 1] else { break }
            types.append(.success(description.parameterTypes))
        }
        return types
    }

    /// Sends several things at once and gathers one answer for each.
    func group(
        until deadline: ContinuousClock.Instant, _ flag: CancelFlag, _ send: () throws(PostgresError) -> Void
    ) throws(PostgresError) -> [Answer] {
        guard PQenterPipelineMode(connection) == 1 else { throw notSent() }
        do throws(PostgresError) {
            try send()
        } catch {
            // Half a group is on its way.
            breakOff()
            throw error
        }
        guard PQpipelineSync(connection) == 1 else { throw notSent() }
        var answers: [Answer] = []
        gathering: while true {
            // Between two answers libpq puts a nil.
            guard let result = try nextResult(until: deadline, flag) else {
                guard PQstatus(connection) == CONNECTION_OK else { throw lost() }
                continue
            }
            let answer = answer(result)
            switch answer {
            case .synchronized: break gathering
            case .result, .skipped: answers.append(answer)
            case .failure(let error):
                if isBroken { throw error }
                answers.append(answer)
            }
        }
        settle()
        guard PQexitPipelineMode(connection) == 1 else { throw notSent() }
        return answers
    }

    /// libpq took nothing: the connection is gone, or it is not in the state for it.
    private func notSent() -> PostgresError {
        guard PQstatus(connection) == CONNECTION_OK else { return lost() }
        // Nothing that a user gives leads here.
        breakOff()
        return PostgresError(.other, message)
    }
}

extension PostgresError {
    /// What the server said of a statement.
    fileprivate init(result: OpaquePointer) {
        // libpq's names of the fields are characters.
        func field(_ name: Unicode.Scalar) -> String? { PQresultErrorField(result, Int32(name.value)).map { String(cString: $0) } }
        let state = field("C")
        self.init(
            state.map(Code.init(sqlState:)) ?? .other, field("M") ?? String(cString: PQresultErrorMessage(result)).trimmed, sqlState: state,
            constraint: field("n"), table: field("t"), column: field("c"), detail: field("D"), hint: field("H"))
    }
}
