import HTTPTypes
import Testing

/// A request with a body that is accepted, to begin from, and what must stay as it is when a changed one is refused.
struct FuzzBody: Sendable {
    /// As `/openapi.json` names it.
    let operation: String
    let method: HTTPRequest.Method
    let path: String
    let body: String
    var who = Who.owner
    /// What is read before and after; the log of changes is read besides.
    let watched: [String]

    init(_ operation: String, _ method: HTTPRequest.Method, _ path: String, _ body: String, as who: Who = .owner, watched: [String]) {
        self.operation = operation
        self.method = method
        self.path = path
        self.body = body
        self.who = who
        self.watched = watched
    }

    /// For every operation that takes a body, one at least.
    static let all = definitions + states + turns + access + trials

    private static let definitions = Kind.all.flatMap { kind in
        let business = kind.collection == "stages" ? "business_id=<shop>&" : ""
        let id = kind.path(kind.unused)
        let watched = ["/\(kind.collection)?\(business)limit=200", "\(id)?\(business)", "\(id)/revisions"].map { $0.trimmingMark }
        let name = kind.operation
        return [
            FuzzBody("create\(name)", .post, "/\(kind.collection)", kind.body(whole(kind)), watched: watched),
            FuzzBody("replace\(name)", .put, id, kind.body(whole(kind)), watched: watched),
            FuzzBody("patch\(name)", .patch, id, kind.body(whole(kind)), watched: watched),
            FuzzBody("patch\(name)", .patch, id, #"{"\#(kind.nameMember)":"Another name"}"#, watched: watched),
            FuzzBody("restore\(name)", .post, "\(id)/restore", #"{"revision":1}"#, watched: watched),
        ]
    }

    /// A patch that gives a definition every member that it may have.
    private static func whole(_ kind: Kind) -> String {
        switch kind.collection {
        case "stages":
            """
            {"agent_id":"<mara>","is_entry":false,"configuration":{"final":false,"transition_policy":"strict","max_visits":5,"timeout":{"seconds":60,
            "to_stage_id":"<goodbye>"},"busy":"merge","merge_ms":1500,"fallback_reply":"Please wait.","fields":[{"name":"order_id","type":"string",
            "required":true,"pattern":"[A-Z]{2}-\\\\d{4,}","description":"The order.","sensitive":false},{"name":"size","type":"enum","values":["S","M"]},
            {"name":"email","type":"email","sensitive":true}],"persistence":{"scope":"stage","ttl_seconds":60,"history_limit":10}}}
            """
        case "templates": #"{"system_prompt":"You are {{agent_name}}.","content":"{{#data}}{{order_id}}{{/data}} {{message_content}} {name}"}"#
        case "transition-rules":
            #"{"condition":"has(data.order_id) && message.text.matches('[a-z]+') && stage.visits < 3","selection":"model","priority":7}"#
        default: "{}"
        }
    }

    private static let states = [
        FuzzBody(
            "putStageState", .put, "/stages/<order>/state",
            #"{"conversation_id":"c-1","data":{"order_id":"AB-1234","email":"jo@example.com","amount":7.5,"x":{"y":[1,null]}},"message":{"text":"Hi"}}"#,
            as: .runtime, watched: conversation("c-1") + ["/stages/<order>/state"]),
        FuzzBody(
            "putStageState", .put, "/stages/<welcome>/state", #"{"conversation_id":"new-1","agent_id":"<mara>","data":{"topic":"lamp"}}"#,
            as: .runtime, watched: ["/stages/<welcome>/state", "/conversations?limit=200"]),
        FuzzBody(
            "putStageState", .put, "/stages/<notes>/state", #"{"status":"disabled","data":{"note":"closed","n":[1,2]}}"#,
            watched: ["/stages/<notes>/state"]),
        FuzzBody("rewindConversation", .post, "/conversations/c-2/rewind", #"{"version":1}"#, watched: conversation("c-2")),
    ]

    private static let turns = ["c-1", "c-2", "new-2"].map { id in
        FuzzBody(
            "handleMessage", .post, "/conversations/\(id)/messages",
            """
            {"message_id":"m1","text":"My order is AB-1234, jo@example.com, size M, 3 of them by 2026-04-01","type":"text","user_name":"Ada",
            "metadata":{"channel":"web","n":1.5,"list":[{}]}}
            """, as: .runtime, watched: id == "new-2" ? ["/conversations?limit=200"] : conversation(id))
    }

    private static let access = [
        FuzzBody(
            "createAPIKey", .post, "/api-keys", #"{"name":"More","role":"viewer","expires_at":"2027-01-31T00:00:00+01:00"}"#, watched: ["/api-keys"]),
        FuzzBody("createBusiness", .post, "/businesses", #"{"business_name":"Another"}"#, as: .platform, watched: ["/businesses?limit=200"]),
        FuzzBody(
            "replaceBusiness", .put, "/businesses/<shop>", #"{"business_name":"Shop"}"#, as: .platform,
            watched: ["/businesses?limit=200", "/businesses/<shop>"]),
    ]

    private static let trials = [
        FuzzBody("checkFlow", .post, "/flow/check", #"{"flow":\#(flow)}"#, watched: ["/flow/graph"]),
        FuzzBody("simulateFlow", .post, "/flow/simulate", simulation, watched: ["/flow/graph"] + conversation("c-2")),
        FuzzBody(
            "previewTemplate", .post, "/templates/preview",
            #"{"content":"{{#data}}{{order_id}}{{/data}}{user_name}","variables":{"user_name":"Ada","data":{"order_id":[1,{}]}},"conversation_id":"c-2"}"#,
            watched: conversation("c-2")),
        FuzzBody(
            "previewSavedTemplate", .post, "/templates/<spare>/preview", #"{"variables":{"user_name":"Ada","fields":[{"name":"x"}]}}"#,
            watched: ["/templates/<spare>"]),
    ]

    private static let simulation = """
        {"conversation_id":"c-2","stage_id":"<welcome>","agent_id":null,"data":{"topic":"lamp","amount":3},"visits":{"<order>":2},"turns":4,
        "seconds_in_stage":60,"message":{"text":"Where is it?","type":"text","metadata":{"a":1}},"rules":[{"rule_id":"<rule>","from_stage_id":"<welcome>",
        "to_stage_id":"<order>","condition":"data.amount > 2 && message.text.contains('where')","selection":"automatic","priority":1}],
        "stages":[\(Bodies.stage(#"{"stage_id":"<notes>","configuration":{"final":true}}"#))]}
        """

    private static let flow = """
        {"format":"stagekeeper-flow/1","business_name":"Shop","agents":[{"agent_id":"<mara>","agent_name":"Mara","agent_description":""}],
        "templates":[\(template("<selection>", "stage_selection")),\(template("<extraction>", "data_extraction")),
        \(template("<response>", "response_generation"))],"stages":[\(Bodies.stage(#"{"stage_id":"<welcome>","is_entry":true}"#)),
        \(Bodies.stage(#"{"stage_id":"<order>","configuration":{"fields":[{"name":"order_id","pattern":"[A-Z]+"}]}}"#))],
        "transition_rules":[\(Bodies.rule(#"{"rule_id":"<rule>","condition":"has(data.topic) && data.order_id == 7"}"#))]}
        """

    private static func template(_ id: String, _ type: String) -> String {
        Bodies.template(#"{"template_id":"\#(id)","template_type":"\#(type)"}"#)
    }

    private static func conversation(_ id: String) -> [String] {
        ["/conversations/\(id)", "/conversations/\(id)/history", "/conversations/\(id)/messages"]
    }
}

extension Kind {
    /// What its operations are called by.
    fileprivate var operation: String {
        switch collection {
        case "stages": "Stage"
        case "templates": "Template"
        case "agents": "Agent"
        default: "TransitionRule"
        }
    }
}

extension String {
    fileprivate var trimmingMark: String { hasSuffix("?") || hasSuffix("&") ? String(dropLast()) : self }
}
