import Testing

@testable import PostgresClient

@Suite struct StatementCacheTests {
    private func statement(_ name: String) -> PreparedStatement { PreparedStatement(name: name, types: []) }

    @Test func theStatementThatWasNotUsedForLongestGoes() {
        var cache = StatementCache(capacity: 2)
        #expect(cache.keep(statement("s1"), for: "SELECT 1") == nil)
        #expect(cache.keep(statement("s2"), for: "SELECT 2") == nil)
        #expect(cache.statement(for: "SELECT 1") == statement("s1"))
        #expect(cache.keep(statement("s3"), for: "SELECT 3") == "s2")
        #expect(cache.statement(for: "SELECT 2") == nil)
        #expect(cache.statement(for: "SELECT 1") == statement("s1"))
        #expect(cache.count == 2)
    }

    @Test func namesAreNeverUsedAgain() {
        var cache = StatementCache(capacity: 1)
        let first = cache.newName()
        _ = cache.keep(statement(first), for: "SELECT 1")
        #expect(cache.forget("SELECT 1") == first)
        #expect(cache.newName() != first)
        #expect(cache.forget("SELECT 1") == nil)
    }

    @Test func aServerThatForgotAllIsFollowed() {
        var cache = StatementCache(capacity: 3)
        _ = cache.keep(statement("s1"), for: "SELECT 1")
        _ = cache.keep(statement("s2"), for: "SELECT 2")
        cache.forgetAll()
        #expect(cache.count == 0)
    }
}
