/// A field with what is prepared once for finding its values.
///
/// A class, for a copy of all that would cost more than most uses of it.
final class ReadableField: Sendable {
    enum Method {
        case email
        case pattern(PatternFinder)
        /// - isPast: whether it speaks of what has been; nil: the message tells
        case date(isPast: Bool?)
        case number(isAmount: Bool)
        case choice(ChoiceFinder)
        case consent
        case text(TextKind)
    }

    /// What a text without a pattern holds, as its field's name and description tell.
    struct TextKind: OptionSet {
        let rawValue: UInt8

        static let phone = TextKind(rawValue: 1)
        static let email = TextKind(rawValue: 2)
        static let postalCode = TextKind(rawValue: 4)
        static let url = TextKind(rawValue: 8)
        static let person = TextKind(rawValue: 16)
        static let firstName = TextKind(rawValue: 32)
        static let lastName = TextKind(rawValue: 64)
        /// It surely holds that and nothing else: an answer that holds none can be refused.
        static let strict = TextKind(rawValue: 128)
    }

    let field: DataField
    let words: FieldWords
    let method: Method

    init(_ field: DataField) {
        self.field = field
        let words = FieldWords(field)
        self.words = words
        method =
            switch field.kind {
            case .string: field.expression == nil ? .text(Self.textKind(words)) : .pattern(PatternFinder(field))
            case .number: .number(isAmount: words.speaks(of: Self.amountWords))
            case .boolean: .consent
            case .date: .date(isPast: Self.isPast(words))
            case .email: .email
            case .choice: .choice(ChoiceFinder(field))
            }
    }

    /// What the name says weighs more than the description.
    private static func isPast(_ words: FieldWords) -> Bool? {
        for set in [words.name, words.description] {
            if !set.isDisjoint(with: futureWords) { return false }
            if !set.isDisjoint(with: pastWords) { return true }
        }
        return nil
    }

    private static func textKind(_ words: FieldWords) -> TextKind {
        var kind: TextKind = []
        if words.speaks(of: phoneWords) {
            kind.insert(.phone)
            if words.speaks(of: ["number"]) { kind.insert(.strict) }
        }
        if words.speaks(of: ["email"]) || words.description.isSuperset(of: ["e", "mail"]) { kind.insert(.email) }
        if words.speaks(of: ["zip", "postcode", "plz", "zipcode"]) || (words.speaks(of: ["postal"]) && words.speaks(of: ["code"])) {
            kind.formUnion([.postalCode, .strict])
        }
        if words.speaks(of: ["url", "website", "link", "homepage", "webpage"]) { kind.insert(.url) }
        if !words.name.isDisjoint(with: ["name", "firstname", "lastname", "surname", "fullname"])
            || (words.description.contains("name") && !words.name.isDisjoint(with: ["customer", "contact", "person", "caller", "guest", "user"])),
            !words.speaks(of: notPersonWords)
        {
            kind.insert(.person)
            if words.speaks(of: ["firstname", "first", "given", "forename"]) {
                kind.insert(.firstName)
            } else if words.speaks(of: ["lastname", "last", "surname", "family"]) {
                kind.insert(.lastName)
            }
        }
        return kind
    }

    private static let amountWords: Set<String> = [
        "amount", "price", "total", "refund", "cost", "costs", "paid", "sum", "budget", "fee", "value", "money", "currency", "eur", "usd", "euros",
        "dollars", "salary", "income", "discount", "payment", "balance", "deposit",
    ]
    private static let pastWords: Set<String> = [
        "purchase", "purchased", "purchases", "order", "ordered", "birth", "birthday", "birthdate", "born", "bought", "last", "received", "since",
        "happened", "invoice", "incident", "started", "paid", "dob",
    ]
    private static let futureWords: Set<String> = [
        "delivery", "delivered", "appointment", "pickup", "departure", "reservation", "due", "deadline", "booking", "expected", "arrival", "checkin",
        "checkout", "next", "until", "planned", "wanted",
    ]
    private static let phoneWords: Set<String> = ["phone", "mobile", "telephone", "tel", "cell", "cellphone", "phonenumber", "landline"]
    private static let notPersonWords: Set<String> = [
        "company", "product", "item", "business", "shop", "file", "street", "domain", "brand", "model", "project", "hotel", "city", "pet", "dog",
        "event",
        "team", "school", "firm", "organization", "organisation", "username", "login", "nickname", "country", "store", "town",
    ]
}
