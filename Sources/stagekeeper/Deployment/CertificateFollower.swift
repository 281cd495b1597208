import Foundation
import Logging
import ServiceLifecycle
import StageServer

/// Takes over a certificate that is renewed, so that a server need not be restarted for it.
struct CertificateFollower: Service {
    static let interval = Duration.seconds(1)

    let certificate: ServedCertificate
    private let logger: Logger
    private let first: Signature

    /// What tells one state of the files from another.
    private struct Signature: Equatable {
        let inodes: [UInt64]
        let sizes: [Int64]
        let changes: [Int]

        init(_ files: [String]) {
            let states = files.map { file in
                var state = stat()
                return stat(file, &state) == 0 ? state : stat()
            }
            inodes = states.map { UInt64($0.st_ino) }
            sizes = states.map { Int64($0.st_size) }
            changes = states.flatMap { [Int($0.st_mtim.tv_sec), Int($0.st_mtim.tv_nsec)] }
        }
    }

    /// Reads the files.
    init(certificateFile: String, keyFile: String, _ logger: Logger) throws(ServedCertificate.Fault) {
        // Before they are read: what is changed meanwhile is read again.
        first = Signature([certificateFile, keyFile])
        certificate = try ServedCertificate(certificateFile: certificateFile, keyFile: keyFile)
        self.logger = logger
    }

    func run() async throws {
        complain()
        await cancelWhenGracefulShutdown {
            var known = first
            while !Task.isCancelled {
                // Throws only when it is time to stop.
                try? await Task.sleep(for: Self.interval)
                let signature = Signature([certificate.certificateFile, certificate.keyFile])
                guard signature != known else { continue }
                known = signature
                reload()
            }
        }
    }

    private func reload() {
        do throws(ServedCertificate.Fault) {
            try certificate.reload()
            logger.notice("The TLS certificate was read again.", metadata: ["expires_at": "\(certificate.expiresAt)"])
            complain()
        } catch {
            // Between the change of one file and of the other they do not fit.
            logger.error("The TLS certificate in the files can't be used; the one from before stays.", metadata: ["reason": "\(error)"])
        }
    }

    private func complain() {
        guard let complaint = certificate.complaint(at: Date()) else { return }
        logger.warning("Clients will not accept the TLS certificate.", metadata: ["reason": "\(complaint)"])
    }
}

extension Settings {
    /// The certificate that clients are shown; nil: there is no TLS.
    func certificate(_ logger: Logger) throws -> CertificateFollower? {
        guard let tls else { return nil }
        do throws(ServedCertificate.Fault) {
            return try CertificateFollower(certificateFile: tls.certificate, keyFile: tls.key, logger)
        } catch {
            throw CommandFailure("STAGEKEEPER_TLS_CERTIFICATE_FILE and STAGEKEEPER_TLS_KEY_FILE can't be used. \(error)")
        }
    }
}
