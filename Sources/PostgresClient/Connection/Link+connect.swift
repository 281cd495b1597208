import CLibPQ

extension Link {
    /// Settings that the URL may override, by libpq's names.
    private static func defaults(_ configuration: PostgresConfiguration) -> [(String, String)] {
        [
            ("fallback_application_name", configuration.applicationName),
            // A host that vanished is noticed after a minute even where no statement waits for it.
            ("keepalives", "1"), ("keepalives_idle", "30"), ("keepalives_interval", "10"), ("keepalives_count", "3"),
            // Milliseconds.
            ("tcp_user_timeout", "30000"),
        ]
    }

    /// Settings that the URL can't override: all texts are UTF-8.
    private static let fixed = [("client_encoding", "UTF8")]

    /// Makes a connection, waiting only where it can be woken.
    /// - Returns: a connection in libpq's non-blocking mode, which the caller owns.
    static func connect(_ configuration: PostgresConfiguration, wake: WakeSignal, flag: CancelFlag) throws(PostgresError) -> OpaquePointer {
        let deadline = ContinuousClock.now + configuration.connectTimeout
        guard let connection = start(defaults(configuration) + [("dbname", configuration.url.text)] + fixed) else {
            throw PostgresError(.insufficientResources, "libpq has no memory for a connection")
        }
        do throws(PostgresError) {
            // The SQLSTATE of a refusal is told only in the longest form of libpq's messages.
            PQsetErrorVerbosity(connection, PQERRORS_VERBOSE)
            // Without a receiver libpq writes notices to the standard error.
            PQsetNoticeReceiver(connection, { _, _ in }, nil)
            try poll(connection, wake, flag, until: deadline)
            guard PQsetnonblocking(connection, 1) == 0 else { throw PostgresError(.other, String(cString: PQerrorMessage(connection)).trimmed) }
            return connection
        } catch {
            PQfinish(connection)
            throw error
        }
    }

    private static func start(_ settings: [(String, String)]) -> OpaquePointer? {
        withCStrings(settings.map(\.0)) { names in
            withCStrings(settings.map(\.1)) { values in
                // The database's name may be a whole URL.
                PQconnectStartParams(names, values, 1)
            }
        }
    }

    /// Lends texts as libpq takes them: a list of C strings that ends with nil.
    private static func withCStrings<Value>(_ texts: [String], _ body: ([UnsafePointer<CChar>?]) -> Value) -> Value {
        let bytes = texts.map { Array($0.utf8CString) }
        func lend(_ index: Int, _ pointers: [UnsafePointer<CChar>?]) -> Value {
            guard index < bytes.count else { return body(pointers + [nil]) }
            return bytes[index].withUnsafeBufferPointer { lend(index + 1, pointers + [$0.baseAddress]) }
        }
        return lend(0, [])
    }

    private static func poll(
        _ connection: OpaquePointer, _ wake: WakeSignal, _ flag: CancelFlag, until deadline: ContinuousClock.Instant
    ) throws(PostgresError) {
        func refused() -> PostgresError { PostgresError(refusal: String(cString: PQerrorMessage(connection)).trimmed) }
        guard PQstatus(connection) != CONNECTION_BAD else { throw refused() }
        var state = PGRES_POLLING_WRITING
        while true {
            switch state {
            case PGRES_POLLING_OK: return
            case PGRES_POLLING_READING, PGRES_POLLING_WRITING:
                guard !flag.isRaised else { throw PostgresError(.closed, "the attempt to connect was given up") }
                let isReading = state == PGRES_POLLING_READING
                switch wake.wait(socket: PQsocket(connection), reading: isReading, writing: !isReading, until: deadline) {
                case .ready: state = PQconnectPoll(connection)
                case .woken: continue
                case .timedOut: throw PostgresError(.connectTimeout, "no connection within the time allowed")
                }
            default: throw refused()
            }
        }
    }
}

extension PostgresError {
    /// Why a connection was not made.
    /// - Parameter message: libpq's, in its longest form.
    init(refusal message: String) {
        if let state = Self.sqlState(in: message) {
            self.init(Code(sqlState: state), message, sqlState: state)
        } else if message.contains("password") {
            // The server wants one and none is given: libpq gives up by itself.
            self.init(.authenticationFailed, message)
        } else if message.contains("SSL") || message.contains("certificate") {
            self.init(.tlsFailed, message)
        } else if message.contains("invalid ") && !message.contains("connection to server") {
            self.init(.invalidConfiguration, message)
        } else {
            self.init(.unreachable, message)
        }
    }

    /// The code in a message such as `FATAL: 28P01: password authentication failed`, whatever language the rest is in.
    static func sqlState(in message: String) -> String? {
        message.split(separator: " ").lazy.compactMap { word -> String? in
            guard word.utf8.count == 6, word.hasSuffix(":") else { return nil }
            let code = word.dropLast()
            let isCode = code.utf8.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0)
            }
            // `FATAL:`, `ERROR:` and `PANIC:` have the same shape, but no digit.
            return isCode && code.contains(where: \.isNumber) ? String(code) : nil
        }.first
    }
}
