import Foundation
import Logging

/// How many files and sockets the system lets the process have.
enum OpenFiles {
    /// What the process needs besides the connections of clients: the database, the model's server, logs.
    private static let others = 256

    /// Raises the limit as far as the system allows.
    /// - Returns: how many connections there may be, at most those asked for.
    static func connections(atMost wanted: Int, _ logger: Logger) -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return wanted }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let possible = max(1, Int(clamping: limit.rlim_cur) - others)
        if possible < wanted {
            logger.notice(
                "The system allows fewer open files than STAGEKEEPER_MAX_CONNECTIONS; see 'ulimit -n'.",
                metadata: ["connections": "\(possible)", "open_files": "\(limit.rlim_cur)"])
        }
        return min(wanted, possible)
    }
}
