import Testing

@testable import PostgresClient

@Suite struct PostgresErrorTests {
    @Test(arguments: [
        ("23505", PostgresError.Code.uniqueViolation), ("23503", .foreignKeyViolation), ("23502", .notNullViolation), ("23514", .checkViolation),
        ("23P01", .exclusionViolation), ("40001", .serializationFailure), ("40P01", .deadlock), ("55P03", .lockNotAvailable), ("57014", .cancelled),
        ("57P01", .connectionLost), ("57P03", .serverNotReady), ("53300", .tooManyConnections), ("28P01", .authenticationFailed),
        ("28000", .authenticationFailed), ("3D000", .unknownDatabase), ("42501", .notPermitted), ("25006", .readOnly),
        ("53100", .insufficientResources),
        ("42P01", .invalidStatement), ("22P02", .invalidData), ("08006", .connectionLost), ("P0001", .other), ("", .other),
    ])
    func aSQLStateHasItsKind(state: String, code: PostgresError.Code) { #expect(PostgresError.Code(sqlState: state) == code) }

    @Test(
        arguments: [
            (
                #"connection to server at "h" (::1), port 1 failed: FATAL: 28P01: password authentication failed for user "a" LOCATION: x.c:1"#,
                "28P01"
            ),
            (#"connection to server at "h", port 1 failed: FATAL: 3D000: database "FATAL: x" does not exist"#, "3D000"),
            ("Verbindung fehlgeschlagen: FATAL: 53300: tut mir leid", "53300"),
            ("connection refused Is the server running on that host", nil),
            ("ERROR: something PANIC: else", nil),
        ] as [(String, String?)])
    func theStateIsFoundInARefusal(message: String, state: String?) { #expect(PostgresError.sqlState(in: message) == state) }

    @Test func whatMayBeShownHoldsNoData() {
        let error = PostgresError(
            .uniqueViolation, "duplicate key value", sqlState: "23505", constraint: "people_pkey", detail: "Key (name)=(anna) already exists.",
            statement: "INSERT INTO people VALUES ($1)")
        #expect(error.description == "PostgreSQL: a value that must be unique is taken (SQLSTATE 23505), constraint people_pkey")
        #expect(error.debugDescription.hasSuffix("duplicate key value; Key (name)=(anna) already exists.; in: INSERT INTO people VALUES ($1)"))
    }
}
