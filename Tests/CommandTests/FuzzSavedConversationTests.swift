import Foundation
import Fuzzing
import StageModel
import Testing

@testable import stagekeeper

@Suite("Saved conversations: any file")
struct FuzzSavedConversationTests {
    /// `SAVED_FUZZ_CASES` makes more than these.
    private static let run = FuzzRun("SAVED", short: 300)

    private static let talk = """
        format: stagekeeper-test/1
        flow: demo
        now: 2026-01-31T10:00:00Z
        conversations:
          - name: A greeting
            agent: Mara
            user_name: Ada
            data: {order_id: LL-20417, list: [1, {a: b}]}
            messages:
              - user: Hello!
                type: text
                metadata: {channel: web}
                stage: Welcome
                reply_contains: Hello Ada
              - user: I want to return a lamp of LL-20417
                after: 1h30m
                stages: [Welcome, Return or refund]
                data: {order_id: LL-20417, email: null}
                missing: [resolution, return_item, return_reason]
                reply_lacks: [welcome, x]
                completed: false
          - name: A wish
            messages: [{user: Hello!, reply: Goodbye!}]
        """
    private static let pieces = [
        "\n", "  ", "- ", ": ", "{", "}", "[", "]", "~", "null", "5", "1e308", "\"\"", "after: 36600d\n", "after: 999999999999d",
        "now: 9999-12-31T23:59:59Z\n",
        "now: 0000-01-01T00:00:00Z\n", "stage: Welcome\n", "agent: Theo\n", "data: {email: x}\n", "completed: true\n", "reply_contains: [1]\n",
        "user: ",
        "&a", "*a", "#", "Mara", "demo", "\u{0}", "👍🏽",
    ].map { Array($0.utf8) }

    /// A line of YAML more than once, elsewhere, or not at all; now and then a value of JSON in its place.
    private static func file(_ generator: inout CaseGenerator) -> [UInt8] {
        var lines = talk.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        for _ in 0..<Int.random(in: 0...3, using: &generator) where !lines.isEmpty {
            let index = Int.random(in: lines.indices, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: lines.remove(at: index)
            case 1: lines.insert(lines[index], at: Int.random(in: lines.indices, using: &generator))
            case 2: lines[index] = (lines[index].split(separator: ":").first ?? "x") + ": " + generator.pick(HostileInput.values, or: "null")
            case 3: lines[index] = (lines[index].split(separator: ":").first ?? "x") + ": " + generator.pick(HostileInput.numbers, or: "0")
            default: lines[index] = "  " + lines[index]
            }
        }
        var bytes = Array(lines.joined(separator: "\n").utf8)
        if generator.isOnce(in: 2) { generator.mutate(&bytes, times: 1...2, pieces: pieces) }
        return bytes
    }

    @Test("Any file is read and its conversations held, or every fault is told with its line")
    func survives() async throws {
        let flow = try FlowFile.demo().flow()
        try await withFolder { folder in
            var counts = (read: 0, refused: 0)
            for number in Self.run.cases {
                var generator = Self.run.begin(number)
                let bytes = Self.file(&generator)
                try Data(bytes).write(to: folder.file("talk.yaml"))
                let path = folder.file("talk.yaml").path
                do throws(FileFaults) {
                    let document = try Document(path: path)
                    let saved = try SavedConversations(document)
                    let faults = document.faults(saved.faults(in: flow))
                    guard faults.lines.isEmpty else { throw faults }
                    counts.read += 1
                    for conversation in saved.conversations.prefix(3) where conversation.messages.count < 10 {
                        let run = await ConversationRun(conversation, in: flow, model: nil, from: saved.start)
                        if run.steps.isEmpty { Issue.record("\(Self.run.name(number)): nothing was held") }
                    }
                } catch {
                    counts.refused += 1
                    let lines = bytes.count { $0 == 0x0A || $0 == 0x0D } + 2
                    for line in error.lines where !Self.isPlaced(line, in: path, lines: lines) {
                        Issue.record("\(Self.run.name(number)): \(line) for \(String(decoding: bytes, as: UTF8.self))")
                    }
                }
            }
            Self.run.end()
            // Cases that are all refused, or none, would show little.
            if Self.run.cases.count > 100 { #expect(counts.read > counts.refused / 20 && counts.refused > counts.read / 20, "\(counts)") }
        }
    }

    private static func isPlaced(_ fault: String, in path: String, lines: Int) -> Bool {
        guard fault.hasPrefix(path + ":") else { return false }
        let numbers = fault.dropFirst(path.count + 1).split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        return numbers.count == 3 && Int(numbers[0]).map { (1...lines).contains($0) } == true && Int(numbers[1]).map { $0 >= 1 } == true
            && numbers[2].hasPrefix(" ")
    }
}
