import Crypto
import Logging
import PostgresClient
import Sealing
public import ServiceLifecycle
public import StageModel
public import StageStore
import Synchronization

/// The lines of conversations in a PostgreSQL database, for all servers that use it.
///
/// A server says every second that it lives; the places of one that has not said so for five seconds count no more. What it then still tries to
/// commit is refused.
public final class PostgresTurnLine: TurnLine, Service {
    private static let heartbeat = Duration.seconds(1)
    /// How long a server is taken to live, by PostgreSQL's clock.
    private static let lease = "INTERVAL '5 seconds'"
    /// How soon it is seen that another server has changed a line.
    private static let look = Duration.milliseconds(50)

    private let database: PostgresDatabase
    private let table: ConversationTable
    private let logger: Logger
    private let server = Identifier<PostgresTurnLine>()
    private let changes = LineChanges()
    private let lastBeat = Mutex<ContinuousClock.Instant?>(nil)
    /// Places that nobody comes for and that may be there all the same, until when each is removed with every sign of life: the connection was lost
    /// while they were taken or given up, and what was sent before may still be carried out.
    private let forsaken = Mutex<[TurnTicket.ID: ContinuousClock.Instant]>([:])
    private static let forsakenFor = Duration.seconds(60)

    init(database: PostgresDatabase, table: ConversationTable, logger: Logger) {
        self.database = database
        self.table = table
        self.logger = logger
    }

    // MARK: - The line

    public func join(
        _ message: InboundMessage, in key: ConversationKey, policy: StageConfiguration.Busy
    ) async throws(StoreError) -> TurnQueue.Joining {
        let ticket = TurnTicket(key: key)
        let joining: TurnQueue.Joining
        do throws(StoreError) {
            joining = try await storing {
                try await self.liveOn()
                return try await self.database.changeLine(lock: Self.lock(of: key)) { connection in
                    try self.join(message, as: ticket, policy: policy, connection)
                }
            }
        } catch {
            forsake([ticket])
            throw error
        }
        if case .joined = joining { changes.note(key) }
        return joining
    }

    private func join(
        _ message: InboundMessage, as ticket: TurnTicket, policy: StageConfiguration.Busy, _ connection: any SQLConnection
    ) throws -> TurnQueue.Joining {
        let key = ticket.key
        var queue = try Self.queue(of: key, table, connection)
        let joining = queue.join(message, as: ticket, policy: policy)
        guard case .joined = joining else { return joining }
        if policy == .interrupt {
            try connection.run(
                "UPDATE turn_tickets SET interrupted = TRUE WHERE business_id = ?1 AND conversation_id = ?2",
                [SQLValue(key.business), SQLValue(key.conversation)])
        }
        let salt = try table.salt(of: key.business, connection)
        let sealed = try table.sealer.seal(message.json, salt: salt, place: Self.place(ticket.id))
        try connection.run(
            """
            INSERT INTO turn_tickets (ticket_id, server_id, business_id, conversation_id, interrupted, sealed)
            VALUES (?1, ?2, ?3, ?4, FALSE, ?5)
            """, [SQLValue(ticket.id), SQLValue(server), SQLValue(key.business), SQLValue(key.conversation), .blob(sealed)])
        return joining
    }

    public func standing(of ticket: TurnTicket) async throws(StoreError) -> TurnQueue.Standing {
        try await storing {
            try await self.database.readOnce { [table] in try Self.queue(of: ticket.key, table, $0) }
        }.standing(of: ticket.id)
    }

    public func waitForChange(of key: ConversationKey, since moment: UInt64) async {
        await changes.wait(for: key, since: moment, atMost: Self.look)
    }

    public func moment(of key: ConversationKey) -> UInt64 { changes.moment(of: key) }

    public func leave(_ tickets: [TurnTicket]) async throws(StoreError) {
        guard let key = tickets.first?.key else { return }
        defer { changes.note(key) }
        do throws(StoreError) {
            try await storing {
                try await self.database.changeLine(lock: Self.lock(of: key)) { connection in
                    try connection.run(tickets.map { Self.removal(of: $0.id) })
                }
            }
        } catch {
            forsake(tickets)
            throw error
        }
    }

    private static func removal(of ticket: TurnTicket.ID) -> SQLStatement {
        SQLStatement("DELETE FROM turn_tickets WHERE ticket_id = ?1", [SQLValue(ticket)])
    }

