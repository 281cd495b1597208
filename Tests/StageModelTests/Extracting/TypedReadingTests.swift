import StageModel
import Testing

@Suite("Reading patterns, addresses and numbers from messages")
struct TypedReadingTests {
    private static let order = DataField(
        name: "order_id", pattern: #"[A-Z]{2}-\d{4,}"#,
        description: "The number of the order, two capital letters, a hyphen and at least four digits, such as LL-20417.")
    private static let tracking = DataField(name: "tracking_number", pattern: "[A-Z0-9]{8,30}", description: "The carrier's number of the parcel.")
    private static let postal = DataField(name: "postal_code", pattern: "[0-9A-Z][0-9A-Z -]{2,9}", description: "The postal code.")
    private static let email = DataField(name: "email", kind: .email, description: "The e-mail address that the order was made with.")
    private static let quantity = DataField(name: "quantity", kind: .number, description: "How many items.")
    private static let refund = DataField(name: "refund_amount", kind: .number, description: "How much is to be paid back.")
    private static let phone = DataField(name: "phone", description: "A telephone number.")
    private static let site = DataField(name: "website")
    private static let zip = DataField(name: "zip")
    private static let contact = DataField(name: "contact", description: "The telephone number or e-mail address for that.")

    static let patterns: [ReadingCase] = [
        .init("Where is LL-20417?", order, is: ["order_id": "LL-20417"]),
        .init("LL-20417.", order, asked: "order_id", is: ["order_id": "LL-20417"]),
        .init("my order (LL-20417) is late", order, is: ["order_id": "LL-20417"]),
        .init("it's ll-20417", order, asked: "order_id", is: ["order_id": "LL-20417"]),
        .init("order ll20417 please", order, is: ["order_id": "LL-20417"]),
        .init("LL 20417", order, asked: "order_id", is: ["order_id": "LL-20417"]),
        .init("It is LL - 20417", order, is: ["order_id": "LL-20417"]),
        .init("no, it's AB-1234", order, asked: "order_id", is: ["order_id": "AB-1234"]),
        .init("AB-1111, sorry, I meant AB-2222", order, is: ["order_id": "AB-2222"]),
        .init("not AB-1111 but AB-2222", order, asked: "order_id", is: ["order_id": "AB-2222"]),
        .init("AB-1111 and AB-2222", order, is: ["order_id": "AB-1111"]),
        .init("xAB-12345", order, is: [:]),
        .init("AAB-1234", order, is: [:]),
        .init("AB-12345x", order, is: [:]),
        .init("AB-123", order, asked: "order_id", isInvalid: true),
        .init("20417", order, asked: "order_id", isInvalid: true),
        .init("twelve", order, asked: "order_id", isInvalid: true),
        .init("where do I find that?", order, asked: "order_id"),
        .init("hello", order, asked: "order_id"),
        .init("thank you very much!", order, asked: "order_id"),
        .init("I don't know", order, asked: "order_id"),
        .init("yes", order, asked: "order_id"),
        .init("the shoes that I bought in your shop last month came with a hole in the sole", order, asked: "order_id"),
        .init("I want to talk to somebody", order, asked: "order_id"),
        .init("in 20417 days", order),
        .init("the year is 2026", order),
        .init("replacement please", tracking),
        .init("REPLACEMENT NOW", tracking),
        .init("parcel 00340434161094042557 has not moved", tracking, is: ["tracking_number": "00340434161094042557"]),
        .init("order LL-204171 is late", order, tracking, is: ["order_id": "LL-204171"]),
        .init("it was on 2026-11-01", tracking),
        .init("order 204", tracking),
        .init("jd0146000012345", tracking, asked: "tracking_number", is: ["tracking_number": "JD0146000012345"]),
        .init("10115", postal, asked: "postal_code", is: ["postal_code": "10115"]),
        .init("it's 10115 Berlin", postal, asked: "postal_code", is: ["postal_code": "10115"]),
        .init("sw1a 1aa", postal, asked: "postal_code", is: ["postal_code": "SW1A 1AA"]),
        .init("my postal code is 1012 AB", postal, is: ["postal_code": "1012 AB"]),
        .init("I DON'T KNOW", postal, asked: "postal_code"),
        .init("I WANT 3 OF THEM", postal),
        .init("order LL-20417", order, postal, asked: "postal_code", is: ["order_id": "LL-20417"]),
        .init("ABC", DataField(name: "code", pattern: "^[A-Z]{3}$"), asked: "code", is: ["code": "ABC"]),
        .init("I pay in EUR", DataField(name: "currency", pattern: "[A-Z]{3}|[A-Z]{4}"), is: [:]),
        .init("ticket #4711", DataField(name: "ticket", pattern: #"#\d+"#), is: ["ticket": "#4711"]),
    ]

    static let addresses: [ReadingCase] = [
        .init("anna@example.com", email, asked: "email", is: ["email": "anna@example.com"]),
        .init("Write to Anna.Schmidt@Mail.Example.ORG.", email, is: ["email": "Anna.Schmidt@mail.example.org"]),
        .init("<anna+shop@example.com>, thanks", email, is: ["email": "anna+shop@example.com"]),
        .init("it's mailto:anna@example.com", email, is: ["email": "anna@example.com"]),
        .init("anna@old.com, sorry, anna@new.com", email, is: ["email": "anna@new.com"]),
        .init("order LL-20417, anna@example.com", order, email, asked: "email", is: ["order_id": "LL-20417", "email": "anna@example.com"]),
        .init("a@x.com or b@y.com", email),
        .init("anna@", email, asked: "email", isInvalid: true),
        .init("anna@example", email, asked: "email", isInvalid: true),
        .init("anna", email, asked: "email", isInvalid: true),
        .init("why do you need it?", email, asked: "email"),
        .init("LL-20417", order, email, asked: "email", is: ["order_id": "LL-20417"]),
        .init("@ 5 pm", email),
        .init("+49 170 1234567", phone, asked: "phone", is: ["phone": "+491701234567"]),
        .init("call me at (030) 123-456", phone, is: ["phone": "030123456"]),
        .init("555-0134", phone, asked: "phone", is: ["phone": "5550134"]),
        .init("my mobile is 0170/1234567, call me", phone, is: ["phone": "01701234567"]),
        .init("+49 (0)170 123 4567", phone, is: ["phone": "+491701234567"]),
        .init("1234567", phone),
        .init("phone 1234567", phone, is: ["phone": "1234567"]),
        .init("2026-11-01", phone),
        .init("AB-1234567", phone),
        .init("it cost 1 299 000", phone),
        .init("purple", phone, asked: "phone", isInvalid: true),
        .init("anna@example.com", contact, asked: "contact", is: ["contact": "anna@example.com"]),
        .init("0170 1234567 please", contact, asked: "contact", is: ["contact": "01701234567"]),
        .init("see https://example.com/a?b=c.", site, is: ["website": "https://example.com/a?b=c"]),
        .init("my website is www.example.com", site, is: ["website": "www.example.com"]),
        .init("example.com", site, asked: "website", is: ["website": "example.com"]),
        .init("It is late.Really", DataField(name: "note")),
        .init("10115", zip, asked: "zip", is: ["zip": "10115"]),
        .init("I live in 10115 Berlin", zip, is: ["zip": "10115"]),
        .init("12345-6789", zip, asked: "zip", is: ["zip": "12345-6789"]),
        .init("k1a 0b1", zip, asked: "zip", is: ["zip": "K1A 0B1"]),
        .init("I paid 12000 for it", zip),
    ]

    static let numbers: [ReadingCase] = [
        .init("3", quantity, asked: "quantity", is: ["quantity": 3]),
        .init("I'd like 3 of them", quantity, is: ["quantity": 3]),
        .init("3.5", refund, asked: "refund_amount", is: ["refund_amount": .number(3.5)]),
        .init("1,299.90", refund, asked: "refund_amount", is: ["refund_amount": .number(1299.9)]),
        .init("1.299,90", refund, asked: "refund_amount", is: ["refund_amount": .number(1299.9)]),
        .init("1 299", refund, asked: "refund_amount", is: ["refund_amount": 1299]),
        .init("1,299", refund, asked: "refund_amount", is: ["refund_amount": 1299]),
        .init("1.299 €", refund, asked: "refund_amount", is: ["refund_amount": 1299]),
        .init("three", quantity, asked: "quantity", is: ["quantity": 3]),
        .init("a dozen", quantity, asked: "quantity", is: ["quantity": 12]),
        .init("half a dozen", quantity, asked: "quantity", is: ["quantity": 6]),
        .init("twenty-five", quantity, asked: "quantity", is: ["quantity": 25]),
        .init("two hundred and fifty", quantity, asked: "quantity", is: ["quantity": 250]),
        .init("a thousand", quantity, asked: "quantity", is: ["quantity": 1000]),
        .init("one", quantity, asked: "quantity", is: ["quantity": 1]),
        .init("€ 12", refund, is: ["refund_amount": 12]),
        .init("12 €", refund, is: ["refund_amount": 12]),
        .init("I paid $1,299.90 for it", refund, is: ["refund_amount": .number(1299.9)]),
        .init("12.50 EUR", refund, is: ["refund_amount": .number(12.5)]),
        .init("USD 40", refund, is: ["refund_amount": 40]),
        .init("12 euros 50", refund, is: ["refund_amount": .number(12.5)]),
        .init("20%", DataField(name: "discount", kind: .number), asked: "discount", is: ["discount": 20]),
        .init("-5", DataField(name: "temperature", kind: .number), asked: "temperature", is: ["temperature": -5]),
        .init("5k", refund, asked: "refund_amount", is: ["refund_amount": 5000]),
        .init("2 shirts for 30 €", quantity, refund, is: ["refund_amount": 30, "quantity": 2]),
        .init("quantity: 4, size 42", quantity, is: ["quantity": 4]),
        .init("I have 2 dogs and 3 items", quantity, is: ["quantity": 3]),
        .init("we are 2 and they are 5", quantity),
        .init("2 or 3", quantity, asked: "quantity", isInvalid: true),
        .init("no, 4", quantity, asked: "quantity", is: ["quantity": 4]),
        .init("3, sorry, 4", quantity, asked: "quantity", is: ["quantity": 4]),
        .init("my order is LL-20417", quantity), .init("I want a refund of 30 dollars", quantity),
        .init("order 20417", quantity),
        .init("it came on 2026-11-01", quantity),
        .init("it came on 3 March", quantity),
        .init("call +49 170 1234567", quantity),
        .init("I live in 10115 Berlin", quantity),
        .init("anna99@example.com", quantity),
        .init("the 3rd time", quantity),
        .init("at 5 pm", quantity),
        .init("at 5:30", quantity),
        .init("2-3 weeks", quantity),
        .init("this one", quantity),
        .init("version 1.2.3", quantity),
        .init("20417", quantity, asked: "quantity", is: ["quantity": 20417]),
        .init("lots", quantity, asked: "quantity", isInvalid: true),
        .init("how many can I get?", quantity, asked: "quantity"),
        .init("12 Main Street", DataField(name: "street"), quantity, asked: "street", is: ["street": "12 Main Street"]),
    ]

    @Test("Values of a pattern are found where they stand, and as people write them", arguments: patterns)
    func pattern(_ reading: ReadingCase) throws { try reading.verify() }

    @Test("E-mail addresses, telephone numbers, pages and postal codes are found", arguments: addresses)
    func address(_ reading: ReadingCase) throws { try reading.verify() }

    @Test("Numbers are found, and nothing that only has digits", arguments: numbers)
    func number(_ reading: ReadingCase) throws { try reading.verify() }
}
