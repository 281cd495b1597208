import DequeModule
import NIOCore

/// Keeps the commands of one connection in the order in which they were given, and so in the order of their replies.
///
/// A command that nobody waits for any more keeps its place, for its reply comes all the same. It knows neither clock nor sockets.
struct CommandQueue<Waiter: Sendable>: Sendable {
    struct Limits: Equatable, Sendable {
        /// The most commands that may wait for their replies.
        var commands = 20_000
        /// The most bytes that these commands may have.
        var bytes = 64 << 20
        /// The most bytes that the replies to one pipeline may have, which are kept until the last has come.
        var replyBytes = 128 << 20
    }

    private struct Entry: Sendable {
        let id: UInt64
        let deadline: NIODeadline
        let byteCount: Int
        /// How many replies it gets: one for each command of a pipeline.
        let replyCount: Int
        var replies: [RESPValue] = []
        var replyBytes = 0
        /// How many replies have come; an abandoned entry counts but does not collect them.
        var received = 0
        /// Nil when whoever waited has given up.
        var waiter: Waiter?
        /// Its bytes, as long as there is no connection to write them to.
        var held: ByteBuffer?
    }

    private enum Link: Sendable {
        /// There is no connection yet, or not again, and nothing says that there won't be one soon.
        case awaited
        case up
        /// The last attempt failed, with what commands are told.
        case down(RedisError)
    }

    private let limits: Limits
    private var link: Link = .awaited
    private(set) var isClosing = false
    private var entries: Deque<Entry> = []
    private var nextID: UInt64 = 1
    /// Entries below have been given to the connection.
    private var firstUnsentID: UInt64 = 1
    private var pendingCommands = 0
    private var pendingBytes = 0
    private var outbound: [ByteBuffer] = []
    private var isWoken = false

    init(limits: Limits = Limits()) { self.limits = limits }

    /// The id that the next command gets.
    var upcomingID: UInt64 { nextID }
    /// How many commands wait for their replies.
    var count: Int { pendingCommands }

    enum AddAction: Sendable {
        /// - wake: whether the connection has to be told that there is something to do; otherwise it knows.
        case accepted(wake: Bool)
        case refused(RedisError)
    }

    /// Puts commands at the end.
    /// - Parameters:
    ///   - bytes: the commands, encoded.
    ///   - replyCount: how many commands, and so replies, these are.
    mutating func add(_ bytes: ByteBuffer, replyCount: Int = 1, waiter: Waiter, deadline: NIODeadline) -> AddAction {
        // Refused commands have ids of their own, too: whoever gives one up must not meet another's command.
        let id = nextID
        nextID += 1
        if isClosing { return .refused(.closed) }
        if case .down(let reason) = link { return .refused(reason) }
        guard replyCount <= limits.commands - pendingCommands, bytes.readableBytes <= limits.bytes - pendingBytes else {
            return .refused(
                RedisError(
                    .tooManyPending, "Too many commands wait for Redis; the command was not sent. Try again later.",
                    debug: "\(pendingCommands) commands with \(pendingBytes) bytes wait, at most \(limits.commands) with \(limits.bytes) may"))
        }
        var entry = Entry(id: id, deadline: deadline, byteCount: bytes.readableBytes, replyCount: replyCount, waiter: waiter)
        switch link {
        case .up: write(bytes)
        case .awaited, .down: entry.held = bytes
        }
        pendingCommands += replyCount
        pendingBytes += entry.byteCount
        entries.append(entry)
        defer { isWoken = true }
        return .accepted(wake: !isWoken)
    }

    /// Small commands share a buffer, and so a system call; large ones are not copied.
    private mutating func write(_ bytes: ByteBuffer) {
        if let last = outbound.indices.last, bytes.readableBytes <= Self.copiedByteLimit, outbound[last].readableBytes <= Self.sharedByteLimit {
            outbound[last].writeImmutableBuffer(bytes)
        } else {
            outbound.append(bytes)
        }
    }

    private static var copiedByteLimit: Int { 16 << 10 }
    private static var sharedByteLimit: Int { 256 << 10 }

    /// Takes what is to be written now, after a wake-up.
    /// - Returns: the bytes, in order, and when the oldest command's time is over, if there is one.
    mutating func takeOutbound() -> (bytes: [ByteBuffer], deadline: NIODeadline?) {
        isWoken = false
        switch link {
        case .up: firstUnsentID = nextID
        case .awaited, .down: break
        }
        defer { outbound = [] }
        return (outbound, entries.first?.deadline)
    }

    /// A connection is there: what was held for it can go.
    mutating func connected() {
        link = .up
        // A command that was cancelled before it was sent is never sent.
        let held = entries
        entries = []
        for var entry in held {
            if entry.waiter == nil {
                pendingCommands -= entry.replyCount
                pendingBytes -= entry.byteCount
            } else {
                if let bytes = entry.held { write(bytes) }
                entry.held = nil
                entries.append(entry)
            }
        }
    }

