extension RedisCommand {
    /// Refuses what would change the connection under all the tasks that share it, or make them wait.
    func check() throws(RedisError) {
        // Nearly all commands are one of these.
        if name == "GET" || name == "EVALSHA" || name == "SET" { return }
        // Names of commands are not told apart by case.
        guard let remedy = Self.refused[name] ?? (name.utf8.contains { $0 >= UInt8(ascii: "a") } ? Self.refused[name.uppercased()] : nil) else {
            return
        }
        throw RedisError(.refusedCommand, "\(name.uppercased()) can't be sent over a connection that many tasks share; \(remedy).")
    }

    private static let refused: [String: String] = {
        let remedies: [(String, [String])] = [
            ("use subscribe(_:)", ["SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE"]),
            ("use a script, which is carried out as a whole", ["MULTI", "EXEC", "DISCARD", "WATCH", "UNWATCH"]),
            ("put user, password and database into the configuration", ["AUTH", "HELLO", "SELECT", "RESET"]),
            ("use close()", ["QUIT"]),
            ("use a connection of another client", ["MONITOR", "SYNC", "PSYNC", "ASKING", "READONLY", "READWRITE"]),
            (
                "ask again instead of waiting in the server",
                ["BLPOP", "BRPOP", "BLMOVE", "BLMPOP", "BRPOPLPUSH", "BZPOPMIN", "BZPOPMAX", "BZMPOP", "WAIT", "WAITAOF"]
            ),
        ]
        var refused: [String: String] = [:]
        for (remedy, names) in remedies { for name in names { refused[name] = remedy } }
        return refused
    }()
}
