import Foundation
import Sealing
import StageModel

/// Data as it lies in the database: members that are plain, and members that are sensitive, each sealed for its own place.
struct SealedMembers {
    private(set) var plain: [String: JSONValue] = [:]
    /// Envelopes in base64.
    private(set) var sealed: [String: JSONValue] = [:]

    /// - Parameter place: what the envelope of a member is bound to, so that it opens nowhere else.
    init(
        _ data: [String: JSONValue], sensitive: SensitiveNames, _ sealer: Sealer, salt: () throws -> [UInt8], place: (String) -> [UInt8]
    ) throws {
        guard !sensitive.names.isEmpty else {
            plain = data
            return
        }
        for (name, value) in data {
            if sensitive.cover(name, value) {
                let envelope = try sealer.seal(value.jsonBytes, salt: try salt(), place: place(name))
                sealed[name] = .string(Data(envelope).base64EncodedString())
            } else {
                plain[name] = value
            }
        }
    }

    /// Members that are all sealed, as they lie in the database.
    init(sealed: JSONValue) { self.sealed = sealed.object ?? [:] }

    /// The ids of the master keys that have sealed them.
    var keyIDs: Set<String> {
        Set(sealed.values.map { value in value.string.flatMap { Data(base64Encoded: $0) }.flatMap { Sealer.keyID(of: Array($0)) } ?? "none" })
    }

    /// The sealed members, each sealed anew by the current master key.
    func resealed(_ sealer: Sealer, salt: [UInt8], place: (String) -> [UInt8]) throws -> SealedMembers {
        let opened = try Self.open(plain: nil, sealed: .object(sealed), sealer, salt: { salt }, place: place)
        return try SealedMembers(opened, sensitive: SensitiveNames(opened.keys), sealer, salt: { salt }, place: place)
    }

    /// Puts the members together again.
    static func open(
        plain: JSONValue?, sealed: JSONValue?, _ sealer: Sealer, salt: () throws -> [UInt8], place: (String) -> [UInt8]
    ) throws -> [String: JSONValue] {
        var data = plain?.object ?? [:]
        for (name, value) in sealed?.object ?? [:] {
            guard let envelope = value.string.flatMap({ Data(base64Encoded: $0) }) else { throw Sealer.Failure.notAuthentic }
            data[name] = try JSONValue(parsing: try sealer.open(Array(envelope), salt: try salt(), place: place(name)))
        }
        return data
    }
}
