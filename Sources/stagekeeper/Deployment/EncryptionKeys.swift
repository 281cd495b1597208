import Foundation
import Sealing

/// Where the master keys are: given, in a given file, or in a file beside the SQLite file that is made when there is none.
struct EncryptionKeys {
    private let settings: Settings

    init(_ settings: Settings) { self.settings = settings }

    /// The file that they are read from; nil: they are given themselves.
    var file: String? {
        if settings.encryptionKeys != nil { return nil }
        if let file = settings.encryptionKeysFile { return file }
        return ownFile
    }

    /// The file beside the SQLite file, if they are there.
    var ownFile: String? {
        guard settings.encryptionKeys == nil, settings.encryptionKeysFile == nil, case .sqlite(let path) = settings.database else { return nil }
        return path + ".keys"
    }

    /// Replaces a file of keys in one step, so that nobody reads half of it.
    static func replace(_ file: String, by text: String) throws {
        let new = file + ".new"
        guard FileManager.default.createFile(atPath: new, contents: Data((text + "\n").utf8), attributes: [.posixPermissions: 0o600]),
            rename(new, file) == 0
        else { throw CommandFailure("The file '\(file)' for the encryption keys can't be written.") }
    }

    /// Reads the keys, or makes the first one.
    func text() throws -> String {
        if let keys = settings.encryptionKeys { return keys }
        if let file = settings.encryptionKeysFile {
            do { return try String(contentsOfFile: file, encoding: .utf8) } catch {
                throw CommandFailure("The file of STAGEKEEPER_ENCRYPTION_KEYS_FILE can't be read: \(error.localizedDescription)")
            }
        }
        switch settings.database {
        case .sqlite(let path): return try Self.text(besides: path)
        case .postgres:
            throw CommandFailure(
                """
                The encryption keys are missing: with PostgreSQL, STAGEKEEPER_ENCRYPTION_KEYS or the file of STAGEKEEPER_ENCRYPTION_KEYS_FILE must \
                hold them, the same for every server. echo "k1:$(openssl rand -base64 32)" makes the first.
                """)
        }
    }

    private static func text(besides database: String) throws -> String {
        let path = database + ".keys"
        if let keys = try? String(contentsOfFile: path, encoding: .utf8) { return keys }
        guard !FileManager.default.fileExists(atPath: database) else {
            throw CommandFailure(
                "The encryption keys of '\(database)' are missing: restore the file '\(path)', or set STAGEKEEPER_ENCRYPTION_KEYS.")
        }
        try FileManager.default.createDirectory(
            at: URL(fileURLWithPath: database).deletingLastPathComponent(), withIntermediateDirectories: true)
        let keys = MasterKeys.generate(id: "k1") + "\n"
        guard FileManager.default.createFile(atPath: path, contents: Data(keys.utf8), attributes: [.posixPermissions: 0o600]) else {
            throw CommandFailure("The file '\(path)' for the encryption keys can't be written.")
        }
        return keys
    }
}
