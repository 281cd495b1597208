import Testing

/// The real program as a process of its own, over real files and sockets. One test at a time: they are about load and crashes.
@Suite("The running program", .serialized, .timeLimit(.minutes(5)))
struct LiveTests {}
