import StageEngine
import StageModel
import StageStore

/// What the simulator's form says: how the conversation begins, what was said so far, and what is about to be said.
struct SimulatorDraft: Sendable {
    /// More is not a trial any more, and takes too long to be said again each time.
    static let mostMessages = 50

    let form: Form
    /// Those that were emptied are left out.
    private(set) var messages: [String]
    /// What stands in the box.
    private(set) var text: String

    init(_ form: Form) {
        self.form = form
        messages = form.elements(of: "messages").compactMap { $0["text"] }.filter { !$0.isBlank }
        text = form["message.text"] ?? ""
    }

    /// Says what stands in the box.
    mutating func say() {
        guard !text.isBlank else { return }
        messages.append(text)
        text = ""
    }

    /// Takes a message and all behind it back.
    mutating func goBack(before index: Int) { messages.removeSubrange(max(0, min(index, messages.count))...) }

    var isWithModel: Bool { form.isOn("with_model") }

    /// What the model has said before, by the fingerprints of the prompts.
    var answers: [String: String] {
        guard let typed = form.filled("answers") else { return [:] }
        do throws(FormFault) { return try StagePages.object(typed).compactMapValues(\.string) } catch { return [:] }
    }

    /// Whether anything is said of how it begins, so that the reader should see it.
    var hasStart: Bool {
        ["stage_id", "conversation_id", "agent_id", "seconds_in_stage", "user_name", "drafts"].contains { form.filled($0) != nil }
            || form.filled("data").map { $0 != "{}" } ?? false
    }

    /// How it begins, and what is wrong with that.
    func start(by role: APIKey.Role) -> (start: Simulation, faults: SimulatorFaults) {
        var start = Simulation()
        var faults = SimulatorFaults()
        start.stage = form.filled("stage_id").flatMap { Stage.ID($0) }
        start.agent = form.filled("agent_id").flatMap { Agent.ID($0) }
        if let typed = form.filled("conversation_id") {
            start.conversation = ConversationID(typed)
            if start.conversation == nil { faults.add("conversation_id", "Must be \(ConversationID.rule).") }
        }
        do throws(FormFault) { start.data = try StagePages.object(form.filled("data") ?? "{}") } catch { faults.add("data", error.sentence) }
        if let typed = form.filled("seconds_in_stage") {
            start.secondsInStage = Int64(typed).flatMap { (0...(1 << 40)).contains($0) ? $0 : nil }
            if start.secondsInStage == nil { faults.add("seconds_in_stage", "Must be a number of seconds, such as 600.") }
        }
        if let typed = form.filled("drafts") {
            do throws(InvalidInput) { try start.read(drafts: typed, at: &faults) } catch { faults.add(error.faults) }
            // Whether a drafted condition holds tells of the data that it is tried on, masked or not.
            if start.conversation != nil, role == .viewer {
                faults.add("drafts", "Drafts on a real conversation take the role editor. Leave out the conversation or the drafts.")
            }
        }
        if messages.count > Self.mostMessages {
            faults.add("message.text", "A trial has at most \(Self.mostMessages) messages. Step back or start again.")
        }
        if messages.contains(where: { $0.utf8.count > InboundMessage.maximumBytes }) {
            faults.add("message.text", "A message has at most \(InboundMessage.maximumBytes / 1024) KiB.")
        }
        return (start, faults)
    }
}

extension Simulation {
    private static let draftsSchema = Schema.object([
        .optional("stages", .array(of: Stage.draftSchema, count: 0...200), "Stages that are tried; one with a stage_id replaces the saved one."),
        .optional(
            "rules", .array(of: TransitionRule.draftSchema, count: 0...200), "Rules that are tried; one with a rule_id replaces the saved one."),
    ])

    /// Reads drafts as `POST /flow/simulate` takes them.
    fileprivate mutating func read(drafts text: String, at faults: inout SimulatorFaults) throws(InvalidInput) {
        let object: [String: JSONValue]
        do throws(FormFault) { object = try StagePages.object(text) } catch {
            faults.add("drafts", error.sentence)
            return
        }
        let json = JSONValue.object(object)
        let wrong = Self.draftsSchema.faults(of: json, at: .root)
        guard wrong.isEmpty else { throw InvalidInput(wrong) }
        stages = try Self.drafts(json, "stages")
        rules = try Self.drafts(json, "rules")
    }

    private static func drafts<Body: Definition>(_ json: JSONValue, _ member: String) throws(InvalidInput) -> [Draft<Body>] {
        var drafts: [Draft<Body>] = []
        for (index, draft) in (json[member]?.array ?? []).enumerated() {
            do throws(InvalidInput) {
                drafts.append(Draft(id: draft[Body.kind.idName]?.identifier(), body: try Body(json: draft)))
            } catch {
                throw InvalidInput(error.faults.map { InputFault($0.pointer.inside(String(index)).inside(member), $0.message) })
            }
        }
        return drafts
    }
}

/// What is wrong with the simulator's form, by its fields.
struct SimulatorFaults: Sendable {
    private(set) var byField: [String: [String]] = [:]

    var isEmpty: Bool { byField.isEmpty }

    mutating func add(_ field: String, _ message: String) { byField[field, default: []].append(message) }

    /// Adds faults of what the form means, at the fields that mean it; drafts are in one field, so each of theirs tells its place.
    mutating func add(_ faults: [InputFault]) {
        for fault in faults {
            let parts = fault.pointer.description.split(separator: "/").map(String.init)
            let field = parts.first ?? ""
            if field == "stages" || field == "rules" {
                add("drafts", "\(parts.joined(separator: ".")): \(fault.message)")
            } else if Self.fields.contains(field) {
                add(field, fault.message)
            } else {
                add(field.isEmpty || parts.count > 1 ? "message.text" : "drafts", fault.message)
            }
        }
    }

    private static let fields: Set = ["stage_id", "agent_id", "conversation_id", "data"]

    func sentence(_ field: String) -> PageValue { .optional(byField[field]?.joined(separator: " ")) }

    /// Each fault of a field with its excerpt.
    func carets(_ field: String) -> PageValue { .list(byField[field] ?? []) { CaretFault($0).model } }
}

extension String {
    var isBlank: Bool { allSatisfy(\.isWhitespace) }
}
