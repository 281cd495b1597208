import Foundation
import Logging
import Sealing
import ServiceLifecycle
import StageStoreSQL
import Synchronization

/// Takes over what is changed in the file of the encryption keys, so that keys are replaced while a server runs.
struct KeyFileFollower: Service {
    static let interval = Duration.seconds(1)

    let file: String
    let store: SQLStageStore
    let logger: Logger

    func run() async throws {
        let known = Mutex(try? String(contentsOfFile: file, encoding: .utf8))
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                // Throws only when it is time to stop.
                try? await Task.sleep(for: Self.interval)
                guard let text = try? String(contentsOfFile: file, encoding: .utf8), text != known.withLock({ $0 }) else { continue }
                known.withLock { $0 = text }
                do throws(MasterKeys.InvalidKeys) {
                    let keys = try MasterKeys(parsing: text)
                    store.replaceKeys(by: keys)
                    logger.notice("The encryption keys were read again.", metadata: ["keys": "\(keys.ids.joined(separator: ", "))"])
                } catch {
                    logger.error("The encryption keys in the file can't be used; those from before stay.", metadata: ["error": "\(error)"])
                }
            }
        }
    }
}
