import StageModel
import StageStore

/// What stands around a page: navigation, who is signed in, what the last action did.
struct Frame {
    let content: PageContent
    let visitor: Visitor?
    let businessName: String?
    let assets: Assets
    let flash: Flash?

    /// The page's model within that of the frame.
    var model: PageValue {
        var members: [String: PageValue] = [
            "title": .text(content.title), "assets": assets.model, "has_breadcrumbs": .flag(!content.breadcrumbs.isEmpty),
            "breadcrumbs": .list(content.breadcrumbs) { ["label": .text($0.label), "path": .optional($0.path)] },
        ]
        if let visitor {
            members["csrf_token"] = .text(visitor.csrfToken)
            members["business_name"] = .optional(businessName)
            members["session"] = ["key_name": .text(visitor.key.name), "role": .text(visitor.key.role.rawValue)]
            members["may"] = visitor.key.role.permissions
            members["navigation"] = navigation(for: visitor.key.role)
        }
        if let flash { members["flash"] = flash.model }
        guard case .object(let own) = content.model else { return .object(members) }
        return .object(members.merging(own) { $1 })
    }

    private func navigation(for role: APIKey.Role) -> PageValue {
        let parts = PageContent.Part.allCases.filter { role != .runtime || $0 == .conversations }
        return .list(parts) { part in
            [
                "label": .text(part.title), "path": .text(part.path), "icon": .text(part.rawValue), "is_current": .flag(part == content.part),
            ]
        }
    }
}

extension APIKey.Role {
    /// What the role allows, as templates ask for it.
    var permissions: PageValue {
        ["edit": .flag(self == .owner || self == .editor), "run": .flag(self != .viewer), "manage": .flag(self == .owner)]
    }
}
