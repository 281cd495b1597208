import StageModel
import Testing

@Suite("Reading dates, choices, consent and free answers from messages")
struct SpokenReadingTests {
    private static let day = DataField(name: "day", kind: .date)
    private static let bought = DataField(name: "purchase_date", kind: .date, description: "When it was bought.")
    private static let delivery = DataField(name: "delivery_date", kind: .date, description: "When the order is expected, as YYYY-MM-DD.")
    private static let resolution = DataField(
        name: "resolution", kind: .choice, values: ["refund", "replacement", "store credit"], description: "What the customer would like for it.")
    private static let reason = DataField(
        name: "return_reason", kind: .choice, values: ["damaged", "wrong item", "not as described", "too late", "no longer wanted"],
        description: "Why it comes back.")
    private static let topic = DataField(
        name: "topic", kind: .choice, values: ["order_status", "return", "exchange", "address_change", "complaint", "other"],
        description: "What the customer wants.")
    private static let rating = DataField(name: "rating", kind: .choice, values: ["1", "2", "3", "4", "5"], description: "From 1 to 5.")
    private static let method = DataField(name: "contact_method", kind: .choice, values: ["phone", "e-mail"])
    private static let wrap = DataField(name: "gift_wrap", kind: .boolean)
    private static let city = DataField(name: "city", description: "The town or city.")
    private static let item = DataField(name: "return_item", description: "The item that the customer sends back, in the customer's words.")
    private static let name = DataField(name: "name")
    private static let order = DataField(name: "order_id", pattern: #"[A-Z]{2}-\d{4,}"#)

    /// What is said on Monday, 2026-11-23, and the day that it means.
    static let days: [(String, String)] = [
        ("2026-12-01", "2026-12-01"), ("01.12.2026", "2026-12-01"), ("1.12.", "2026-12-01"), ("31.1.", "2027-01-31"), ("3/12", "2027-03-12"),
        ("3/12/2026", "2026-03-12"), ("13/3/2026", "2026-03-13"), ("31/12/2026", "2026-12-31"), ("March 3", "2027-03-03"),
        ("3 March 2027", "2027-03-03"), ("3rd of March", "2027-03-03"), ("the third of March", "2027-03-03"), ("March 3rd, 2028", "2028-03-03"),
        ("Dec. 24", "2026-12-24"), ("24 Dec", "2026-12-24"), ("today", "2026-11-23"), ("tomorrow", "2026-11-24"), ("yesterday", "2026-11-22"),
        ("the day after tomorrow", "2026-11-25"), ("day before yesterday", "2026-11-21"), ("in 3 days", "2026-11-26"), ("in two weeks", "2026-12-07"),
        ("in a month", "2026-12-23"), ("3 days ago", "2026-11-20"), ("a week ago", "2026-11-16"), ("two weeks from now", "2026-12-07"),
        ("next Friday", "2026-11-27"), ("Friday", "2026-11-27"), ("on Fri", "2026-11-27"), ("Monday", "2026-11-30"), ("next Monday", "2026-11-30"),
        ("last Monday", "2026-11-16"), ("last Friday", "2026-11-20"), ("this weekend", "2026-11-28"), ("end of the month", "2026-11-30"),
        ("end of next month", "2026-12-31"), ("end of the year", "2026-12-31"), ("Monday, December 7", "2026-12-07"), ("Feb 29", "2028-02-29"),
        ("twenty-first of May", "2027-05-21"), ("5. March 2027", "2027-03-05"), ("TOMORROW!", "2026-11-24"), ("Friday next week", "2026-12-04"),
        ("it's tomorrow, please", "2026-11-24"), ("no, on Tuesday", "2026-11-24"), ("3.4.27", "2027-04-03"), ("today", "2026-11-23"),
    ]

    static let dates: [ReadingCase] = [
        .init("31.2.", day, asked: "day", isInvalid: true), .init("2026-13-01", day, asked: "day", isInvalid: true),
        .init("February 30", day, asked: "day", isInvalid: true), .init("soonish", day, asked: "day", isInvalid: true),
        .init("when do you open?", day, asked: "day"), .init("I sat in the sun", day), .init("you may 3 times", day), .init("3/4 of it", day),
        .init("it costs 3.5", day), .init("order LL-2026-11-01", day), .init("open 24/7", day), .init("version 1.2.3", day),
        .init("I want it on March 3", day, is: ["day": "2027-03-03"]), .init("I bought it on March 3", day, is: ["day": "2026-03-03"]),
        .init("Friday", bought, asked: "purchase_date", is: ["purchase_date": "2026-11-20"]),
        .init("March 3", bought, asked: "purchase_date", is: ["purchase_date": "2026-03-03"]),
        .init("Friday", delivery, asked: "delivery_date", is: ["delivery_date": "2026-11-27"]),
        .init("3.4.85", DataField(name: "birth_date", kind: .date), asked: "birth_date", is: ["birth_date": "1985-04-03"]),
        .init(
            "check in on March 3 and check out on March 5", DataField(name: "check_in", kind: .date), DataField(name: "check_out", kind: .date),
            is: ["check_in": "2027-03-03", "check_out": "2027-03-05"]),
        .init("I ordered it two weeks ago", delivery), .init("I ordered it on March 3", delivery), .init("I can wait until next Friday", bought),
        .init("Friday would suit me", delivery, is: ["delivery_date": "2026-11-27"]),
        .init("on March 3", DataField(name: "check_in", kind: .date), DataField(name: "check_out", kind: .date)),
        .init("between March 3 and March 5", day), .init("March 3, sorry, March 5", day, is: ["day": "2027-03-05"]),
        .init("not Friday, Saturday", day, asked: "day", is: ["day": "2026-11-28"]),
        .init("AB-1234 came on 12/1/2025", order, bought, is: ["order_id": "AB-1234", "purchase_date": "2025-12-01"]),
    ]

    static let choices: [ReadingCase] = [
        .init("refund", resolution, asked: "resolution", is: ["resolution": "refund"]),
        .init("A REFUND, please.", resolution, is: ["resolution": "refund"]),
        .init("store-credit", resolution, is: ["resolution": "store credit"]), .init("Store Credits", resolution, is: ["resolution": "store credit"]),
        .init("refunds", resolution, is: ["resolution": "refund"]), .init("réfund", resolution, is: ["resolution": "refund"]),
        .init("refudn", resolution, asked: "resolution", is: ["resolution": "refund"]),
        .init("a replacment", resolution, is: ["resolution": "replacement"]),
        .init("the stroe credit", resolution, is: ["resolution": "store credit"]),
        .init("not a refund, a replacement", resolution, is: ["resolution": "replacement"]),
        .init("I don't want a refund but a replacement", resolution, is: ["resolution": "replacement"]),
        .init("a replacement instead of a refund", resolution, is: ["resolution": "replacement"]),
        .init("refund or replacement", resolution), .init("the credit", resolution, asked: "resolution", is: ["resolution": "store credit"]),
        .init("I paid by credit card", resolution), .init("the second one", resolution, asked: "resolution", is: ["resolution": "replacement"]),
        .init("2", resolution, asked: "resolution", is: ["resolution": "replacement"]),
        .init("option 3", resolution, asked: "resolution", is: ["resolution": "store credit"]),
        .init("the last one", resolution, asked: "resolution", is: ["resolution": "store credit"]), .init("2", resolution),
        .init("4", resolution, asked: "resolution", isInvalid: true), .init("a pony", resolution, asked: "resolution", isInvalid: true),
        .init("what is store credit?", resolution, asked: "resolution", is: ["resolution": "store credit"]),
        .init("which ones are there?", resolution, asked: "resolution"),
        .init("refund, actually replacement", resolution, asked: "resolution", is: ["resolution": "replacement"]),
        .init("it is not as described", reason, is: ["return_reason": "not as described"]),
        .init("the wrong one", reason, asked: "return_reason", is: ["return_reason": "wrong item"]),
        .init("it was damged", reason, is: ["return_reason": "damaged"]), .init("it came too late", reason, is: ["return_reason": "too late"]),
        .init("I want to return my shoes", topic, is: ["topic": "return"]), .init("the other day", topic),
        .init("my mother ordered it", topic), .init("other", topic, asked: "topic", is: ["topic": "other"]),
        .init("Order status!", topic, is: ["topic": "order_status"]), .init("4", rating, asked: "rating", is: ["rating": "4"]),
        .init("four", rating, asked: "rating", is: ["rating": "4"]), .init("I have 4 dogs", rating), .init("rating: 5", rating, is: ["rating": "5"]),
        .init("3.5", rating, asked: "rating", isInvalid: true), .init("by email", method, is: ["contact_method": "e-mail"]),
        .init("mails", method, asked: "contact_method", is: ["contact_method": "e-mail"]), .init("my e-mail is a@b.de", method),
        .init("hello", resolution, asked: "resolution"),
        .init("gray", DataField(name: "colour", kind: .choice, values: ["grey", "grab"]), asked: "colour", isInvalid: true),
        .init("dark red", DataField(name: "colour", kind: .choice, values: ["red", "dark red"]), is: ["colour": "dark red"]),
    ]

    static let consents: [ReadingCase] = [
        .init("gift wrap: yes", wrap, is: ["gift_wrap": true]), .init("no gift wrap", wrap, is: ["gift_wrap": false]),
        .init("without gift-wrap", wrap, is: ["gift_wrap": false]), .init("with gift wrap", wrap, is: ["gift_wrap": true]),
        .init("gift wrap please", wrap, is: ["gift_wrap": true]), .init("is gift wrap free?", wrap), .init("yes", wrap), .init("no", wrap),
        .init("purple", wrap, asked: "gift_wrap", isInvalid: true),
    ]

    static let yes = [
        "yes", "Yep", "yeah!", "sure", "of course", "correct", "ok", "please do", "Yes, please", "yes, why not", "go ahead", "I do", "absolutely",
        "oh yes", "that's correct", "no problem",
    ]
    static let no = [
        "no", "nope", "not really", "never", "don't", "no thanks", "No, thank you", "I don't", "of course not", "please don't", "that's not correct",
        "no, that's fine",
    ]
    static let unsure = ["yes and no", "not sure", "maybe", "I don't know", "it depends", "yes, no", "what does it cost?"]

    static let answers: [ReadingCase] = [
        .init("Berlin", city, asked: "city", is: ["city": "Berlin"]), .init("It's Berlin.", city, asked: "city", is: ["city": "Berlin"]),
        .init("I live in New York", city, asked: "city", is: ["city": "New York"]),
        .init("the city is Bad Homburg v. d. H.", city, asked: "city", is: ["city": "Bad Homburg v. d. H"]),
        .init("city: Berlin", city, is: ["city": "Berlin"]), .init("my city is Berlin, and I am tall", city, is: ["city": "Berlin"]),
        .init("town = Bonn", city, is: ["city": "Bonn"]), .init("my city is always loud", city), .init("Berlin", city),
        .init("is my city Berlin?", city), .init("where?", city, asked: "city"), .init("hi there", city, asked: "city"),
        .init("I don't know", city, asked: "city"), .init("why do you need that", city, asked: "city"), .init("yes", city, asked: "city"),
        .init("please use Hamburg, thanks!", city, asked: "city", is: ["city": "Hamburg"]),
        .init("sorry, I meant Köln", city, asked: "city", is: ["city": "Köln"]),
        .init("the blue shoes", item, asked: "return_item", is: ["return_item": "the blue shoes"]),
        .init("the blue shoes from AB-1234", order, item, asked: "return_item", is: ["order_id": "AB-1234", "return_item": "the blue shoes"]),
        .init(
            "Berlin please, and my order is AB-1234", order, city, asked: "city", is: ["order_id": "AB-1234", "city": "Berlin"]),
        .init("AB-1234", order, item, asked: "return_item", is: ["order_id": "AB-1234"]),
        .init("my name is Anna Schmidt", name, is: ["name": "Anna Schmidt"]),
        .init("I'm Anna Schmidt and I'm angry", name, is: ["name": "Anna Schmidt"]),
        .init("this is Anna", name, is: ["name": "Anna"]), .init("I'm angry", name), .init("I'm from Berlin", name),
        .init("my name is anna", name, is: ["name": "anna"]), .init("Anna", name, asked: "name", is: ["name": "Anna"]),
        .init("I am Anna-Lena O'Brien.", name, is: ["name": "Anna-Lena O'Brien"]),
        .init(
            "I'm Anna Schmidt", DataField(name: "first_name"), DataField(name: "last_name"), is: ["first_name": "Anna", "last_name": "Schmidt"]),
        .init("I'm Anna Schmidt", DataField(name: "company_name")),
        .init("Hauptstr. 5", DataField(name: "street", description: "Street and house number."), asked: "street", is: ["street": "Hauptstr. 5"]),
    ]

    @Test("A date is read as it is said", arguments: days)
    func day(text: String, expected: String) throws { try ReadingCase(text, Self.day, asked: "day", is: ["day": .string(expected)]).verify() }

    @Test("Dates are told from what only looks like one, and lie on the side of today that they speak of", arguments: dates)
    func date(_ reading: ReadingCase) throws { try reading.verify() }

    @Test("Choices are found as people write them", arguments: choices)
    func choice(_ reading: ReadingCase) throws { try reading.verify() }

    @Test("Yes and no belong to what is named", arguments: consents)
    func consent(_ reading: ReadingCase) throws { try reading.verify() }

    @Test("Yes and no answer the question", arguments: yes.map { ($0, true) } + no.map { ($0, false) })
    func yesOrNo(text: String, expected: Bool) throws {
        try ReadingCase(text, Self.wrap, asked: "gift_wrap", is: ["gift_wrap": .bool(expected)]).verify()
    }

    @Test("What is neither yes nor no is no value and no mistake", arguments: unsure)
    func undecided(text: String) throws { try ReadingCase(text, Self.wrap, asked: "gift_wrap").verify() }

    @Test("Free answers are taken when they are asked for or named", arguments: answers)
    func answer(_ reading: ReadingCase) throws { try reading.verify() }
}
