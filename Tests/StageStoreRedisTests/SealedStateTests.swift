import Sealing
import StageModel
import StageStore
import Testing

@testable import StageStoreRedis

@Suite("Sealed states")
struct SealedStateTests {
    private static let salt = Array("a salt".utf8)
    private static let first = "a:\(String(repeating: "A", count: 43))="
    private static let second = "b:\(String(repeating: "B", count: 43))="

    private static func sealed(_ keys: String) throws -> SealedState { SealedState(Sealer(try MasterKeys(parsing: keys))) }

    private static func key(_ id: String, of business: Business.ID = Business.ID()) throws -> ConversationKey {
        ConversationKey(business: business, conversation: try #require(ConversationID(id)))
    }

    private static func state(_ key: ConversationKey, version: Int64) -> ConversationState {
        let now = Timestamp(microseconds: 1_763_800_000_123_456)
        let stage = Stage.ID()
        return ConversationState(
            key: key, agentID: Agent.ID(), stageID: stage, status: .paused, version: version,
            data: ConversationData(
                conversation: ["name": "Jo \"Ö\" \u{1F600}", "n": 9_007_199_254_740_993, "x": .number(0.1), "list": [.null, true, ["a": [:]]]],
                stage: ["order_id": "LL-48213"]),
            visits: [stage: 3, Stage.ID(): 1], enteredAt: now, timeoutAt: now.adding(seconds: 60), turns: 7, createdAt: now,
            updatedAt: now.adding(seconds: 1), expiresAt: now.adding(seconds: 86_400))
    }

    private static func history(version: Int64) -> RecentHistory {
        let at = Timestamp(microseconds: 1_763_800_000_000_000)
        let transitions = Transition.Cause.allCases.enumerated().map { index, cause in
            Transition(
                id: Transition.ID(), version: version, sequence: index, from: index == 0 ? nil : Stage.ID(), to: index == 1 ? nil : Stage.ID(),
                cause: cause, rule: index == 2 ? TransitionRule.ID() : nil, actor: "sk_test", flowRevision: 4,
                trace: ["reason": "expired", "rules": [1, 2]], at: at, secondsInStage: nil)
        }
        return RecentHistory(version: version, transitions: transitions, isComplete: version == 1)
    }

    @Test("open as what was sealed")
    func roundTrip() throws {
        let sealed = try Self.sealed(Self.first)
        let key = try Self.key("a")
        let full = Self.state(key, version: 3)
        let bare = ConversationState(key: key, version: 1, at: full.createdAt)
        for state in [full, bare] {
            let envelope = try sealed.seal(state, salt: Self.salt)
            #expect(try sealed.openState(envelope, of: key, version: state.version, salt: Self.salt) == state)
        }
        for history in [Self.history(version: 1), Self.history(version: 2), RecentHistory(version: 5, transitions: [], isComplete: true)] {
            let envelope = try sealed.seal(history, of: key, salt: Self.salt)
            #expect(try sealed.openHistory(envelope, of: key, version: history.version, salt: Self.salt) == history)
        }
    }

    @Test("do not open at another conversation, business or version, with another salt, or as a history")
    func copies() throws {
        let sealed = try Self.sealed(Self.first)
        let key = try Self.key("a")
        let envelope = try sealed.seal(Self.state(key, version: 3), salt: Self.salt)
        let places: [(ConversationKey, Int64, [UInt8])] = [
            (try Self.key("b", of: key.business), 3, Self.salt), (try Self.key("a"), 3, Self.salt), (key, 4, Self.salt), (key, 2, Self.salt),
            (key, 3, [1]),
        ]
        for (other, version, salt) in places {
            #expect(throws: SealedState.Unopenable.self) { try sealed.openState(envelope, of: other, version: version, salt: salt) }
        }
        #expect(throws: SealedState.Unopenable.self) { try sealed.openHistory(envelope, of: key, version: 3, salt: Self.salt) }
        let history = try sealed.seal(Self.history(version: 3), of: key, salt: Self.salt)
        #expect(throws: SealedState.Unopenable.self) { try sealed.openState(history, of: key, version: 3, salt: Self.salt) }
    }

    @Test("do not open when any byte was changed, or some are missing")
    func damage() throws {
        let sealed = try Self.sealed(Self.first)
        let key = try Self.key("a")
        let envelope = try sealed.seal(Self.state(key, version: 3), salt: Self.salt)
        for index in envelope.indices {
            var damaged = envelope
            damaged[index] ^= 1
            #expect(throws: SealedState.Unopenable.self) { try sealed.openState(damaged, of: key, version: 3, salt: Self.salt) }
            let cut = Array(envelope[..<index])
            #expect(throws: SealedState.Unopenable.self) { try sealed.openState(cut, of: key, version: 3, salt: Self.salt) }
        }
    }

    @Test("open with an older key as long as it is given; one that is not is named")
    func rotation() throws {
        let key = try Self.key("a")
        let state = Self.state(key, version: 3)
        let envelope = try Self.sealed(Self.first).seal(state, salt: Self.salt)
        #expect(try Self.sealed("\(Self.second),\(Self.first)").openState(envelope, of: key, version: 3, salt: Self.salt) == state)
        let error = #expect(throws: SealedState.Unopenable.self) {
            try Self.sealed(Self.second).openState(envelope, of: key, version: 3, salt: Self.salt)
        }
        #expect(error?.description == "It is sealed with the encryption key 'a', which is not among the given ones.")
    }

    @Test(
        "of another format, or with contents that can't be read, do not open",
        arguments: [
            (#"{"format":2}"#, "It is of a format that this release does not know."), ("{}", "It is of a format that this release does not know."),
            ("{", "It is no JSON."), (#"{"format":1}"#, "Its contents can't be read: /status: Is missing."),
        ])
    func formats(json: String, reason: String) throws {
        let key = try Self.key("a")
        let place = Array("redis/state/\(key.business)/3/a".utf8)
        let envelope = try Sealer(try MasterKeys(parsing: Self.first)).seal(Array(json.utf8), salt: Self.salt, place: place)
        let error = #expect(throws: SealedState.Unopenable.self) {
            try Self.sealed(Self.first).openState(envelope, of: key, version: 3, salt: Self.salt)
        }
        #expect(error?.description == reason)
    }
}
