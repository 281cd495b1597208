import StageStore

/// What is known without asking the store.
extension AccessService {
    /// Whether a key is known to be one; it may have expired meanwhile.
    public func isKnown(key secret: String) -> Bool {
        let hash = Self.digest(secret)
        if let platformKeyHash, Self.areEqual(hash, platformKeyHash) { return true }
        guard let prefix = Self.prefix(of: secret), case .key(let key) = known.value(for: prefix) else { return false }
        return Self.areEqual(hash, key.hash)
    }

    /// Whether a cookie is known to be a session's; it may have expired meanwhile.
    public func isKnown(cookie value: String) -> Bool {
        guard Self.isRandomText(value), case .session = knownSessions.value(for: Self.digest(value)) else { return false }
        return true
    }
}
