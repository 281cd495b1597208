import HTTPTypes
import StageEngine
import StageModel
import StageStore

/// One page, or what one of its forms does: where it is, who may have it, and who makes it.
struct Page: Sendable {
    enum Access: Sendable {
        /// Anybody.
        case open
        /// Who is signed in with a key of one of these roles.
        case roles(Set<APIKey.Role>)

        static let readers = Access.roles([.owner, .editor, .viewer])
        static let editors = Access.roles([.owner, .editor])
        static let owners = Access.roles([.owner])
    }

    let method: HTTPRequest.Method
    /// With parameters in braces: `/stages/{stage_id}`.
    let path: String
    let access: Access
    let handler: @Sendable (PageCall) async throws -> PageAnswer

    /// Whether a request at a path that the API has, too, is for the page: it prefers one, or sends a form.
    func isWanted(by head: HTTPRequest) -> Bool {
        guard method == .post else { return Negotiation.prefersPage(head.headerFields[.accept]) }
        return head.headerFields[.contentType]?.lowercased().hasPrefix("application/x-www-form-urlencoded") ?? false
    }

    static func get(_ path: String, by access: Access = .readers, _ handler: @escaping @Sendable (PageCall) async throws -> PageAnswer) -> Page {
        Page(method: .get, path: path, access: access, handler: handler)
    }

    static func post(_ path: String, by access: Access = .editors, _ handler: @escaping @Sendable (PageCall) async throws -> PageAnswer) -> Page {
        Page(method: .post, path: path, access: access, handler: handler)
    }
}

/// Who is signed in.
struct Visitor: Sendable {
    let session: Session
    /// The value of the session's cookie.
    let cookie: String
    /// What the visitor's forms must carry.
    let csrfToken: String
    /// Whether the session was made to last longer by this request, so that the cookie is to be set anew.
    let isRenewed: Bool

    var key: APIKey { session.key }
}

/// A request for a page that has passed its checks.
struct PageCall: Sendable {
    let head: HTTPRequest
    /// nil on pages that are open to anybody.
    let visitor: Visitor?
    let pathParameters: [String: String]
    let query: [String: String]
    let form: Form
    let now: Timestamp
    /// What the last action did, told once.
    let flash: Flash?
    /// The address that the request came from.
    let address: String

    /// Who asks for something of a business.
    var caller: Caller {
        get throws(EngineError) {
            guard let visitor else { throw EngineError(.unauthorized, "Sign in first.") }
            return Caller(visitor.session, at: now)
        }
    }

    /// An id in the path.
    func id<Entity>(_ name: String) throws(EngineError) -> Identifier<Entity> {
        guard let text = pathParameters[name], let id = Identifier<Entity>(text) else {
            throw EngineError(.notFound, "There is nothing at this address: '\(pathParameters[name] ?? "")' is not an id.")
        }
        return id
    }

    /// The address of the page with its query.
    var location: String { head.path ?? "/" }
}

/// What a page handler answers.
enum PageAnswer: Sendable {
    /// A page in the frame of the product.
    case page(PageContent)
    /// Another page, by GET, which may tell what was done.
    case redirect(to: String, telling: Flash? = nil)
    /// Anything else.
    case reply(Reply)
}

/// A page's own content.
struct PageContent: Sendable {
    var template: String
    /// For the title of the window.
    var title: String
    /// Its place in the navigation.
    var part: Part?
    /// From the part to the page; the last without a path.
    var breadcrumbs: [(label: String, path: String?)] = []
    var model: PageValue
    var status = HTTPResponse.Status.ok

    /// The parts of the navigation.
    enum Part: String, CaseIterable, Sendable {
        case stages, conversations, templates, agents, simulator, settings

        var title: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }
        var path: String { "/\(rawValue)" }
    }
}

/// What an action did, in a sentence on the next page.
enum Flash: String, CaseIterable, Sendable {
    case signedOut = "signed_out"
    case stageSaved = "stage_saved"
    case stageCreated = "stage_created"
    case stageDeleted = "stage_deleted"
    case stageRestored = "stage_restored"
    case stateSaved = "state_saved"
    case conversationMoved = "conversation_moved"
    case conversationPaused = "conversation_paused"
    case conversationResumed = "conversation_resumed"
    case conversationCleared = "conversation_cleared"
    case conversationRewound = "conversation_rewound"
    case conversationErased = "conversation_erased"
    case templateSaved = "template_saved"
    case templateCreated = "template_created"
    case templateDeleted = "template_deleted"
    case templateRestored = "template_restored"
    case agentSaved = "agent_saved"
    case agentCreated = "agent_created"
    case agentDeleted = "agent_deleted"
    case agentRestored = "agent_restored"
    case keyRevoked = "key_revoked"
    case sessionRevoked = "session_revoked"

    var sentence: String {
        switch self {
        case .signedOut: "You are signed out."
        case .stageSaved: "The stage was saved."
        case .stageCreated: "The stage was created."
        case .stageDeleted: "The stage was deleted. Its revisions are kept."
        case .stageRestored: "The revision was restored; it is the newest now."
        case .stateSaved: "The stage's state was saved."
        case .conversationMoved: "The conversation was moved."
        case .conversationPaused: "The conversation is paused."
        case .conversationResumed: "The conversation goes on."
        case .conversationCleared: "The conversation's state was cleared. Its history is kept."
        case .conversationRewound: "The conversation was taken back."
        case .conversationErased: "The conversation was erased."
        case .templateSaved: "The template was saved."
        case .templateCreated: "The template was created."
        case .templateDeleted: "The template was deleted. Its revisions are kept."
        case .templateRestored: "The revision was restored; it is the newest now."
        case .agentSaved: "The agent was saved."
        case .agentCreated: "The agent was created."
        case .agentDeleted: "The agent was deleted. Its revisions are kept."
        case .agentRestored: "The revision was restored; it is the newest now."
        case .keyRevoked: "The key was revoked. Sessions that were signed in with it have ended."
        case .sessionRevoked: "The session has ended."
        }
    }

    var model: PageValue { ["tone": "good", "icon": "check", "message": .text(sentence), "is_alert": false] }
}
