import Foundation
import NIOCore
@testable import RedisClient
import Testing

/// Random numbers that come the same for the same seed.
private struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

@Suite("Mutated replies")
struct RESPFuzzTests {
    /// Set `REDIS_FUZZ_CASES` for more than the short form, and `REDIS_FUZZ_SEED` for other cases.
    private static let caseCount = ProcessInfo.processInfo.environment["REDIS_FUZZ_CASES"].flatMap { Int($0) } ?? 3000
    private static let isLong = caseCount > 3000
    private static let seed = ProcessInfo.processInfo.environment["REDIS_FUZZ_SEED"].flatMap { UInt64($0) } ?? 1

    private static let tight = RESPLimits(depth: 6, stringLength: 2000, lineLength: 200, valueCount: 300, replyLength: 4000)
    /// What a process may grow by in the long form: far less than the default limits let a server announce.
    private static let growthLimit = 64 << 20
    private static let good = RESPDecoderTests.values.map { Array($0.wire.utf8) }
    private static let hostile = RESPFaultTests.hostile.map { Array($0.wire.utf8) }
    private static let pieces = [
        "\r\n", "\r", "\n", "$", "*", "%", "~", ">", "|", "=", "!", "-1", "0", "1", "2", "3", "9", "99999999999", "-", "+", ":", "_", "#t", ",", "(",
        "$5\r\nhello\r\n", "*2\r\n", "%1\r\n", "|1\r\n", ">1\r\n", ":1\r\n", "_\r\n", "$1999\r\n", "$2001\r\n", "*299\r\n",
        "$67108864\r\n", "=67108864\r\n", "*999999\r\n", "%499999\r\n", "|499999\r\n", "\u{0}", "txt:", "inf", "nan",
    ].map { Array($0.utf8) }

    /// What a decoder makes of bytes.
    private struct Reading: Equatable {
        var values: [String] = []
        var fault: RESPFault?
        var mostBuffered = 0
    }

    @Test("never crash the decoder, take bounded memory, and mean the same however they are cut")
    func survives() throws {
        var generator = SeededGenerator(seed: Self.seed)
        let memory = try Self.peakMemory()
        var whole = (values: 0, faults: 0)
        for number in 0..<Self.caseCount {
            let bytes = Self.mutated(&generator)
            // With the limits that everybody has, what is announced may be large; it must not be set aside before it comes.
            let limits = number.isMultiple(of: 2) ? Self.tight : RESPLimits()
            let one = Self.read(bytes, limits) { bytes.count }
            let pieces = Self.read(bytes, limits) { Int.random(in: 1...20, using: &generator) }
            if one.values != pieces.values || one.fault != pieces.fault {
                Issue.record("case \(number): \(bytes) is \(one) as a whole and \(pieces) in pieces")
            }
            // What is kept is at most one reply that is not complete, and the piece that came last.
            if pieces.mostBuffered > min(bytes.count, limits.replyLength + 20) {
                Issue.record("case \(number): \(pieces.mostBuffered) bytes were kept")
            }
            whole.values += one.values.count
            whole.faults += one.fault == nil ? 0 : 1
        }
        // Cases that are all refused at once, or never, would show little.
        #expect(whole.values > Self.caseCount / 2)
        #expect((Self.caseCount / 10...Self.caseCount * 9 / 10).contains(whole.faults))
        // In the short form other tests run at the same time.
        if Self.isLong { #expect(try Self.peakMemory() - memory < Self.growthLimit) }
    }

    /// The most memory that this process has had, in bytes, as the system tells it: `VmHWM:    31228 kB`.
    private static func peakMemory() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
        return try #require(line.split(separator: " ").compactMap { Int($0) }.first) * 1024
    }

    private static func read(_ bytes: [UInt8], _ limits: RESPLimits, pieceSize: () -> Int) -> Reading {
        var decoder = RESPDecoder(limits: limits)
        var reading = Reading()
        var rest = bytes[...]
        while !rest.isEmpty, reading.fault == nil {
            let size = pieceSize()
            decoder.feed(ByteBuffer(bytes: rest.prefix(size)))
            rest = rest.dropFirst(size)
            // As text, for a number that is none is not equal to itself.
            do throws(RESPFault) { while let value = try decoder.next() { reading.values.append("\(value)") } } catch { reading.fault = error }
            reading.mostBuffered = max(reading.mostBuffered, decoder.bufferedByteCount)
        }
        return reading
    }

    private static func mutated(_ generator: inout SeededGenerator) -> [UInt8] {
        var bytes: [UInt8] = []
        if Int.random(in: 0..<10, using: &generator) == 0 {
            bytes = (0..<Int.random(in: 1...60, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator) }
        } else {
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let corpus = Int.random(in: 0..<12, using: &generator) == 0 ? hostile : good
                bytes += corpus.randomElement(using: &generator) ?? []
            }
        }
        for _ in 0..<Int.random(in: 0...4, using: &generator) {
            let place = Int.random(in: 0...bytes.count, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: bytes.insert(contentsOf: pieces.randomElement(using: &generator) ?? [], at: place)
            case 1: if place < bytes.count { bytes.remove(at: place) }
            case 2: if place < bytes.count { bytes[place] = UInt8.random(in: 0...255, using: &generator) }
            case 3: bytes.replaceSubrange(place..<min(bytes.count, place + 5), with: pieces.randomElement(using: &generator) ?? [])
            default: bytes.append(contentsOf: bytes[..<place].suffix(30))
            }
        }
        return bytes
    }
}
