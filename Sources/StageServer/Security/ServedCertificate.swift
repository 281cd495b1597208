public import Foundation
import NIOSSL
import Synchronization

/// The certificate that a server shows: the one in its files, and those that take its place while the server runs.
public final class ServedCertificate: Sendable {
    /// Why files can't be used.
    public struct Fault: Error, CustomStringConvertible {
        /// What is wrong with which file, for operators.
        public let description: String
    }

    private struct Loaded: Sendable {
        let context: NIOSSLContext
        let validity: ClosedRange<Date>
    }

    /// The certificate, and behind it those that lead to an authority; PEM.
    public let certificateFile: String
    /// The certificate's private key; PEM, without a passphrase.
    public let keyFile: String
    private let loaded: Mutex<Loaded>

    /// Reads the files.
    public init(certificateFile: String, keyFile: String) throws(Fault) {
        self.certificateFile = certificateFile
        self.keyFile = keyFile
        loaded = Mutex(try Self.load(certificateFile, keyFile))
    }

    /// Reads the files again. New connections get what is in them then; when that can't be used, what they got before.
    public func reload() throws(Fault) {
        let new = try Self.load(certificateFile, keyFile)
        loaded.withLock { $0 = new }
    }

    /// What is wrong with the dates of the certificate at a moment; nil: nothing.
    public func complaint(at now: Date) -> String? {
        let validity = loaded.withLock { $0.validity }
        if validity.contains(now) { return nil }
        return now < validity.lowerBound ? "it is not valid before \(validity.lowerBound)" : "it has expired at \(validity.upperBound)"
    }

    /// When the certificate expires.
    public var expiresAt: Date { loaded.withLock { $0.validity.upperBound } }

    var context: NIOSSLContext { loaded.withLock { $0.context } }

    private static func load(_ certificateFile: String, _ keyFile: String) throws(Fault) -> Loaded {
        let certificates: [NIOSSLCertificate]
        let certificateBytes = try bytes(of: certificateFile)
        do { certificates = try NIOSSLCertificate.fromPEMBytes(certificateBytes) } catch {
            throw Fault(description: "The file '\(certificateFile)' has no certificate in PEM: \(error)")
        }
        guard let own = certificates.first else { throw Fault(description: "The file '\(certificateFile)' has no certificate in PEM.") }
        let key: NIOSSLPrivateKey
        let keyBytes = try bytes(of: keyFile)
        do { key = try NIOSSLPrivateKey(bytes: keyBytes, format: .pem) } catch {
            throw Fault(description: "The file '\(keyFile)' has no private key in PEM without a passphrase: \(error)")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: certificates.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        do {
            let context = try NIOSSLContext(configuration: configuration)
            let (begin, end) = (moment(own.notValidBefore), moment(own.notValidAfter))
            return Loaded(context: context, validity: min(begin, end)...max(begin, end))
        } catch {
            throw Fault(description: "The key in '\(keyFile)' is not the one of the certificate in '\(certificateFile)': \(error)")
        }
    }

    private static func bytes(of file: String) throws(Fault) -> [UInt8] {
        do { return Array(try Data(contentsOf: URL(fileURLWithPath: file))) } catch {
            throw Fault(description: "The file '\(file)' can't be read: \(error.localizedDescription)")
        }
    }

    private static func moment(_ seconds: time_t) -> Date { Date(timeIntervalSince1970: TimeInterval(seconds)) }
}
