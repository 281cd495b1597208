import NIOCore

/// A command, ready to be written: `RedisCommand("SET", key: "greeting", "hello")`.
///
/// Its bytes are made once, when it is made; sending it again costs nothing more.
public struct RedisCommand: Sendable {
    /// Its name, such as `GET`.
    public let name: String
    /// The key that says which server of a cluster it belongs to; nil if any server will do.
    public let key: RedisArgument?
    let encoded: ByteBuffer
    /// The script that it calls by name, if it does: it is sent whole when the server does not know it.
    let scriptCall: ScriptCall?

    /// A script that is called, and where in the command's bytes what stands behind its name begins.
    struct ScriptCall: Sendable {
        let script: RedisScript
        let partCount: Int
        let restIndex: Int
    }

    /// Makes a command that touches no key.
    public init(_ name: String, arguments: [RedisArgument] = []) {
        self.init(name: name, key: nil, encoded: RESPEncoder.encode([.string(name)] + arguments))
    }

    /// Makes a command that touches no key.
    public init(_ name: String, _ arguments: RedisArgument...) { self.init(name, arguments: arguments) }

    /// Makes a command whose first argument is a key.
    public init(_ name: String, key: RedisArgument, arguments: [RedisArgument] = []) {
        let parts = arguments.isEmpty ? [.string(name), key] : [.string(name), key] + arguments
        self.init(name: name, key: key, encoded: RESPEncoder.encode(parts))
    }

    /// Makes a command whose first argument is a key.
    public init(_ name: String, key: RedisArgument, _ arguments: RedisArgument...) { self.init(name, key: key, arguments: arguments) }

    /// Makes the call of a script.
    /// - Parameters:
    ///   - keys: all keys that the script touches; in a cluster they have to belong to one hash slot.
    ///   - arguments: what the script finds in `ARGV`.
    init(_ script: RedisScript, keys: [RedisArgument], arguments: [RedisArgument]) {
        var buffer = ByteBuffer()
        let call: [RedisArgument] = ["EVALSHA", .string(script.sha), .integer(Int64(keys.count))]
        let restIndex = RESPEncoder.append(call + keys + arguments, to: &buffer, indexOf: 2)
        name = "EVALSHA"
        key = keys.first
        encoded = buffer
        scriptCall = ScriptCall(script: script, partCount: 3 + keys.count + arguments.count, restIndex: restIndex)
    }

    private init(name: String, key: RedisArgument?, encoded: ByteBuffer) {
        self.name = name
        self.key = key
        self.encoded = encoded
        scriptCall = nil
    }

    /// The same call with the script's whole text, which the server remembers from then on; nil for other commands.
    var withWholeScript: RedisCommand? {
        guard let scriptCall, let rest = encoded.getSlice(at: scriptCall.restIndex, length: encoded.writerIndex - scriptCall.restIndex) else {
            return nil
        }
        // The header tells of more parts than these two: the rest follows.
        var buffer = ByteBuffer()
        buffer.reserveCapacity(rest.readableBytes + scriptCall.script.source.utf8.count + 64)
        RESPEncoder.append(["EVAL", .string(scriptCall.script.source)], to: &buffer, partCount: scriptCall.partCount)
        buffer.writeImmutableBuffer(rest)
        return RedisCommand(name: "EVAL", key: key, encoded: buffer)
    }
}

/// Tells the name and the size, never what the command carries: that may be anybody's secret.
extension RedisCommand: CustomStringConvertible {
    /// Its name and length.
    public var description: String { "\(name) (\(encoded.readableBytes) bytes)" }
}
