import Foundation
import StageModel
import Testing

extension LiveTests {
    @Suite("TLS, served directly")
    struct TLSTests {
        /// A certificate for this machine that signs itself, and its key.
        private struct Pair {
            let certificate: URL
            let key: URL

            static func make(_ name: String, in database: Database, days: Int = 2) async throws -> Pair {
                let (certificate, key) = (database.folder.appending(path: "\(name).pem"), database.folder.appending(path: "\(name).key"))
                try await Program.run([
                    "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-days", "\(days)",
                    "-subj", "/CN=\(name)", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key.path, "-out", certificate.path,
                ])
                return Pair(certificate: certificate, key: key)
            }

            var environment: [String: String] {
                ["STAGEKEEPER_TLS_CERTIFICATE_FILE": certificate.path, "STAGEKEEPER_TLS_KEY_FILE": key.path]
            }
        }

        /// The head and the body of an answer; nil: the server's certificate is not that one, or there is no TLS.
        private func get(_ path: String, from server: Server, trusting certificate: URL, _ more: [String] = []) async -> String? {
            try? await Program.run(["curl", "--silent", "--include", "--max-time", "20", "--cacert", certificate.path] + more + [server.url + path])
        }

        @Test("It serves by TLS alone, by HTTP/1.1, tells browsers to stay with it, and lets them sign in")
        func serves() async throws {
            try await withDatabase { database in
                let pair = try await Pair.make("one", in: database)
                try await withServer(on: database, pair.environment) { server in
                    #expect(server.url.hasPrefix("https://127.0.0.1:"))
                    let answer = try #require(await get("/health", from: server, trusting: pair.certificate))
                    #expect(answer.hasPrefix("HTTP/1.1 200") && answer.lowercased().contains("strict-transport-security: max-age=31536000\r\n"))
                    let page = try #require(await get("/login", from: server, trusting: pair.certificate, ["--header", "Host: stages.example"]))
                    #expect(page.hasPrefix("HTTP/1.1 200") && page.contains("api_key"), "\(page)")
                    #expect(await get("/health", from: server, trusting: pair.certificate, ["--tls-max", "1.1"]) == nil)
                    let plain = try RawConnection(port: try #require(server.port))
                    plain.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    #expect(!plain.receive().contains("200"))
                    #expect(await server.stop() == .exit(0))
                }
            }
        }

        @Test("A certificate that is renewed is shown without a restart; files that can't be used change nothing")
        func reloads() async throws {
            try await withDatabase { database in
                let (first, second) = (try await Pair.make("first", in: database), try await Pair.make("second", in: database))
                let other = try await Pair.make("third", in: database)
                let served = try await Pair.make("served", in: database)
                func replace(_ file: URL, by new: URL) throws {
                    let copy = database.folder.appending(path: UUID().uuidString)
                    try FileManager.default.copyItem(at: new, to: copy)
                    guard rename(copy.path, file.path) == 0 else { throw StartFailure("\(file.path) can't be replaced.") }
                }
                try replace(served.certificate, by: first.certificate)
                try replace(served.key, by: first.key)
                let environment = served.environment.merging(["STAGEKEEPER_LOG_LEVEL": "notice"]) { $1 }
                try await withServer(on: database, environment) { server in
                    #expect(await get("/health", from: server, trusting: first.certificate) != nil)
                    try replace(served.certificate, by: second.certificate)
                    try replace(served.key, by: second.key)
                    #expect(await eventually(within: .seconds(60)) { await get("/health", from: server, trusting: second.certificate) != nil } != nil)
                    #expect(await get("/health", from: server, trusting: first.certificate) == nil)

                    try replace(served.key, by: other.key)
                    #expect(await eventually(within: .seconds(60)) { server.child.errors.contains("the one from before stays") } != nil)
                    try Data("no certificate".utf8).write(to: served.certificate)
                    #expect(await get("/health", from: server, trusting: second.certificate) != nil)
                    try replace(served.certificate, by: other.certificate)
                    #expect(await eventually(within: .seconds(60)) { await get("/health", from: server, trusting: other.certificate) != nil } != nil)
                }
            }
        }

        @Test("Files that can't be used end the start with status 1 and a message that says which and why", arguments: broken)
        func refuses(_ kind: String, _ words: [String]) async throws {
            try await withDatabase { database in
                let (pair, other) = (try await Pair.make("one", in: database), try await Pair.make("two", in: database))
                var environment = pair.environment
                switch kind {
                case "no file": environment["STAGEKEEPER_TLS_CERTIFICATE_FILE"] = "/nowhere/one.pem"
                case "no certificate": try Data("nothing".utf8).write(to: pair.certificate)
                case "no key": try Data("nothing".utf8).write(to: pair.key)
                default: environment["STAGEKEEPER_TLS_KEY_FILE"] = other.key.path
                }
                let refused = try await Stagekeeper.run(["serve"], on: database, environment)
                #expect(refused.ending == .exit(1) && !FileManager.default.fileExists(atPath: database.path))
                for word in words { #expect(refused.errors.contains(word), "\(refused.errors)") }
            }
        }

        private static let broken = [
            ("no file", ["STAGEKEEPER_TLS_CERTIFICATE_FILE", "/nowhere/one.pem", "can't be read"]),
            ("no certificate", ["one.pem", "no certificate in PEM"]), ("no key", ["one.key", "no private key in PEM"]),
            ("another's key", ["two.key", "is not the one of the certificate", "one.pem"]),
        ]

        @Test("A certificate that is given without its key, and settings that are no limits, are wrong use", arguments: wrong)
        func wrongUse(_ name: String, _ value: String, _ words: [String]) async throws {
            try await withDatabase { database in
                let refused = try await Stagekeeper.run(["serve"], on: database, [name: value])
                #expect(refused.ending == .exit(2))
                for word in words { #expect(refused.errors.contains(word), "\(refused.errors)") }
            }
        }

        private static let wrong = [
            ("STAGEKEEPER_TLS_CERTIFICATE_FILE", "x.pem", ["STAGEKEEPER_TLS_KEY_FILE is missing"]),
            ("STAGEKEEPER_TLS_KEY_FILE", "x.key", ["STAGEKEEPER_TLS_CERTIFICATE_FILE is missing"]),
            ("STAGEKEEPER_RATE_LIMIT_KEY", "many", ["STAGEKEEPER_RATE_LIMIT_KEY", "100/s", "'many'"]),
            ("STAGEKEEPER_TRUSTED_PROXIES", "proxy.example", ["STAGEKEEPER_TRUSTED_PROXIES", "10.0.0.0/8"]),
            ("STAGEKEEPER_MAX_REQUESTS", "0", ["STAGEKEEPER_MAX_REQUESTS", "1 to 100000", "'0'"]),
            ("STAGEKEEPER_IDLE_TIMEOUT", "soon", ["STAGEKEEPER_IDLE_TIMEOUT", "in seconds", "'soon'"]),
        ]
    }
}
