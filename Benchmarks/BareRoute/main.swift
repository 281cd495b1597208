import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

// A Hummingbird server that does nothing but answer fixed bytes: what Stagekeeper's reads are measured against.
//
//     BareRoute STAGE_FILE STATE_FILE
//
// Listens on a free port of this machine and says which.

guard CommandLine.arguments.count == 3,
    let stage = FileManager.default.contents(atPath: CommandLine.arguments[1]),
    let state = FileManager.default.contents(atPath: CommandLine.arguments[2])
else {
    FileHandle.standardError.write(Data("Usage: BareRoute STAGE_FILE STATE_FILE\n".utf8))
    exit(2)
}

let router = Router()
for (path, bytes) in [("/stages/{stage_id}", stage), ("/stages/{stage_id}/state", state)] {
    let body = ByteBuffer(bytes: bytes)
    router.get(RouterPath(path)) { _, _ in
        Response(status: .ok, headers: [.contentType: "application/json"], body: ResponseBody(byteBuffer: body))
    }
}
let application = Application(
    router: router, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
    onServerRunning: { channel in
        let port = channel.localAddress?.port ?? 0
        FileHandle.standardOutput.write(Data("BareRoute is ready at http://127.0.0.1:\(port)\n".utf8))
    })
try await application.runService()
