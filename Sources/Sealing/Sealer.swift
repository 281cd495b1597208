import Crypto
import Foundation
import Synchronization

/// Seals bytes so that only a holder of the master keys can read them, and only for the place that they were sealed for.
///
/// An envelope is AES-256-GCM under a key that HKDF-SHA256 derives from a master key and a salt: one byte of format (1), one of the length
/// of the master key's id, the id, 12 bytes of nonce, the ciphertext and 16 bytes of tag.
public final class Sealer: Sendable {
    public enum Failure: Error, Equatable {
        /// No envelope, or one that was changed or copied from another place.
        case notAuthentic
        /// Sealed by a master key that is not among the given ones.
        case unknownKey(id: String)
    }

    private struct Derivation: Hashable {
        let key: String
        let salt: [UInt8]
    }

    private static let format: UInt8 = 1
    private static let derivedKeyLimit = 4096

    private let masterKeys: Mutex<MasterKeys>
    private let derived = Mutex<[Derivation: SymmetricKey]>([:])

    public init(_ masterKeys: MasterKeys) { self.masterKeys = Mutex(masterKeys) }

    /// Seals and opens with other keys from now on.
    public func replaceKeys(by keys: MasterKeys) {
        masterKeys.withLock { $0 = keys }
        // An id may stand for another secret now.
        derived.withLock { $0.removeAll() }
    }

    /// The id of the master key that seals.
    public var currentKeyID: String { masterKeys.withLock { $0.keys.first?.id ?? "" } }

    /// The id of the master key that sealed an envelope; nil: it is none.
    public static func keyID(of envelope: [UInt8]) -> String? {
        guard envelope.count >= 2, envelope[0] == format, envelope.count >= 2 + Int(envelope[1]) + 28 else { return nil }
        return String(decoding: envelope[2..<2 + Int(envelope[1])], as: UTF8.self)
    }

    /// Seals bytes under the first master key.
    /// - Parameters:
    ///   - salt: what the key is derived with; without it nothing opens again.
    ///   - place: what the envelope is bound to; it opens only with the same.
    public func seal(_ plaintext: [UInt8], salt: [UInt8], place: [UInt8]) throws(Failure) -> [UInt8] {
        guard let master = masterKeys.withLock({ $0.keys.first }) else { throw .unknownKey(id: "") }
        do {
            let box = try AES.GCM.seal(plaintext, using: key(master, salt), authenticating: place)
            return [Self.format, UInt8(master.id.utf8.count)] + Array(master.id.utf8) + Array(box.nonce) + box.ciphertext + box.tag
        } catch {
            throw .notAuthentic
        }
    }

    /// Opens an envelope that was sealed with the same salt for the same place.
    public func open(_ envelope: [UInt8], salt: [UInt8], place: [UInt8]) throws(Failure) -> [UInt8] {
        guard let id = Self.keyID(of: envelope) else { throw .notAuthentic }
        guard let master = masterKeys.withLock({ $0.keys.first { $0.id == id } }) else { throw .unknownKey(id: id) }
        do {
            let box = try AES.GCM.SealedBox(combined: envelope[(2 + id.utf8.count)...])
            return Array(try AES.GCM.open(box, using: key(master, salt), authenticating: place))
        } catch {
            throw .notAuthentic
        }
    }

    private func key(_ master: MasterKeys.Key, _ salt: [UInt8]) -> SymmetricKey {
        let derivation = Derivation(key: master.id, salt: salt)
        if let known = derived.withLock({ $0[derivation] }) { return known }
        let key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: master.secret, salt: salt, info: Array("stagekeeper sealed data".utf8), outputByteCount: 32)
        derived.withLock { keys in
            if keys.count >= Self.derivedKeyLimit { keys.removeAll() }
            keys[derivation] = key
        }
        return key
    }
}

/// Turns names into pseudonyms that tell nothing without the key: HMAC-SHA256.
public struct Pseudonyms: Sendable {
    private let key: SymmetricKey

    /// - Parameter secret: 32 random bytes that are never changed.
    public init(secret: [UInt8]) { key = SymmetricKey(data: secret) }

    /// 32 bytes that stand for the parts, in their order.
    public func name(_ parts: [String]) -> [UInt8] {
        var code = HMAC<SHA256>(key: key)
        for part in parts {
            code.update(data: withUnsafeBytes(of: UInt32(part.utf8.count).bigEndian) { Array($0) })
            code.update(data: Array(part.utf8))
        }
        return Array(code.finalize())
    }
}

/// Bytes that can't be foretold, from the system.
public func randomBytes(_ count: Int) -> [UInt8] {
    SymmetricKey(size: SymmetricKeySize(bitCount: count * 8)).withUnsafeBytes { Array($0) }
}
