import Testing

@testable import PostgresClient

@Suite struct EventOutletTests {
    private func notification(_ number: Int) -> PostgresListener.Event {
        .notification(PostgresNotification(channel: "news", payload: String(number), process: 1))
    }

    private func read(_ outlet: EventOutlet) async -> [String] {
        outlet.end()
        var words: [String] = []
        for await event in outlet.events {
            switch event {
            case .listening: words.append("listening")
            case .notification(let notification): words.append(notification.payload)
            case .interrupted: words.append("interrupted")
            case .missed: words.append("missed")
            }
        }
        return words
    }

    @Test func aReaderWhoKeepsUpGetsEverything() async {
        let outlet = EventOutlet(capacity: 4)
        for number in 1...4 { outlet.tell(notification(number)) }
        #expect(await read(outlet) == ["1", "2", "3", "4"])
    }

    @Test func aReaderWhoIsTooSlowIsToldThatSomethingIsMissing() async {
        let outlet = EventOutlet(capacity: 4)
        for number in 1...5 { outlet.tell(notification(number)) }
        #expect(await read(outlet) == ["3", "4", "5", "missed"])
    }
}
