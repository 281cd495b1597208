import Foundation
import Synchronization

/// A process that this one has started: its output as it comes, and how it ends.
final class Child: Sendable {
    enum Ending: Equatable, Sendable {
        case exit(Int32)
        case signal(Int32)
    }

    let id: pid_t
    /// The lines of the standard output, for one reader; they end with the process.
    let lines: AsyncStream<String>
    private let isGone = Mutex(false)
    /// One start at a time, so that no child inherits another's pipe.
    private static let spawning = Mutex(())
    private let text = Mutex("")
    private let errorPath: String
    private let ending: Task<Ending, Never>

    /// Starts a program.
    /// - Parameter errorPath: the file that gets the standard error.
    init(_ program: String, _ arguments: [String], environment: [String: String], errorPath: String) throws {
        let (id, output) = try Self.spawning.withLock { _ in try Self.spawn([program] + arguments, environment, errorPath: errorPath) }
        self.id = id
        self.errorPath = errorPath
        let (lines, nextLine) = AsyncStream.makeStream(of: String.self)
        let (endings, end) = AsyncStream.makeStream(of: Ending.self)
        self.lines = lines
        ending = Task { await endings.first { _ in true } ?? .signal(0) }
        Thread { [self] in
            read(from: output, into: nextLine)
            end.yield(wait())
            nextLine.finish()
        }.start()
    }

    var output: String { text.withLock { $0 } }

    var errors: String { (try? String(contentsOfFile: errorPath, encoding: .utf8)) ?? "" }

    /// Sends a signal; does nothing when the process has ended.
    func send(_ signal: Int32) {
        isGone.withLock { isGone in
            if !isGone { kill(id, signal) }
        }
    }

    /// How the process ends; a cancelled wait kills it.
    func end() async -> Ending {
        await withTaskCancellationHandler {
            await ending.value
        } onCancel: {
            send(SIGKILL)
        }
    }

    /// - Returns: the process, and where its output can be read.
    private static func spawn(_ arguments: [String], _ environment: [String: String], errorPath: String) throws -> (pid_t, output: Int32) {
        var pipes: [Int32] = [0, 0]
        guard pipe(&pipes) == 0 else { throw StartFailure("pipe: \(String(cString: strerror(errno)))") }
        // All, not only these: a connection of this process that it closes must not stay open in a child.
        for descriptor in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap({ Int32($0) }) where descriptor > 2 {
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        }
        let errors = open(errorPath, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        defer {
            close(pipes[1])
            close(errors)
        }

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, pipes[1], STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO)
        // The child begins with no signal blocked, whatever the test runner has done to its threads.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

        var words = arguments.map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (words + variables).forEach { free($0) } }
        var id: pid_t = 0
        let code = posix_spawn(&id, arguments[0], &actions, &attributes, &words, &variables)
        guard code == 0 else {
            close(pipes[0])
            throw StartFailure("\(arguments[0]): \(String(cString: strerror(code)))")
        }
        return (id, pipes[0])
    }

    private func read(from descriptor: Int32, into lines: AsyncStream<String>.Continuation) {
        defer { close(descriptor) }
        var rest: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count > 0 else { break }
            text.withLock { $0 += String(decoding: buffer[..<count], as: UTF8.self) }
            rest += buffer[..<count]
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                lines.yield(String(decoding: rest[..<end], as: UTF8.self))
                rest.removeSubrange(...end)
            }
        }
        if !rest.isEmpty { lines.yield(String(decoding: rest, as: UTF8.self)) }
    }

    private func wait() -> Ending {
        var information = siginfo_t()
        // Leaves the process's id in place until nobody can signal it any more.
        while waitid(P_PID, id_t(id), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        var status: Int32 = 0
        isGone.withLock { isGone in
            waitpid(id, &status, 0)
            isGone = true
        }
        let signal = status & 0x7F
        return signal == 0 ? .exit((status >> 8) & 0xFF) : .signal(signal)
    }
}

/// Why a process did not start, or did not come to be ready.
struct StartFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
