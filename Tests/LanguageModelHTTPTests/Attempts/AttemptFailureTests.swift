@testable import LanguageModelHTTP
import StageModel
import Testing

@Suite("What a status means")
struct AttemptFailureTests {
    @Test(
        "tells who has to mend it, and whether it is worth another attempt",
        arguments: [
            (301, .rejected, .nothing), (307, .rejected, .nothing), (400, .rejected, .anyText), (401, .rejected, .nothing),
            (403, .rejected, .nothing), (404, .rejected, .anyText), (408, .unavailable, .again(notBefore: .zero)), (413, .rejected, .nothing),
            (422, .rejected, .anyText), (429, .unavailable, .again(notBefore: .zero)), (500, .unavailable, .again(notBefore: .zero)),
            (503, .unavailable, .again(notBefore: .zero)), (599, .unavailable, .again(notBefore: .zero)), (600, .malformed, .nothing),
            (199, .malformed, .nothing), (-1, .malformed, .nothing),
        ] as [(Int, ModelFailure.Cause, AttemptFailure.Remedy)])
    func statuses(status: Int, cause: ModelFailure.Cause, remedy: AttemptFailure.Remedy) {
        let failure = AttemptFailure(status: status)
        #expect(failure.failure.cause == cause)
        #expect(failure.remedy == remedy)
        #expect(failure.failure.reason.contains("\(status)"))
    }

    @Test(
        "waits for whole seconds and nothing else",
        arguments: [
            (nil, 0), ("", 0), ("0", 0), ("7", 7), ("007", 7), ("-7", 0), ("+7", 0), (" 7", 0), ("1.5", 0), ("٣", 0),
            ("Fri, 31 Dec 1999 23:59:59 GMT", 0), ("86401", 86_400), ("99999999999999999999999999", 86_400),
        ] as [(String?, Int)])
    func retryAfter(header: String?, seconds: Int) {
        #expect(AttemptFailure(status: 429, retryAfter: header).remedy == .again(notBefore: .seconds(seconds)))
    }

    @Test("says what the server says")
    func saysTheMessage() {
        let failure = AttemptFailure(status: 401, message: "Wrong key.")
        #expect(failure.failure.reason == "The language model's server answers with status 401: Wrong key.")
        #expect(AttemptFailure(status: 401).failure.reason == "The language model's server answers with status 401.")
    }
}
