import Crypto

/// A Lua script that servers run and know by the SHA-1 of its text.
public struct RedisScript: Hashable, Sendable {
    /// The Lua text.
    public let source: String
    /// The SHA-1 of the source, in lower-case hexadecimal digits.
    public let sha: String

    /// Makes a script of its text.
    public init(_ source: String) {
        self.source = source
        sha = Insecure.SHA1.hash(data: Array(source.utf8)).map { byte in
            let digits = String(byte, radix: 16)
            return byte < 16 ? "0\(digits)" : digits
        }.joined()
    }

    /// The call of this script with keys and arguments, for `RedisClient.send` and `RedisClient.pipeline`.
    public func evaluate(keys: [RedisArgument], arguments: [RedisArgument] = []) -> RedisCommand {
        RedisCommand(self, keys: keys, arguments: arguments)
    }
}
