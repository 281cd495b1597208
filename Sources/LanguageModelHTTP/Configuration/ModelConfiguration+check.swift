extension ModelConfiguration {
    /// Refuses what can't work, with what would.
    func check() throws(InvalidModelConfiguration) {
        func refuse(_ message: String) -> InvalidModelConfiguration { InvalidModelConfiguration(message: message) }
        if model.isEmpty { throw refuse("The language model has no name; give the one that its server knows it by.") }
        if model.utf8.count > 256 || model.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            throw refuse("The language model's name has a control character or more than 256 bytes; give the name that its server knows it by.")
        }
        if let key {
            if key.text.isEmpty { throw refuse("The language model's key is empty; leave it out if the server asks for none.") }
            // What else stands in a header may end it.
            guard key.text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), key.text.utf8.count <= 4096 else {
                throw refuse(
                    "The language model's key has a space, a line break or another character that no key has, or more than 4096 of them; "
                        + "give the key alone.")
            }
        }
        for (name, time) in [("timeout", timeout), ("openTime", openTime)] where time < .milliseconds(1) || time > .seconds(86_400) {
            throw refuse("The language model's \(name) is \(time); give a time from a millisecond to a day.")
        }
        let counts = [
            ("maximumAttempts", maximumAttempts, 10), ("maximumConcurrency", maximumConcurrency, 1024),
            ("failuresUntilOpen", failuresUntilOpen, 1000),
        ]
        for (name, count, most) in counts where !(1...most).contains(count) {
            throw refuse("The language model's \(name) is \(count); give a number from 1 to \(most).")
        }
    }
}
