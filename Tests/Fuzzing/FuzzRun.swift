import Foundation

/// A run over many cases, each of which is made from the seed and its own number alone, so that any of them can be repeated by itself.
///
/// `SEED` makes other cases (1 unless it is set), `NAME_FUZZ_CASES` tells how many there are, and `CASE` picks a single one.
public struct FuzzRun: Sendable {
    public let seed: UInt64
    /// The numbers of the cases.
    public let cases: Range<Int>
    /// Whether there are more cases than the tests try each time.
    public let isLong: Bool
    private let trail: FuzzTrail?

    /// - Parameters:
    ///   - name: what the variable begins with: `TEMPLATE` for `TEMPLATE_FUZZ_CASES`.
    ///   - short: how many cases there are unless the variable is set.
    public init(_ name: String, short: Int) {
        let environment = ProcessInfo.processInfo.environment
        func number(_ variable: String) -> Int? { environment[variable].flatMap { Int($0) }.flatMap { $0 < 0 ? nil : $0 } }
        let count = number("\(name)_FUZZ_CASES") ?? short
        let seed = environment["SEED"].flatMap { UInt64($0) } ?? 1
        self.seed = seed
        cases = number("CASE").map { $0..<$0 + 1 } ?? 0..<count
        isLong = count > short
        trail = environment["FUZZ_TRAILS"].flatMap { FuzzTrail(folder: $0, name: name, seed: seed) }
    }

    /// The numbers of the cases in rounds, of which each begins with a world of its own; a single case comes with those before it in its round.
    public func rounds(of length: Int) -> [Range<Int>] {
        guard let first = cases.first else { return [] }
        return stride(from: first / length * length, to: cases.upperBound, by: length).map { $0..<min($0 + length, cases.upperBound) }
    }

    /// Begins a case.
    /// - Returns: what it is made with.
    public func begin(_ number: Int) -> CaseGenerator {
        trail?.note(number)
        return CaseGenerator(seed: seed, number: number)
    }

    /// Ends the run; a run that ends before, by a trap, leaves the number of the case in the folder that `FUZZ_TRAILS` names.
    public func end() { trail?.remove() }

    /// Tries every case.
    public func forEach(_ body: (_ number: Int, _ generator: inout CaseGenerator) throws -> Void) rethrows {
        for number in cases {
            var generator = begin(number)
            try body(number, &generator)
        }
        end()
    }

    /// What a failure says so that it can be repeated.
    public func name(_ number: Int) -> String { "case \(number), which SEED=\(seed) CASE=\(number) repeats" }
}

/// A file with the number of the case under way, for those that end the process.
private final class FuzzTrail: Sendable {
    private let path: String
    private let descriptor: Int32
    private let seed: UInt64

    init?(folder: String, name: String, seed: UInt64) {
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        path = "\(folder)/\(name)"
        self.seed = seed
        descriptor = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0o644)
        if descriptor < 0 { return nil }
    }

    deinit { close(descriptor) }

    func note(_ number: Int) {
        let line = Array("SEED=\(seed) CASE=\(number)\n".utf8)
        _ = line.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }

    func remove() { unlink(path) }
}
