import Testing

@testable import GraphLayout

@Suite("Texts of a picture")
struct TextTests {
    private let small = TextMetrics.standard.smallFont

    @Test(
        "A text that is too wide is cut, with an ellipsis",
        arguments: [
            ("short", "short"), ("  spaces \n and\ttabs  ", "spaces and tabs"), ("", ""), (" \u{0} \u{7}", ""), ("a\u{0}b\u{9B}c", "abc"),
            ("data.topic == \"return\" && has(data.order_id)", "data.topic == \"…"),
            ("the words before the cut end", "the words befor…"),
            ("👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦", "👨‍👩‍👧‍👦…"),
        ])
    func cut(text: String, expected: String) {
        #expect(small.cut(text, to: 100) == expected)
    }

    @Test(
        "A title takes two lines at most, broken between words where that is possible",
        arguments: [
            ("one line", ["one line"]), ("", []), ("Change the shipping address", ["Change the", "shipping address"]),
            ("Change the shipping address of a whole order", ["Change the", "shipping addres…"]),
            ("Donaudampfschifffahrtsgesellschaft", ["Donaudampfschif", "ffahrtsgesellsch…"]),
            ("a Donaudampfschifffahrt", ["a Donaudampfsc", "hifffahrt"]),
            ("message.text.matches(\"x\")", ["message.text.", "matches(\"x\")"]),
        ])
    func wrap(text: String, expected: [String]) {
        #expect(small.wrap(text, to: 100) == expected)
    }

    @Test(
        "No line is wider than it may be, whatever the text",
        arguments: [
            String(repeating: "W", count: 300), String(repeating: "👩🏽‍🚀", count: 50), String(repeating: "返品", count: 80),
            String(repeating: "e\u{301}", count: 200),
            String(repeating: "مرحبا بك ", count: 30), String(repeating: "\u{FDFD}", count: 9),
            "\u{202E}" + String(repeating: "abc ", count: 60),
            String(repeating: "a", count: 100_000),
        ], [40, 100, 216])
    func width(text: String, width: Int) {
        for font in [small, TextMetrics.standard.titleFont] {
            let lines = font.wrap(text, to: width)
            #expect((1...2).contains(lines.count))
            // One character and an ellipsis are always shown.
            #expect(lines.allSatisfy { font.width(of: $0) <= max(width, font.size * 14) })
        }
    }

    @Test("Marks that are piled up on a letter are left out")
    func marks() {
        let text = DrawableText.of("a" + String(repeating: "\u{336}", count: 40) + "b")
        #expect(text.unicodeScalars.count == 5)
    }

    @Test("Wide characters count double, marks nothing", arguments: [("m", "返"), ("A", "👍"), ("ab", "漢")])
    func widths(narrow: String, wide: String) {
        #expect(small.width(of: wide) * 10 >= small.width(of: "n") * 15)
        #expect(small.width(of: narrow + "\u{301}\u{200D}") == small.width(of: narrow))
    }

    @Test("A box has room for its texts and its badge", arguments: 0..<40)
    func boxes(seed: Int) {
        let metrics = TextMetrics.standard
        for box in Diagram.random(nodes: 20, edges: 0, seed: seed).layout(metrics: metrics).boxes {
            let texts = box.title.map { metrics.titleFont.width(of: $0) } + box.lines.map { metrics.smallFont.width(of: $0) }
            #expect(texts.allSatisfy { $0 + 2 * Spacing.boxPadding <= box.frame.width })
            #expect(box.title.count * metrics.titleFont.lineHeight + box.lines.count * metrics.smallFont.lineHeight <= box.frame.height)
            guard let badge = box.badge else { continue }
            let beside =
                box.title.isEmpty ? box.lines.map { metrics.smallFont.width(of: $0) } : box.title.map { metrics.titleFont.width(of: $0) }
            #expect(beside.allSatisfy { box.frame.x + Spacing.boxPadding + $0 < badge.frame.x })
            #expect(badge.frame.right < box.frame.right && badge.frame.bottom < box.frame.bottom)
            #expect(metrics.badgeFont.width(of: badge.lines.joined()) < badge.frame.width)
        }
    }

    @Test("Sizes that nobody can read are taken as ones that somebody can", arguments: [Int.min, -1, 0, 1000, Int.max])
    func sizes(size: Int) {
        #expect(Diagram("a>b:label", roots: ["a"]).layout(metrics: TextMetrics(titleSize: size, smallSize: size)).faults == [])
    }
}
