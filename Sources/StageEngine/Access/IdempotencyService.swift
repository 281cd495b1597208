public import StageModel
public import StageStore
import Crypto
import Synchronization

/// Gives a repeated request the answer that it got the first time.
public final class IdempotencyService: Sendable {
    /// A request that may be carried out now; nobody else carries out the same until `end`.
    public struct Claim: Sendable {
        public let scope: IdempotencyScope
        public let fingerprint: [UInt8]
    }

    public enum Start: Sendable {
        case proceed(Claim)
        case replay(IdempotentAnswer)
    }

    private let store: any AccessStore
    private let running = Mutex<Set<IdempotencyScope>>([])

    public init(store: any AccessStore) { self.store = store }

    /// Looks whether a request was answered before.
    /// - Parameters:
    ///   - key: the caller's.
    ///   - scope: what else makes the request another one: the API key, the method and the path.
    ///   - body: what must not differ.
    /// - Throws: `idempotency_key_reused` for another body, `idempotency_key_in_progress` while the first is being carried out.
    public func begin(key: String, scope: [String], body: some Collection<UInt8>, at now: Timestamp) async throws(EngineError) -> Start {
        let claim = Claim(
            scope: IdempotencyScope(digest: AccessService.digest((scope + [key]).joined(separator: "\n"))),
            fingerprint: Array(SHA256.hash(data: Array(body))))
        guard running.withLock({ $0.insert(claim.scope).inserted }) else {
            throw EngineError(.idempotencyKeyInProgress, "A request with this Idempotency-Key is being carried out; send it again for its answer.")
        }
        do throws(EngineError) {
            guard let answer = try await engine({ try await store.answer(to: claim.scope, at: now) }) else { return .proceed(claim) }
            guard answer.fingerprint == claim.fingerprint else {
                throw EngineError(.idempotencyKeyReused, "This Idempotency-Key was used with another body; use a new key for a new request.")
            }
            end(claim)
            return .replay(answer)
        } catch {
            end(claim)
            throw error
        }
    }

    /// What the same request was answered elsewhere, while this one was on its way to being refused: that it was done there may be why.
    /// - Returns: nil: nobody has carried it out.
    public func answer(to claim: Claim, at now: Timestamp) async throws(EngineError) -> IdempotentAnswer? {
        let answer = try await engine { try await store.answer(to: claim.scope, at: now) }
        return answer?.fingerprint == claim.fingerprint ? answer : nil
    }

    /// The request was carried out, or failed.
    public func end(_ claim: Claim) { _ = running.withLock { $0.remove(claim.scope) } }
}
