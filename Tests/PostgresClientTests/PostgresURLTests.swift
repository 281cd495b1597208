import Testing

@testable import PostgresClient

@Suite struct PostgresURLTests {
    @Test(arguments: [
        (
            "postgres://anna:s3cret@db.example:5433/shop?sslmode=verify-full&sslpassword=hidden",
            "postgres://anna@db.example:5433/shop?sslmode=verify-full"
        ),
        ("postgresql://anna@db.example/shop?password=s3cret", "postgres://anna@db.example/shop"),
        ("host=db.example port=5432 user=anna password=s3cret dbname=shop", "postgres://anna@db.example:5432/shop"),
        (
            "postgres://anna:s3cret@one:1,two:2/shop?target_session_attrs=read-write",
            "postgres://anna@one,two:1,2/shop?target_session_attrs=read-write"
        ),
        ("postgres://", "postgres://"),
    ])
    func isShownWithoutItsPassword(url: String, shown: String) throws {
        let url = try PostgresURL(url)
        #expect(url.description == shown)
        for text in ["\(url)", String(reflecting: url), "\(PostgresConfiguration(url: url))", String(reflecting: PostgresConfiguration(url: url))] {
            #expect(!text.contains("s3cret") && !text.contains("hidden"))
        }
        var dumped = ""
        dump(PostgresConfiguration(url: url), to: &dumped)
        #expect(!dumped.contains("s3cret") && !dumped.contains("hidden"))
    }

    @Test(arguments: [
        "shop", "", "postgres://anna:s3%cret@db/shop", "postgres://anna:s3cret@db/shop?colour=s3cret", "postgres://anna:s3cret@[db/shop",
        "host=db password='s3cret", "host=db s3cret", "postgres://anna:s3cret@db/shop?sslmode", "postgres://a\0b@s3cret",
    ])
    func isRefusedWithoutQuotingIt(url: String) {
        do throws(PostgresError) {
            _ = try PostgresURL(url)
            Issue.record("taken: \(url)")
        } catch {
            #expect(error.code == .invalidConfiguration)
            #expect(!error.debugDescription.contains("s3"))
        }
    }
}
