extension PostgresError.Code {
    /// What happened, in words that hold no data.
    var sentence: String {
        switch self {
        case .uniqueViolation: "a value that must be unique is taken"
        case .foreignKeyViolation: "what a row refers to does not exist, or is still referred to"
        case .notNullViolation: "a value that must be given is missing"
        case .checkViolation: "a value breaks a check"
        case .exclusionViolation: "a row excludes another"
        case .serializationFailure: "the transaction collided with another"
        case .deadlock: "the transaction was in a deadlock"
        case .lockNotAvailable: "a lock is held by another"
        case .cancelled: "the statement was cancelled"
        case .statementTimeout: "the statement took longer than is allowed"
        case .connectionLost: "the connection was lost"
        case .outcomeUnknown: "the connection was lost in a commit, whose outcome is not known"
        case .unreachable: "the server can't be reached"
        case .connectTimeout: "the server did not accept a connection in time"
        case .serverNotReady: "the server is starting, stopping or recovering"
        case .authenticationFailed: "the server refuses the user, the password or the certificate"
        case .tlsFailed: "TLS could not be set up as the settings ask"
        case .tooManyConnections: "the server takes no more connections"
        case .unknownDatabase: "there is no such database"
        case .notPermitted: "the role may not do this"
        case .readOnly: "the server takes no writes"
        case .insufficientResources: "the server is out of disk, memory or another resource"
        case .tooManyWaiting: "too many already wait for a connection"
        case .acquireTimeout: "no connection became free in time"
        case .closed: "the client was closed"
        case .invalidConfiguration: "the connection settings can't be used"
        case .invalidValue: "a value can't be bound where it was given"
        case .unreadable: "a column does not hold what was asked for"
        case .invalidData: "the server can't use a value"
        case .invalidStatement: "the statement is wrong"
        case .other: "the server refused"
        }
    }

    /// What kind of failure a SQLSTATE names.
    init(sqlState: String) {
        switch sqlState {
        case "23505": self = .uniqueViolation
        case "23503", "23001": self = .foreignKeyViolation
        case "23502": self = .notNullViolation
        case "23514", "23000", "44000": self = .checkViolation
        case "23P01": self = .exclusionViolation
        case "40001": self = .serializationFailure
        case "40P01": self = .deadlock
        case "55P03": self = .lockNotAvailable
        case "57014": self = .cancelled
        case "57P01", "57P02", "57P04", "57P05", "25P03": self = .connectionLost
        case "57P03": self = .serverNotReady
        case "53300": self = .tooManyConnections
        case "3D000": self = .unknownDatabase
        case "42501": self = .notPermitted
        case "25006": self = .readOnly
        case "40003": self = .outcomeUnknown
        default: self = Self.byClass[String(sqlState.prefix(2))] ?? .other
        }
    }

    /// By the two characters with which the codes of a class begin.
    private static let byClass: [String: Self] = [
        "08": .connectionLost, "22": .invalidData, "23": .checkViolation, "25": .invalidStatement, "26": .invalidStatement,
        "28": .authenticationFailed, "2B": .invalidStatement, "34": .invalidStatement, "3F": .invalidStatement, "42": .invalidStatement,
        "53": .insufficientResources, "54": .insufficientResources, "58": .insufficientResources, "0A": .invalidStatement,
    ]
}
