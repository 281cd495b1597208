public import ServiceLifecycle

extension RedisClient {
    /// The client as a part of a `ServiceGroup`: a graceful shutdown lets commands that were accepted have their replies.
    public var service: some Service { RedisClientService(client: self) }
}

private struct RedisClientService: Service {
    let client: RedisClient

    func run() async {
        await withTaskGroup { group in
            group.addTask { await client.run() }
            group.addTask {
                // Throws when it is cancelled, because run() has ended.
                guard (try? await gracefulShutdown()) != nil else { return }
                await client.close()
            }
            await group.next()
            group.cancelAll()
        }
    }
}