    /// Sees to it that places do not hold others up as long as this server lives.
    private func forsake(_ tickets: [TurnTicket]) {
        let end = ContinuousClock.now + Self.forsakenFor
        forsaken.withLock { forsaken in for ticket in tickets { forsaken[ticket.id] = end } }
    }

    public func committed(_ tickets: [TurnTicket]) { if let key = tickets.first?.key { changes.note(key) } }

    /// The places of servers that live, in their order.
    private static func queue(
        of key: ConversationKey, _ table: ConversationTable, _ connection: any SQLConnection
    ) throws -> TurnQueue {
        let rows = try connection.rows(
            """
            SELECT ticket_id, interrupted, sealed FROM turn_tickets JOIN turn_servers ON turn_servers.server_id = turn_tickets.server_id
            WHERE business_id = ?1 AND conversation_id = ?2 AND alive_until > clock_timestamp() ORDER BY position
            """, [SQLValue(key.business), SQLValue(key.conversation)]
        ) { row throws(SQLError) in
            (ticket: try row.identifier(0) as TurnTicket.ID, isInterrupted: row.boolean(1), sealed: row.blob(2))
        }
        guard !rows.isEmpty else { return TurnQueue() }
        let salt = try table.salt(of: key.business, connection)
        return TurnQueue(
            try rows.map { row in
                let json = try JSONValue(parsing: try table.sealer.open(row.sealed, salt: salt, place: place(row.ticket)))
                return TurnQueue.Place(ticket: row.ticket, message: try InboundMessage(kept: json), isInterrupted: row.isInterrupted)
            })
    }

    private static func place(_ ticket: TurnTicket.ID) -> [UInt8] { Array("turn_tickets/\(ticket)".utf8) }

    /// The number of the advisory lock under which a line changes; two lines that share one only wait for each other.
    private static func lock(of key: ConversationKey) -> Int64 {
        SHA256.hash(data: Array("\(key.business)/\(key.conversation)".utf8)).prefix(8).reduce(0) { $0 << 8 | Int64($1) }
    }

    // MARK: - Living

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do { try await self.beat() } catch {
                    // Whoever wants a place meanwhile hears of it.
                    if !Task.isCancelled {
                        self.logger.warning("The lines of messages can't be kept up.", metadata: ["error": "\(error)"])
                    }
                }
                // Throws only when it is time to stop.
                try? await Task.sleep(for: Self.heartbeat)
            }
        }
    }

    /// Says that this server lives, unless it has said so just now.
    private func liveOn() async throws {
        guard lastBeat.withLock({ $0.map { ContinuousClock.now - $0 > Self.heartbeat * 2 } ?? true }) else { return }
        try await beat()
    }

    private func beat() async throws {
        let now = ContinuousClock.now
        let left = forsaken.withLock(\.self)
        try await database.changeLine(lock: nil) { [server] connection in
            try connection.run(left.keys.map(Self.removal))
            try connection.run([
                SQLStatement(
                    """
                    INSERT INTO turn_servers (server_id, alive_until) VALUES (?1, clock_timestamp() + \(Self.lease))
                    ON CONFLICT (server_id) DO UPDATE SET alive_until = excluded.alive_until
                    """, [SQLValue(server)]),
                SQLStatement("DELETE FROM turn_servers WHERE alive_until < clock_timestamp() - INTERVAL '1 minute'", []),
                SQLStatement(
                    """
                    DELETE FROM turn_tickets WHERE server_id NOT IN
                        (SELECT server_id FROM turn_servers WHERE alive_until > clock_timestamp())
                    """, []),
            ])
        }
        forsaken.withLock { forsaken in for (ticket, end) in left where end < now { forsaken[ticket] = nil } }
        lastBeat.withLock { $0 = now }
    }
}

extension InboundMessage {
    /// The message as it is sealed while it waits.
    fileprivate var json: [UInt8] {
        JSONWriter.bytes { json in
            json.object { json in
                json.field("id", id)
                json.field("text", message.text)
                json.field("type", message.type)
                json.field("metadata", message.metadata)
                json.field("received_at", message.receivedAt.microseconds)
                json.field("user_name", userName)
            }
        }
    }

    fileprivate init(kept json: JSONValue) throws(InvalidInput) {
        self.init(
            id: try json.member("id", \.string),
            message: Message(
                text: try json.member("text", \.string), type: try json.member("type", \.string),
                metadata: try json.optional("metadata", \.object) ?? [:],
                receivedAt: Timestamp(microseconds: try json.member("received_at", \.integer))),
            userName: try json.optional("user_name", \.string))
    }
}
