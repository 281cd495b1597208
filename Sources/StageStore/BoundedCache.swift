public import Synchronization

/// Keeps the most useful values of a limited number: when it is full, values that were not asked for since the last round go first.
///
/// Safe for any number of threads; entries are spread over shards, each with its own lock. Inlinable, so that other modules have it for their own
/// types of keys and values, which takes a third of the time.
public final class BoundedCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    @usableFromInline let shards: [Shard]
    @usableFromInline let mask: Int

    /// - Parameter capacity: how many values are kept at most. Keys do not fall evenly on the shards: with nearly as many as this, some are lost.
    public init(capacity: Int) {
        let count = capacity >= 1024 ? 16 : 1
        mask = count - 1
        shards = (0..<count).map { _ in Shard(capacity: max(1, capacity / count)) }
    }

    @inlinable
    public func value(for key: Key) -> Value? { shard(of: key).entries.withLock { $0.value(for: key) } }

    /// Changes the value of a key under the cache's lock; nil: no value.
    @inlinable
    public func update(_ key: Key, _ change: (inout Value?) -> Void) {
        shard(of: key).entries.withLock { entries in
            var value = entries.value(for: key)
            change(&value)
            entries.set(value, for: key)
        }
    }

    @inlinable
    public func set(_ value: Value?, for key: Key) { shard(of: key).entries.withLock { $0.set(value, for: key) } }

    @inlinable
    public func removeAll(where isOutdated: (Key) -> Bool = { _ in true }) {
        for shard in shards { shard.entries.withLock { $0.removeAll(where: isOutdated) } }
    }

    public var count: Int { shards.reduce(0) { total, shard in total + shard.entries.withLock { $0.count } } }

    @inlinable
    func shard(of key: Key) -> Shard { shards[key.hashValue & mask] }

    @usableFromInline
    final class Shard: Sendable {
        @usableFromInline let entries: Mutex<ClockEntries<Key, Value>>

        init(capacity: Int) { entries = Mutex(ClockEntries(capacity: capacity)) }
    }
}

/// The second-chance (clock) replacement: a hand goes round the slots, takes the mark from each used one, and stops at the first without.
@usableFromInline
struct ClockEntries<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    @usableFromInline
    struct Slot: Sendable {
        @usableFromInline let key: Key
        @usableFromInline var value: Value
        @usableFromInline var isMarked: Bool

        @inlinable
        init(key: Key, value: Value) {
            self.key = key
            self.value = value
            isMarked = false
        }
    }

    @usableFromInline let capacity: Int
    @usableFromInline var slots: [Slot?] = []
    @usableFromInline var places: [Key: Int] = [:]
    @usableFromInline var free: [Int] = []
    @usableFromInline var hand = 0

    init(capacity: Int) { self.capacity = capacity }

    var count: Int { places.count }

    @inlinable
    mutating func value(for key: Key) -> Value? {
        guard let place = places[key] else { return nil }
        slots[place]?.isMarked = true
        return slots[place]?.value
    }

    @inlinable
    mutating func set(_ value: Value?, for key: Key) {
        guard let value else { return remove(key) }
        if let place = places[key] {
            slots[place]?.value = value
        } else {
            let place = freePlace()
            slots[place] = Slot(key: key, value: value)
            places[key] = place
        }
    }

    @inlinable
    mutating func removeAll(where isOutdated: (Key) -> Bool) {
        for key in places.keys.filter(isOutdated) { remove(key) }
    }

    @inlinable
    mutating func remove(_ key: Key) {
        guard let place = places.removeValue(forKey: key) else { return }
        slots[place] = nil
        free.append(place)
    }

    @inlinable
    mutating func freePlace() -> Int {
        if let place = free.popLast() { return place }
        if slots.count < capacity {
            slots.append(nil)
            return slots.count - 1
        }
        while let slot = slots[hand], slot.isMarked {
            slots[hand]?.isMarked = false
            hand = (hand + 1) % capacity
        }
        let place = hand
        hand = (hand + 1) % capacity
        if let old = slots[place] { places[old.key] = nil }
        return place
    }
}
