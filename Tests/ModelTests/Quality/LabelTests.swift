@testable import StageModel
import Testing

@Suite("Labelled messages")
struct LabelTests {
    @Test("There are 60 of them, at least 30 with a stage to choose and 30 with data, and no two are the same")
    func count() throws {
        let messages = try LabelledMessage.all()
        let flow = try Flow.demo().leavingWordsToChoose()
        #expect(messages.count == 60 && Set(messages.map(\.text)).count == 60)
        #expect(messages.count { !$0.told.isEmpty } >= 30)
        #expect(try messages.count { try Choosing($0, in: flow) != nil } >= 30)
    }

    @Test("Every label can be met: the stage is on offer, and has the fields")
    func sound() throws {
        let flow = try Flow.demo().leavingWordsToChoose()
        for message in try LabelledMessage.all() {
            let target = try #require(flow.stage(named: message.target), "\(message.target)")
            let fields = target.configuration.fields.map(\.name)
            #expect(Set(fields).isSuperset(of: message.told.keys) && Set(fields).isSuperset(of: message.arguable.keys), "\(message.text)")
            #expect(message.asked.map(fields.contains) != false, "\(message.text)")
            let offered = try Choosing(message, in: flow)?.offer.targets.map(\.name) ?? []
            #expect((offered + [message.stage]).contains(message.target), "\(message.text)")
        }
    }

    @Test("Without a model two of three stages are chosen as they should be, and three of four messages that should stay do")
    func words() throws {
        let flow = try Flow.demo().leavingWordsToChoose()
        var marks: [(shouldStay: Bool, isRight: Bool)] = []
        for message in try LabelledMessage.all() {
            guard let choosing = try Choosing(message, in: flow) else { continue }
            marks.append((message.target == message.stage, choosing.byWords == message.target))
        }
        #expect(marks.count(where: \.isRight) * 3 >= marks.count * 2, "\(marks.count(where: \.isRight)) of \(marks.count)")
        let staying = marks.filter(\.shouldStay)
        #expect(staying.count(where: \.isRight) * 4 >= staying.count * 3, "\(staying.count(where: \.isRight)) of \(staying.count)")
    }

    @Test(
        "What counts as the right value",
        arguments: [
            (.one(of: ["blue lamp"]), "the Blue lamp!", true), (.one(of: ["blue lamp"]), "lamp", false), (.one(of: ["4", 5]), 5, true),
            (.one(of: [false]), true, false), (.holding("came off"), "The glaze came off, twice", true),
            (.holding("came off"), "It became offal", false),
        ] as [(LabelledMessage.Label, JSONValue, Bool)])
    func accepting(label: LabelledMessage.Label, value: JSONValue, isRight: Bool) { #expect(label.accepts(value) == isRight) }
}
