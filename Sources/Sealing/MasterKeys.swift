import Crypto
import Foundation

/// The master keys that seal what is sensitive. The first seals; all of them open.
public struct MasterKeys: Sendable {
    struct Key: Sendable {
        let id: String
        let secret: SymmetricKey
    }

    let keys: [Key]

    /// The ids, the one that seals first.
    public var ids: [String] { keys.map(\.id) }

    /// Why a list of keys was refused. Never holds any of the secret.
    public struct InvalidKeys: Error, CustomStringConvertible {
        public let description: String
    }

    /// Reads `id:base64 of 32 bytes`, several separated by commas or white space; the first seals.
    public init(parsing text: String) throws(InvalidKeys) {
        var keys: [Key] = []
        for (index, item) in text.split(whereSeparator: { $0 == "," || $0.isWhitespace }).enumerated() {
            let parts = item.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, Self.isID(parts[0]) else {
                throw InvalidKeys(
                    description: "Encryption key \(index + 1) must read 'id:base64', with an id of 1 to 32 letters, digits, '-' or '_'.")
            }
            guard let secret = Data(base64Encoded: String(parts[1])), secret.count == 32 else {
                throw InvalidKeys(description: "The encryption key '\(parts[0])' must be 32 bytes in base64 (44 characters).")
            }
            guard !keys.contains(where: { $0.id == parts[0] }) else {
                throw InvalidKeys(description: "The encryption key '\(parts[0])' is given twice; ids must differ.")
            }
            keys.append(Key(id: String(parts[0]), secret: SymmetricKey(data: secret)))
        }
        guard !keys.isEmpty else { throw InvalidKeys(description: "There is no encryption key; at least one 'id:base64 of 32 bytes' is needed.") }
        self.keys = keys
    }

    /// The text of one new random key, as `init(parsing:)` reads it.
    public static func generate(id: String) -> String {
        let secret = SymmetricKey(size: .bits256).withUnsafeBytes { Data($0).base64EncodedString() }
        return "\(id):\(secret)"
    }

    private static func isID(_ text: Substring) -> Bool {
        (1...32).contains(text.utf8.count) && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
    }
}
