/// Which version a thing must have for a change to hold.
public enum VersionCondition: Sendable, Equatable {
    /// Any, or none yet.
    case any
    /// Any, but it must exist.
    case existing
    case oneOf([Int64])

    public static func exactly(_ version: Int64) -> VersionCondition { .oneOf([version]) }

    /// - Parameter version: that the thing has; nil: it does not exist.
    func holds(for version: Int64?) -> Bool {
        switch self {
        case .any: true
        case .existing: version != nil
        case .oneOf(let versions): version.map(versions.contains) ?? false
        }
    }
}
