import StageModel
import StageStore
import Synchronization

/// A store with one key and one session, whose reads can be held up or fail.
final class StubAccessStore: AccessStore {
    private let current: Mutex<APIKey?>
    private let session = Mutex<(session: Session, hash: [UInt8])?>(nil)
    /// How often a session was to be extended, which always fails.
    let extensions = Mutex(0)
    private let gate = Mutex<Gate?>(nil)
    private let isBroken = Mutex(false)

    init(_ key: APIKey? = nil) { current = Mutex(key) }

    func set(_ key: APIKey?) { current.withLock { $0 = key } }

    /// Holds the next read up, after it has read.
    func hold(at gate: Gate) { self.gate.withLock { $0 = gate } }

    func breakDown(_ broken: Bool) { isBroken.withLock { $0 = broken } }

    func key(prefix: String) async throws(StoreError) -> APIKey? {
        if isBroken.withLock({ $0 }) { throw .unavailable(reason: "the disk is on fire") }
        let key = current.withLock { $0 }
        let gate = gate.withLock { gate in
            defer { gate = nil }
            return gate
        }
        await gate?.pass()
        return key?.prefix == prefix ? key : nil
    }

    func keys(of business: Business.ID) async throws(StoreError) -> [APIKey] { current.withLock { $0 }.map { [$0] } ?? [] }

    func createKey(_ key: APIKey, audit: AuditEntry, answer: IdempotentAnswer?) async throws(StoreError) { set(key) }

    func revokeKey(
        _ id: APIKey.ID, of business: Business.ID, at now: Timestamp, audit: AuditEntry, answer: IdempotentAnswer?
    ) async throws(StoreError) -> APIKey? {
        current.withLock { key in
            key = key.map {
                APIKey(
                    id: $0.id, business: $0.business, name: $0.name, prefix: $0.prefix, hash: $0.hash, role: $0.role, createdAt: $0.createdAt,
                    expiresAt: $0.expiresAt, revokedAt: now)
            }
            return key
        }
    }

    func createSession(_ session: Session, hash: [UInt8], audit: AuditEntry) async throws(StoreError) {
        self.session.withLock { $0 = (session, hash) }
    }

    func session(hash: [UInt8]) async throws(StoreError) -> Session? {
        if isBroken.withLock({ $0 }) { throw .unavailable(reason: "the disk is on fire") }
        let session = session.withLock { $0?.hash == hash ? $0?.session : nil }
        let gate = gate.withLock { gate in
            defer { gate = nil }
            return gate
        }
        await gate?.pass()
        return session
    }

    func sessions(of business: Business.ID, at now: Timestamp, before: SessionPosition?, limit: Int) async throws(StoreError) -> [Session] {
        session.withLock { $0.map { [$0.session] } ?? [] }
    }

    func extendSession(_ id: Session.ID, usedAt: Timestamp, expiresAt: Timestamp) async throws(StoreError) {
        extensions.withLock { $0 += 1 }
        throw .unavailable(reason: "the disk is full")
    }

    func revokeSession(
        _ id: Session.ID, of business: Business.ID, at now: Timestamp, audit: AuditEntry, answer: IdempotentAnswer?
    ) async throws(StoreError) -> Bool {
        session.withLock { session in
            defer { session = nil }
            return session?.session.id == id
        }
    }

    func createSignInLink(_ link: SignInLink, audit: AuditEntry) async throws(StoreError) {}

    func takeSignInLink(hash: [UInt8], at now: Timestamp) async throws(StoreError) -> APIKey? { nil }

    func record(_ audit: AuditEntry) async throws(StoreError) {}

    func answer(to request: IdempotencyScope, at now: Timestamp) async throws(StoreError) -> IdempotentAnswer? {
        if isBroken.withLock({ $0 }) { throw .unavailable(reason: "the disk is on fire") }
        return nil
    }
}
