@testable import StageEngine
import StageModel
import StageStore
import Synchronization
import Testing

/// That nothing about a secret is learned from how long its refusal takes: shown by what is compared, not by a clock.
@Suite("Keys: how they are compared")
struct KeyComparisonTests {
    /// Bytes that count how many of them were read.
    private struct Counted: Collection {
        final class Count: Sendable {
            let reads = Atomic<Int>(0)
        }

        let bytes: [UInt8]
        let counter = Count()

        var startIndex: Int { bytes.startIndex }
        var endIndex: Int { bytes.endIndex }
        func index(after index: Int) -> Int { index + 1 }

        subscript(index: Int) -> UInt8 {
            counter.reads.add(1, ordering: .relaxed)
            return bytes[index]
        }
    }

    @Test("All bytes of both are read, wherever they differ first", arguments: [nil, 0, 1, 16, 30, 31])
    func constantTime(difference: Int?) {
        let left = Counted(bytes: [UInt8](0..<32))
        var bytes = left.bytes
        if let difference { bytes[difference] ^= 0x80 }
        let right = Counted(bytes: bytes)
        #expect(AccessService.areEqual(left, right) == (difference == nil))
        #expect(left.counter.reads.load(ordering: .relaxed) == 32 && right.counter.reads.load(ordering: .relaxed) == 32)
    }

    @Test("What is of another length is never equal", arguments: [0, 1, 31, 33, 64])
    func otherLength(count: Int) {
        #expect(!AccessService.areEqual([UInt8](repeating: 7, count: 32), [UInt8](repeating: 7, count: count)))
    }

    @Test("What is compared is the digest of what was presented: the store's own text of a key opens nothing")
    func digests() async throws {
        let now = TestClock().now
        let secret = "sk_abcdefgh_" + String(repeating: "x", count: 43)
        func key(_ hash: [UInt8]) -> APIKey {
            APIKey(
                id: APIKey.ID(), business: Business.ID(), name: "x", prefix: "sk_abcdefgh", hash: hash, role: .owner, createdAt: now,
                expiresAt: nil, revokedAt: nil)
        }
        let digest = AccessService.digest(secret)
        for (hash, isGood) in [(digest, true), (Array(secret.utf8), false), ([], false), (Array(digest.dropLast()), false)] {
            let access = AccessService(store: StubAccessStore(key(hash)), platformKey: nil)
            #expect(await access.isGood(key: secret, at: now) == isGood)
        }
    }

    @Test("A session is found by the digest of its cookie, so that the store never compares the cookie itself")
    func sessions() async throws {
        let (store, now) = (StubAccessStore(), TestClock().now)
        let access = AccessService(store: store, platformKey: nil)
        let caller = Caller(business: Business.ID(), actor: "a", now: now)
        let (_, secret) = try await access.createKey(named: "x", role: .owner, expiresAt: nil, by: caller) { _ in nil }
        let signIn = try await access.signIn(withKey: secret, userAgent: "", from: "192.0.2.1", at: now)
        let digest = AccessService.digest(signIn.cookie)
        #expect(try await store.session(hash: digest) == signIn.session)
        #expect(try await store.session(hash: Array(signIn.cookie.utf8)) == nil)
        let token = access.csrfToken(forCookie: signIn.cookie)
        #expect(access.isCSRFToken(token, forCookie: signIn.cookie) && !access.isCSRFToken(String(token.dropLast()), forCookie: signIn.cookie))
    }

    @Test("The platform key is compared by its digest, too: its own start, end and digest open nothing")
    func platformKey() async throws {
        let now = TestClock().now
        let key = "a platform key of thirty characters"
        let access = AccessService(store: StubAccessStore(), platformKey: key)
        #expect(try await access.principal(presenting: key, at: now) == .platform)
        let digest = AccessService.digest(key).map { String($0, radix: 16) }.joined()
        for wrong in [String(key.dropLast()), String(key.dropFirst()), key + " ", digest, ""] {
            #expect(await refusal { _ = try await access.principal(presenting: wrong, at: now) }?.code == .unauthorized)
        }
    }
}
