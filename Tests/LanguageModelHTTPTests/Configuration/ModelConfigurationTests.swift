@testable import LanguageModelHTTP
import Testing

@Suite("Settings of a language model")
struct ModelConfigurationTests {
    @Test(
        "lead to the server's chat completions",
        arguments: [
            ("http://127.0.0.1:8099/v1", "http://127.0.0.1:8099/v1/chat/completions"),
            ("http://127.0.0.1:8099/v1/", "http://127.0.0.1:8099/v1/chat/completions"),
            ("http://127.0.0.1:8099/v1//", "http://127.0.0.1:8099/v1/chat/completions"),
            ("http://127.0.0.1:8099", "http://127.0.0.1:8099/v1/chat/completions"),
            ("http://127.0.0.1:8099/", "http://127.0.0.1:8099/v1/chat/completions"),
            ("https://api.example/v1/chat/completions", "https://api.example/v1/chat/completions"),
            ("https://api.example/v1/chat/completions/", "https://api.example/v1/chat/completions"),
            ("HTTPS://api.example/v1beta/openai", "https://api.example/v1beta/openai/chat/completions"),
            ("http://[::1]:8099/v1", "http://[::1]:8099/v1/chat/completions"),
            ("http://[::1]", "http://[::1]/v1/chat/completions"),
            ("http://model", "http://model/v1/chat/completions"),
            ("https://api.example/a%20b", "https://api.example/a%20b/chat/completions"),
        ])
    func findTheEndpoint(url: String, endpoint: String) throws {
        #expect(try ModelEndpoint(parsing: url).url == endpoint)
    }

    @Test(
        "with a URL that can't be right are refused with what would be",
        arguments: [
            ("", "is empty"), ("127.0.0.1:8099/v1", "no scheme"), ("localhost", "no scheme"), ("ftp://a/v1", "scheme that is not known"),
            ("file:///etc/passwd", "scheme that is not known"), ("://a", "scheme that is not known"), ("http://", "no host"),
            ("http:///v1", "no host"), ("http://:80/v1", "no host"), ("http://[]/v1", "no host"), ("http://[::1/v1", "without a ']'"),
            ("http://[::1]x/v1", "between ']' and the port"), ("http://a:0/v1", "port"), ("http://a:65536/v1", "port"),
            ("http://a:x/v1", "port"), ("http://a:/v1", "port"), ("http://a:+1/v1", "port"), ("http://a:1:2/v1", "port"),
            ("http://user:pa55word@a/v1", "user name or password"), ("http://a/v1?api-version=1", "'?'"), ("http://a/v1#x", "'#'"),
            ("http://a /v1", "space"), ("http://a/v1\r\nx: y", "space"), ("http://ä/v1", "no URL has"), ("http://a/\"", "no URL has"),
            ("http://a/" + String(repeating: "x", count: 2048), "2048"),
        ])
    func refuseURLs(url: String, says: String) {
        do throws(InvalidModelConfiguration) {
            _ = try ModelEndpoint(parsing: url)
            Issue.record("\(url) is accepted")
        } catch {
            #expect(error.message.hasPrefix("The language model's URL "))
            #expect(error.message.contains(says), "\(error)")
            #expect(!error.message.contains("pa55word"))
        }
    }

    @Test(
        "know a key that can be read on the way",
        arguments: [
            ("http://a/v1", true), ("http://10.0.0.1/v1", true), ("https://a/v1", false), ("http://127.0.0.1/v1", false),
            ("http://localhost:1/v1", false), ("http://LOCALHOST", false), ("http://[::1]:1/v1", false), ("http://localhost.a/v1", true),
        ])
    func knowReadableKeys(url: String, isReadable: Bool) throws {
        #expect(try ModelEndpoint(parsing: url).isReadableOnTheWay == isReadable)
    }

    @Test("that can't work are refused with what would", arguments: Fault.all)
    fileprivate func refuse(fault: Fault) {
        var configuration = ModelConfiguration(url: "http://a/v1", model: "m", key: "k")
        #expect(throws: Never.self) { try configuration.check() }
        fault.make(&configuration)
        do throws(InvalidModelConfiguration) {
            try configuration.check()
            Issue.record("\(configuration) is accepted")
        } catch {
            #expect(error.description.contains(fault.says), "\(error)")
            #expect(!error.description.contains("secret"))
        }
    }

    fileprivate struct Fault: Sendable {
        let says: String
        let make: @Sendable (inout ModelConfiguration) -> Void

        static let all = [
            Fault(says: "no name") { $0.model = "" },
            Fault(says: "control character") { $0.model = "a\nb" },
            Fault(says: "256") { $0.model = String(repeating: "x", count: 257) },
            Fault(says: "key is empty") { $0.key = "" },
            Fault(says: "line break") { $0.key = "secret\n" },
            Fault(says: "line break") { $0.key = "secret\r\nx-other: y" },
            Fault(says: "no key has") { $0.key = "secret ü" },
            Fault(says: "timeout is 0.0 seconds") { $0.timeout = .zero },
            Fault(says: "timeout") { $0.timeout = .seconds(86_401) },
            Fault(says: "openTime") { $0.openTime = .seconds(-1) },
            Fault(says: "maximumAttempts is 0; give a number from 1 to 10") { $0.maximumAttempts = 0 },
            Fault(says: "maximumAttempts") { $0.maximumAttempts = 11 },
            Fault(says: "maximumConcurrency") { $0.maximumConcurrency = 0 },
            Fault(says: "maximumConcurrency") { $0.maximumConcurrency = 1025 },
            Fault(says: "failuresUntilOpen") { $0.failuresUntilOpen = 0 },
        ]
    }

    @Test("never show the key")
    func hideTheKey() {
        let configuration = ModelConfiguration(url: "http://a/v1", model: "m", key: "secret")
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped, "\(ModelKey("secret"))", String(reflecting: configuration.key)] {
            #expect(!text.contains("secret"))
            #expect(!text.isEmpty)
        }
    }
}