    enum Completion: Sendable {
        case one(Waiter, RESPValue)
        case all(Waiter, [RESPValue])
    }

    /// Gives replies to the commands that they belong to.
    /// - Parameter completions: gets those for which somebody waits and which have all their replies now.
    /// - Throws: when from here on replies could go to the wrong commands: the connection can't be used any further.
    mutating func received(_ replies: [RedisReply], completions: inout [Completion]) throws(RedisError) {
        var index = replies.startIndex
        while index < replies.endIndex {
            // What a server announces unasked is of no use on this connection.
            if case .push = replies[index].value {
                index += 1
                continue
            }
            guard entries.first.map({ $0.id < firstUnsentID }) ?? false, var entry = removeFirst() else {
                throw RedisError(.protocolViolation, "The server sent a reply that nobody had asked for.")
            }
            if entry.replyCount == 1 {
                if let waiter = entry.waiter { completions.append(.one(waiter, replies[index].value)) }
                index += 1
                continue
            }
            fill(&entry, from: replies, &index)
            let isTooLong = entry.replyBytes > limits.replyBytes
            if isTooLong || entry.received < entry.replyCount {
                putBack(entry)
            } else if let waiter = entry.waiter {
                completions.append(.all(waiter, entry.replies))
            }
            if isTooLong { throw RedisError(.protocolViolation, "The replies to a pipeline are longer than is accepted.") }
        }
    }

    /// Gives the commands of a pipeline their replies as far as there are any.
    private func fill(_ entry: inout Entry, from replies: [RedisReply], _ index: inout Int) {
        while index < replies.endIndex, entry.received < entry.replyCount {
            defer { index += 1 }
            if case .push = replies[index].value { continue }
            entry.received += 1
            guard entry.waiter != nil else { continue }
            entry.replyBytes += replies[index].byteCount
            entry.replies.append(replies[index].value)
        }
    }

    private mutating func putBack(_ entry: Entry) {
        pendingCommands += entry.replyCount
        pendingBytes += entry.byteCount
        entries.prepend(entry)
    }

    private mutating func removeFirst() -> Entry? {
        guard let entry = entries.popFirst() else { return nil }
        pendingCommands -= entry.replyCount
        pendingBytes -= entry.byteCount
        return entry
    }

    /// Whoever waits for a command gives up; the command keeps its place.
    /// - Returns: the waiter and whether the command was sent; nil when it has its answer already.
    mutating func giveUp(id: UInt64) -> (waiter: Waiter, wasSent: Bool)? {
        var (low, high) = (entries.startIndex, entries.endIndex)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].id < id { low = middle + 1 } else { high = middle }
        }
        guard low < entries.endIndex, entries[low].id == id, let waiter = entries[low].waiter else { return nil }
        let wasSent = entries[low].held == nil
        entries[low].waiter = nil
        entries[low].held = nil
        entries[low].replies = []
        return (waiter, wasSent)
    }

    enum ExpireAction: Sendable {
        /// No command waits.
        case idle
        case checkAgain(NIODeadline)
        /// These were not sent and never will be.
        case giveUp([Waiter], checkAgain: NIODeadline?)
        /// The oldest command has no reply: none that came after it can get one.
        case dropConnection(timedOut: [Waiter])
    }

    mutating func expire(now: NIODeadline) -> ExpireAction {
        guard let deadline = entries.first?.deadline else { return .idle }
        guard deadline <= now else { return .checkAgain(deadline) }
        var waiters: [Waiter] = []
        while let entry = entries.first, entry.deadline <= now {
            _ = removeFirst()
            if let waiter = entry.waiter { waiters.append(waiter) }
        }
        switch link {
        case .up: return .dropConnection(timedOut: waiters)
        case .awaited, .down: return .giveUp(waiters, checkAgain: entries.first?.deadline)
        }
    }

    /// The connection is gone, or could not be made.
    /// - Parameter mayWait: whether commands may wait for another that is being made; else they fail until there is one.
    /// - Returns: the commands that fail with it.
    mutating func lost(_ reason: RedisError, mayWait: Bool) -> [(waiter: Waiter, error: RedisError)] {
        let absence = reason.asAbsence
        var failed: [(waiter: Waiter, error: RedisError)] = []
        for entry in entries {
            guard let waiter = entry.waiter else { continue }
            if entry.held == nil {
                failed.append((waiter, reason.asLoss(wasSent: entry.id < firstUnsentID)))
            } else {
                failed.append((waiter, absence))
            }
        }
        entries = []
        outbound = []
        pendingCommands = 0
        pendingBytes = 0
        firstUnsentID = nextID
        link = mayWait && !isClosing ? .awaited : .down(absence)
        return failed
    }

    /// No more commands are accepted.
    mutating func close() { isClosing = true }

    /// Whether it is closed and all that were accepted have had their replies.
    var isDrained: Bool { isClosing && entries.isEmpty }
}
