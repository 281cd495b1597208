import Testing

@testable import StageStore

@Suite("Bounded caches")
struct BoundedCacheTests {
    /// The same numbers in every run (SplitMix64).
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    @Test("No more than the capacity is kept, however it is spread", arguments: [1, 2, 100, 1024, 5000])
    func capacity(capacity: Int) {
        let cache = BoundedCache<Int, Int>(capacity: capacity)
        for key in 0..<(3 * capacity) { cache.set(key, for: key) }
        #expect(cache.count <= capacity && cache.count >= capacity * 9 / 10)
        #expect((0..<(3 * capacity)).allSatisfy { [nil, $0].contains(cache.value(for: $0)) })
    }

    @Test("A value is changed in place, taken away, and all of some keys are")
    func changes() {
        let cache = BoundedCache<String, Int>(capacity: 10)
        cache.update("a") { $0 = ($0 ?? 0) + 1 }
        cache.update("a") { $0 = ($0 ?? 0) + 1 }
        #expect(cache.value(for: "a") == 2)
        cache.update("a") { $0 = nil }
        #expect(cache.value(for: "a") == nil && cache.count == 0)
        for key in ["a", "b", "c"] { cache.set(1, for: key) }
        cache.set(nil, for: "b")
        #expect(cache.count == 2)
        cache.removeAll { $0 == "a" }
        #expect(cache.value(for: "a") == nil && cache.value(for: "c") == 1)
        cache.removeAll()
        #expect(cache.count == 0)
    }

    @Test("Values that were asked for get a second chance; the first without goes")
    func secondChance() {
        var entries = ClockEntries<String, Int>(capacity: 3)
        for (value, key) in ["a", "b", "c"].enumerated() { entries.set(value, for: key) }
        #expect(entries.value(for: "a") == 0)
        entries.set(3, for: "d")
        #expect(entries.value(for: "b") == nil, "'a' was asked for, 'b' was not.")
        #expect(entries.value(for: "a") == 0 && entries.value(for: "c") == 2 && entries.value(for: "d") == 3)
        entries.set(4, for: "e")
        #expect(entries.count == 3 && entries.value(for: "e") == 4)
    }

