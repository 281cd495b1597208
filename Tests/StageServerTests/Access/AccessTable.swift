/// Who may ask for an operation, and how it is asked for so that it succeeds. Written by hand: nothing here is read from the server.
struct AccessRow: Sendable {
    enum Least: Sendable {
        /// Anybody, without a key.
        case anybody
        /// Only the operator, by the platform key.
        case platform
        case owners, editors, readers, runners, everyone

        /// The roles of a business that may ask.
        var roles: Set<String> {
            switch self {
            case .anybody, .platform: []
            case .owners: ["owner"]
            case .editors: ["owner", "editor"]
            case .readers: ["owner", "editor", "viewer"]
            case .runners: ["owner", "editor", "runtime"]
            case .everyone: ["owner", "editor", "viewer", "runtime"]
            }
        }
    }

    let least: Least
    var body: String?
    /// Behind the question mark.
    var query: String?
    /// What an owner does with the conversation before, so that it can be done: the end of its path.
    var before: String?
    /// Of a stream, which would go on for ever: asked for from nowhere, it is refused after everything else.
    var isStream = false

    init(_ least: Least, _ body: String? = nil, query: String? = nil, before: String? = nil, isStream: Bool = false) {
        self.least = least
        self.body = body
        self.query = query
        self.before = before
        self.isStream = isStream
    }
}

/// Every operation, by its id.
///
/// In bodies and queries `<business>` and `<conversation>` stand for what is asked about, `<fresh>` for a text that nobody has used; the rest
/// are names of the `World`.
enum AccessTable {
    static let rows = definitions.merging(flow) { $1 }.merging(conversations) { $1 }.merging(access) { $1 }.merging(operators) { $1 }

    private static let definitions: [String: AccessRow] = [
        "listStages": AccessRow(.readers, query: "business_id=<business>"), "getStage": AccessRow(.readers, query: "business_id=<business>"),
        "listStageRevisions": AccessRow(.readers), "createStage": AccessRow(.editors, stage), "replaceStage": AccessRow(.editors, stage),
        "patchStage": AccessRow(.editors, #"{"stage_description":"<fresh>"}"#), "deleteStage": AccessRow(.editors),
        "restoreStage": AccessRow(.editors, firstRevision),
        "listTemplates": AccessRow(.readers), "getTemplate": AccessRow(.readers), "listTemplateRevisions": AccessRow(.readers),
        "createTemplate": AccessRow(.editors, Bodies.template()), "replaceTemplate": AccessRow(.editors, Bodies.template()),
        "patchTemplate": AccessRow(.editors, #"{"content":"<fresh>"}"#), "deleteTemplate": AccessRow(.editors),
        "restoreTemplate": AccessRow(.editors, firstRevision), "previewTemplate": AccessRow(.readers, #"{"content":"Hello"}"#),
        "previewSavedTemplate": AccessRow(.readers, "{}"),
        "listAgents": AccessRow(.readers), "getAgent": AccessRow(.readers), "listAgentRevisions": AccessRow(.readers),
        "createAgent": AccessRow(.editors, Bodies.agent()), "replaceAgent": AccessRow(.editors, Bodies.agent()),
        "patchAgent": AccessRow(.editors, #"{"agent_description":"<fresh>"}"#), "deleteAgent": AccessRow(.editors),
        "restoreAgent": AccessRow(.editors, firstRevision),
        "listTransitionRules": AccessRow(.readers), "getTransitionRule": AccessRow(.readers), "listTransitionRuleRevisions": AccessRow(.readers),
        "createTransitionRule": AccessRow(.editors, Bodies.rule()), "replaceTransitionRule": AccessRow(.editors, Bodies.rule()),
        "patchTransitionRule": AccessRow(.editors, #"{"description":"<fresh>"}"#), "deleteTransitionRule": AccessRow(.editors),
        "restoreTransitionRule": AccessRow(.editors, firstRevision),
    ]

    private static let flow: [String: AccessRow] = [
        "checkFlow": AccessRow(.readers, "{}"), "getFlowGraph": AccessRow(.readers),
        "simulateFlow": AccessRow(.readers, #"{"message":{"text":"Hello"}}"#), "followEvents": AccessRow(.everyone, isStream: true),
    ]

    private static let conversations: [String: AccessRow] = [
        "getStageState": AccessRow(.everyone), "putStageState": AccessRow(.runners, #"{"conversation_id":"<conversation>"}"#),
        "clearStageState": AccessRow(.runners, query: "conversation_id=<conversation>"),
        "listConversations": AccessRow(.everyone), "getConversation": AccessRow(.everyone), "getConversationHistory": AccessRow(.everyone),
        "listMessages": AccessRow(.everyone), "handleMessage": AccessRow(.runners, #"{"message_id":"<fresh>","text":"Hello"}"#),
        "pauseConversation": AccessRow(.runners), "resumeConversation": AccessRow(.runners, before: "pause"),
        "rewindConversation": AccessRow(.runners, #"{"version":1}"#), "revealConversation": AccessRow(.editors),
        "eraseConversation": AccessRow(.editors),
    ]

    private static let access: [String: AccessRow] = [
        "listAPIKeys": AccessRow(.owners), "createAPIKey": AccessRow(.owners, #"{"name":"<fresh>","role":"viewer"}"#),
        "revokeAPIKey": AccessRow(.owners), "listAuditLog": AccessRow(.owners), "listSessions": AccessRow(.owners),
        "revokeSession": AccessRow(.owners),
    ]

    private static let operators: [String: AccessRow] = [
        "listBusinesses": AccessRow(.platform), "createBusiness": AccessRow(.platform, business), "getBusiness": AccessRow(.platform),
        "replaceBusiness": AccessRow(.platform, business), "deleteBusiness": AccessRow(.platform),
        "getHealth": AccessRow(.anybody), "getReadiness": AccessRow(.anybody), "getMetrics": AccessRow(.anybody),
    ]

    private static let stage = Bodies.stage()
    private static let business = #"{"business_name":"<fresh>"}"#
    private static let firstRevision = #"{"revision":1}"#
}
