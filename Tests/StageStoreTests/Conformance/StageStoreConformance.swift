import Testing

/// What every store must do. A store joins with one line here.
@Suite("Every store")
struct StageStoreConformance {
    static let stores: [StoreFactory] = PostgresServer.isThere ? [.sqlite, .postgres] : [.sqlite]
}
