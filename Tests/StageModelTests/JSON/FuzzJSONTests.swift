import Foundation
import Fuzzing
import StageModel
import Testing

@Suite("JSON: any bytes")
struct FuzzJSONTests {
    /// `JSON_FUZZ_CASES` makes more than these.
    private static let run = FuzzRun("JSON", short: 3000)

    private static let corpus = [
        #"{"stage_name":"Order","configuration":{"fields":[{"name":"order_id","required":true,"pattern":"[A-Z]{2}-\\d{4,}"},7],"final":false}}"#,
        #"{"a":[1,-2.5e1,true,null,"\u00fc\/\t",{"b":{"c":"x: y # z"}}],"":"","é":0,"n":[0.1,1e308,5e-324,9223372036854775807,-9223372036854775808]}"#,
        "[[[[[[[[[[]]]]]]]]]]", #""\ud83d\ude00 \u0001 \u2028 é e\u0301""#, "-0.0", "[{},[],{\"a\":{}},\"\"]",
    ]

    @Test("Any bytes are read, and written so that they are read as the same again, or are refused with their place")
    func survives() {
        Self.run.forEach { number, generator in
            var document = LooseJSON(generator.pick(Self.corpus, or: "0"))
            document.mutate(times: 0...4, using: &generator)
            var bytes = document.bytes
            if generator.isOnce(in: 3) { generator.mutate(&bytes, times: 1...3, pieces: HostileInput.bytes) }
            do throws(JSONSyntaxError) {
                let value = try JSONValue(parsing: bytes)
                let text = value.jsonText
                let again = try? JSONValue(parsing: text)
                if again != value { Issue.record("\(Self.run.name(number)): \(text) from \(bytes)") }
                // What is read here is read elsewhere, too: this is the stricter reader.
                if (try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)) == nil {
                    Issue.record("\(Self.run.name(number)): Foundation refuses \(bytes)")
                }
            } catch {
                let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
                let isInside = (1...lines.count).contains(error.line) && (1...lines[error.line - 1].count + 1).contains(error.column)
                if !isInside || error.message.isEmpty { Issue.record("\(Self.run.name(number)): \(error) for \(bytes)") }
            }
        }
    }
}
