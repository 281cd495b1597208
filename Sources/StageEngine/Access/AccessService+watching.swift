public import StageModel
import StageStore

/// For those who were let in some time ago and are still here.
extension AccessService {
    /// Whether a key would be let in now.
    public func isGood(key secret: String, at now: Timestamp) async -> Bool {
        do throws(EngineError) {
            _ = try await principal(presenting: secret, at: now)
            return true
        } catch {
            return false
        }
    }

    /// Whether a cookie would be let in now. Its session does not last longer for being asked about.
    public func isGood(cookie value: String, at now: Timestamp) async -> Bool {
        do throws(EngineError) {
            try checkFreshness(at: now)
            return try await session(Self.digest(value), at: now)?.isUsable(at: now) ?? false
        } catch {
            return false
        }
    }
}
