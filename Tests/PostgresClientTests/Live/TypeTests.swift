import PostgresClient
import Testing

@Suite(.needsPostgres) struct TypeTests {
    private static let uuid = PostgresUUID(high: 0x123e_4567_e89b_42d3, low: 0xa456_4266_1417_4000)

    /// A value and, as SQL, what the server must take it for.
    struct Case: CustomTestStringConvertible {
        let value: PostgresValue
        let type: String
        let sql: String
        var testDescription: String { "\(type) \(sql)" }

        init(_ value: PostgresValue, _ type: String, _ sql: String) {
            self.value = value
            self.type = type
            self.sql = sql
        }
    }

    static let cases = [
        Case(.boolean(true), "boolean", "true"), Case(.boolean(false), "boolean", "false"), Case(.boolean(true), "text", "'true'"),
        Case(.integer(-7), "smallint", "-7"), Case(.integer(2_000_000_000), "integer", "2000000000"),
        Case(.integer(.min), "bigint", "-9223372036854775808"), Case(.integer(12), "numeric", "12"), Case(.integer(12), "text", "'12'"),
        Case(.integer(12), "double precision", "12"), Case(.double(1.5e300), "double precision", "1.5e300"), Case(.double(0.1), "numeric", "0.1"),
        Case(.double(.infinity), "real", "'Infinity'"), Case(.double(-.infinity), "double precision", "'-Infinity'"),
        Case(.text("Ä\u{1F600}\n'\"\\"), "text", "E'Ä\u{1F600}\\n\\'\"\\\\'"), Case(.text(""), "text", "''"),
        Case(.text("ab"), "character varying", "'ab'"),
        Case(.text("42"), "bigint", "42"), Case(.text(#"{"a": [1, null]}"#), "jsonb", #"'{"a":[1,null]}'"#),
        Case(.text("2026-11-22T10:00:00Z"), "timestamptz", "'2026-11-22 10:00:00+00'"),
        Case(.uuid(uuid), "uuid", "'123E4567-e89b-42d3-a456-426614174000'"), Case(.uuid(uuid), "text", "'123e4567-e89b-42d3-a456-426614174000'"),
        Case(.text("123e4567-e89b-42d3-a456-426614174000"), "uuid", "'123e4567-e89b-42d3-a456-426614174000'"),
        Case(.timestamp(PostgresTimestamp(microseconds: 0)), "timestamptz", "'1970-01-01T00:00:00Z'"),
        Case(.timestamp(PostgresTimestamp(microseconds: 1_795_341_600_123_456)), "timestamptz", "'2026-11-22T10:00:00.123456Z'"),
        Case(.timestamp(PostgresTimestamp(microseconds: -62_135_596_800_000_000)), "timestamptz", "'0001-01-01T00:00:00Z'"),
        Case(.bytes([0, 255, 39, 92]), "bytea", "'\\x00ff275c'"), Case(.bytes([]), "bytea", "''"), Case(.bytes([0x0a]), "text", "'\\x0a'"),
        Case(.list([.text("a"), .text(""), .text("b\"\\,{}")]), "text[]", #"ARRAY['a', '', E'b"\\,{}']"#),
        Case(.list([]), "text[]", "ARRAY[]::text[]"), Case(.list([.text("a"), .null]), "character varying[]", "ARRAY['a', NULL]"),
        Case(.list([.text("x y"), .text("b\"\\,{}"), .null]), "name[]", #"ARRAY['x y', E'b"\\,{}', NULL]::name[]"#),
        Case(.list([.integer(1), .integer(.max)]), "bigint[]", "ARRAY[1, 9223372036854775807]"),
        Case(.list([.integer(1), .integer(-2), .null]), "integer[]", "ARRAY[1, -2, NULL]"), Case(.list([.integer(7)]), "smallint[]", "ARRAY[7]"),
        Case(.list([.uuid(uuid), .text("123E4567-E89B-42D3-A456-426614174000")]), "uuid[]", "ARRAY['\(uuid)', '\(uuid)']::uuid[]"),
        Case(.list([]), "uuid[]", "ARRAY[]::uuid[]"), Case(.list([.boolean(true), .null]), "boolean[]", "ARRAY[true, NULL]"),
        Case(.list([.bytes([0, 255]), .bytes([]), .null]), "bytea[]", "ARRAY['\\x00ff', '', NULL]::bytea[]"),
        Case(.list([.double(0.5)]), "double precision[]", "ARRAY[0.5]"), Case(.list([.integer(3)]), "numeric[]", "ARRAY[3]"),
        Case(
            .list([.timestamp(PostgresTimestamp(microseconds: 1)), .null]), "timestamptz[]",
            "ARRAY['1970-01-01T00:00:00.000001Z', NULL]::timestamptz[]"),
    ]

    @Test func aValueArrivesAsWhatItIs() async throws {
        try await TestServer.withPool { pool in
            for item in Self.cases {
                let sql = "SELECT $1::\(item.type) IS NOT DISTINCT FROM (\(item.sql))::\(item.type)"
                #expect(try await pool.query(sql, [item.value])[0].decode(0, as: Bool.self), "\(item.testDescription)")
                let null = try await pool.query("SELECT $1::\(item.type)", [.null])
                #expect(null[0].isNull(0), "\(item.testDescription)")
            }
        }
    }

    @Test func aColumnIsReadAsWhatItIs() async throws {
        try await TestServer.withPool { pool in
            let row = try await pool.query(
                """
                SELECT true AS flag, 7::smallint, -8::integer, 9::bigint, 1.5::real, -2.5::double precision, 'Ä'::text, 'v'::varchar(3), 'n'::name,
                    '123e4567-e89b-42d3-a456-426614174000'::uuid, '2026-11-22T10:00:00.123456Z'::timestamptz, '{"a":1}'::json, '{"a": 1}'::jsonb,
                    '\\x00ff'::bytea, ARRAY['a', '']::text[], ARRAY[1, 2]::bigint[], ARRAY[]::uuid[], ARRAY[3]::integer[], ''::bytea, count(*)
                """)[0]
            #expect(try row.decode("flag", as: Bool.self))
            #expect(try row.decode(1, as: Int16.self) == 7)
            #expect(try row.decode(2, as: Int32.self) == -8)
            #expect(try (1...3).map { try row.decode($0, as: Int64.self) } == [7, -8, 9])
            #expect(try (4...5).map { try row.decode($0, as: Double.self) } == [1.5, -2.5])
            #expect(try (6...8).map { try row.decode($0, as: String.self) } == ["Ä", "v", "n"])
            #expect(try row.decode(9, as: PostgresUUID.self) == Self.uuid)
            #expect(try row.decode(10, as: PostgresTimestamp.self).microseconds == 1_795_341_600_123_456)
            #expect(try (11...12).map { try row.decode($0, as: String.self) } == [#"{"a":1}"#, #"{"a": 1}"#])
            #expect(try row.bytes(13) == [0, 255])
            #expect(try row.decode(14, as: [String].self) == ["a", ""])
            #expect(try row.decode(15, as: [Int64].self) == [1, 2])
            #expect(try row.decode(16, as: [PostgresUUID].self) == [])
            #expect(try row.decode(17, as: [Int].self) == [3])
            #expect(try row.bytes(18) == [])
            #expect(try row.decode(19, as: Int.self) == 1)
            #expect(try row.decodeIfPresent(19, as: Int.self) == 1)
        }
    }

    @Test func whatAColumnDoesNotHoldIsAnError() async throws {
        try await TestServer.withPool { pool in
            let row = try await pool.query(
                "SELECT NULL::text, 'a'::text, 70000, 1.5::numeric, 'infinity'::timestamptz, '-infinity'::timestamptz, ARRAY['a', NULL], ARRAY[[1],[2]]"
            )[0]
            let reads: [(String, () throws -> Void)] = [
                ("null", { _ = try row.decode(0, as: String.self) }), ("a text as integer", { _ = try row.decode(1, as: Int64.self) }),
                ("a text as UUID", { _ = try row.decode(1, as: PostgresUUID.self) }), ("too large", { _ = try row.decode(2, as: Int16.self) }),
                ("an integer as text", { _ = try row.decode(2, as: String.self) }), ("numeric", { _ = try row.decode(3, as: Double.self) }),
                ("infinity", { _ = try row.decode(4, as: PostgresTimestamp.self) }),
                ("-infinity", { _ = try row.decode(5, as: PostgresTimestamp.self) }),
                ("a null in an array", { _ = try row.decode(6, as: [String].self) }), ("two dimensions", { _ = try row.decode(7, as: [Int].self) }),
                ("no such column", { _ = try row.decode(8, as: Int.self) }), ("below 0", { _ = try row.decode(-1, as: Int.self) }),
                ("no such name", { _ = try row.decode("nobody", as: Int.self) }),
                ("no such optional", { _ = try row.decodeIfPresent(8, as: Int.self) }),
            ]
            for (name, read) in reads { #expect(await failure { try read() }?.code == .unreadable, "\(name)") }
            #expect(try row.decodeIfPresent(0, as: String.self) == nil)
        }
    }

    @Test(
        arguments: [
            ("SELECT $1::text", [.text("a\0b")], .invalidData), ("SELECT $1::jsonb", [.text("{\"a\":\0}")], .invalidValue),
            ("SELECT $1::text", [], .invalidValue), ("SELECT $1::text", [.null, .null], .invalidValue),
            ("SELECT $1::text", [.timestamp(PostgresTimestamp(microseconds: 0))], .invalidValue),
            ("SELECT $1::timestamptz", [.timestamp(PostgresTimestamp(microseconds: .min))], .invalidValue),
            ("SELECT $1::smallint", [.integer(70_000)], .invalidData), ("SELECT $1::uuid", [.text("nothing")], .invalidData),
            ("SELECT $1::bigint", [.text("12a")], .invalidData), ("SELECT $1::jsonb", [.text("{")], .invalidData),
            ("SELECT $1::json", [.text("{")], .invalidData), ("SELECT $1::json[]", [.list([.text("{")])], .invalidData),
            ("SELECT $1::uuid[]", [.list([.text("nothing")])], .invalidValue), ("SELECT $1::bigint[]", [.list([.text("12")])], .invalidValue),
            ("SELECT $1::text[]", [.list([.list([])])], .invalidValue), ("SELECT $1::name[]", [.list([.list([])])], .invalidValue),
        ] as [(String, [PostgresValue], PostgresError.Code)])
    func whatCanNotBeBoundIsAnErrorAndTheConnectionGoesOn(sql: String, values: [PostgresValue], code: PostgresError.Code) async throws {
        try await TestServer.withPool(change: { $0.maximumConnections = 1 }) { pool in
            let process = try await pool.process()
            let error = await failure { try await pool.query(sql, values) }
            #expect(error?.code == code)
            #expect(try await pool.process() == process)
        }
    }
}