    @Test("When all were asked for, the oldest goes")
    func allMarked() {
        var entries = ClockEntries<Int, Int>(capacity: 3)
        for key in 0..<3 { entries.set(key, for: key) }
        for key in 0..<3 { #expect(entries.value(for: key) == key) }
        entries.set(9, for: 9)
        #expect(entries.value(for: 0) == nil && entries.count == 3)
    }

    /// Second chance as the books have it: a queue, whose head goes to the end when it is marked.
    private struct Model {
        let capacity: Int
        var queue: [(key: Int, value: Int, isMarked: Bool)] = []

        mutating func value(for key: Int) -> Int? {
            guard let place = queue.firstIndex(where: { $0.key == key }) else { return nil }
            queue[place].isMarked = true
            return queue[place].value
        }

        mutating func set(_ value: Int, for key: Int) {
            if let place = queue.firstIndex(where: { $0.key == key }) {
                queue[place].value = value
                return
            }
            if queue.count == capacity {
                while queue[0].isMarked {
                    let head = queue.removeFirst()
                    queue.append((head.key, head.value, false))
                }
                queue.removeFirst()
            }
            queue.append((key, value, false))
        }
    }

    @Test("Any sequence of reads and writes keeps what the model keeps", arguments: 0..<8)
    func model(seed: UInt64) {
        var generator = Generator(state: seed)
        let capacity = Int.random(in: 1...12, using: &generator)
        var entries = ClockEntries<Int, Int>(capacity: capacity)
        var model = Model(capacity: capacity)
        for step in 0..<2000 {
            let key = Int.random(in: 0..<20, using: &generator)
            if Bool.random(using: &generator) {
                entries.set(step, for: key)
                model.set(step, for: key)
            } else {
                #expect(entries.value(for: key) == model.value(for: key))
            }
            #expect(entries.count == model.queue.count)
        }
    }

    @Test("With removals too there are never more than the capacity, and never a value that was not the last set", arguments: 0..<8)
    func removals(seed: UInt64) {
        var generator = Generator(state: seed)
        let capacity = Int.random(in: 1...12, using: &generator)
        var entries = ClockEntries<Int, Int>(capacity: capacity)
        var last: [Int: Int] = [:]
        for step in 0..<2000 {
            let key = Int.random(in: 0..<20, using: &generator)
            switch Int.random(in: 0..<8, using: &generator) {
            case 0:
                entries.set(nil, for: key)
                last[key] = nil
            case 1:
                entries.removeAll { $0 % 5 == key % 5 }
                last = last.filter { $0.key % 5 != key % 5 }
            case 2...4:
                entries.set(step, for: key)
                last[key] = step
                #expect(entries.value(for: key) == step, "What was just set is there.")
            default:
                let value = entries.value(for: key)
                #expect(value == nil || value == last[key])
            }
            #expect(entries.count <= capacity)
        }
        entries.removeAll { _ in true }
        #expect(entries.count == 0)
        for key in 0..<capacity { entries.set(key, for: key) }
        #expect(entries.count == capacity, "Every place is free again.")
    }

    @Test("Many threads at once leave a cache that counts right")
    func threads() async {
        let cache = BoundedCache<Int, Int>(capacity: 2000)
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for key in 0..<1000 {
                        cache.update(key) { $0 = ($0 ?? 0) + 1 }
                        if task == 0, key.isMultiple(of: 10) { cache.removeAll { $0 >= 100_000 } }
                    }
                }
            }
        }
        #expect((0..<1000).allSatisfy { cache.value(for: $0) == 8 })
    }
}

@Suite("Histograms of durations")
struct LogHistogramTests {
    /// Seconds, and the bucket that they fall into.
    static let buckets: [(Double, Int)] = [
        (0, 0), (0.999, 0), (1, 1), (1.5, 1), (2, 2), (3.999, 2), (4, 3), (100, 7), (3600, 12), (86_400, 17), (-5, 0), (.nan, 0), (1e300, 40),
        (.infinity, 40),
    ]

    @Test("A bucket's bound is twice that of the one before", arguments: buckets)
    func bucket(seconds: Double, bucket: Int) {
        var histogram = LogHistogram()
        histogram.add(seconds: seconds)
        #expect(histogram.counts == [bucket: 1])
    }

    @Test("Histograms are summed up bucket by bucket")
    func sum() {
        var sum = LogHistogram(counts: [0: 1, 3: 2])
        sum.add(LogHistogram(counts: [3: 5, 7: 1]))
        #expect(sum == LogHistogram(counts: [0: 1, 3: 7, 7: 1]) && sum.count == 9)
    }

    /// Counts, a share, and the duration that it stays below.
    static let quantiles: [([Int: Int64], Double, Double?)] = [
        ([:], 0.5, nil), ([0: 1], 0.5, 0.5), ([1: 1], 0.5, 1.5), ([3: 10], 0.99, 6), ([1: 1, 3: 1], 0.5, 1.5), ([1: 1, 3: 1], 0.51, 6),
        ([1: 99, 10: 1], 0.99, 1.5),
        ([1: 99, 10: 1], 1, 768), ([2: 1], 0, 3),
    ]

    @Test("A quantile lies in the middle of its bucket", arguments: quantiles)
    func quantile(counts: [Int: Int64], share: Double, seconds: Double?) { #expect(LogHistogram(counts: counts).quantile(share) == seconds) }

    @Test("A stage where more left than entered has nobody, not fewer")
    func here() {
        var statistics = StageStatistics()
        statistics.left = 2
        statistics.entered = 1
        #expect(statistics.conversationsHere == 0)
    }
}
