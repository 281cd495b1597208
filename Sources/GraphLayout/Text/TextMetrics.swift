/// How wide texts are, from a table: a server has no fonts.
///
/// The widths are those of wide system fonts, so that what is drawn in a usual one stays in its box.
public struct TextMetrics: Sendable, Equatable {
    /// The font size of titles, in pixels.
    public var titleSize: Int
    /// The font size of the lines below titles, of labels and of badges, in pixels.
    public var smallSize: Int

    /// The sizes that the default style uses.
    public static let standard = TextMetrics(titleSize: 13, smallSize: 11)

    /// - Parameters: sizes in pixels; what is not between 4 and 200 is taken as the nearest that is.
    public init(titleSize: Int, smallSize: Int) {
        self.titleSize = min(max(titleSize, 4), 200)
        self.smallSize = min(max(smallSize, 4), 200)
    }

    /// A font's size and weight.
    struct Font {
        let size: Int
        let isBold: Bool

        /// From one line of text to the next.
        var lineHeight: Int { (size * 13 + 9) / 10 }
    }

    var titleFont: Font { Font(size: titleSize, isBold: true) }
    var smallFont: Font { Font(size: smallSize, isBold: false) }
    var badgeFont: Font { Font(size: smallSize, isBold: true) }
}

extension TextMetrics.Font {
    /// The width of a text, in pixels.
    func width(of text: String) -> Int {
        let table = isBold ? Self.bold : Self.regular
        var width = 0
        for byte in text.utf8 {
            guard (32..<127).contains(byte) else { return pixels(text.unicodeScalars.reduce(0) { $0 + advance(of: $1) }) }
            width += table[Int(byte) - 32]
        }
        return pixels(width)
    }

    /// The least number of whole pixels for an advance in thousandths of the font's size.
    func pixels(_ thousandths: Int) -> Int { (thousandths * size + 999) / 1000 }

    /// The width of a scalar, in thousandths of the font's size.
    func advance(of scalar: Unicode.Scalar) -> Int {
        let value = Int(scalar.value)
        if (32..<127).contains(value) { return (isBold ? Self.bold : Self.regular)[value - 32] }
        let advance = Self.blockAdvance(of: scalar)
        return isBold ? advance * 11 / 10 : advance
    }

    private static func blockAdvance(of scalar: Unicode.Scalar) -> Int {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: return 0
        default: break
        }
        if scalar.properties.isEmojiPresentation { return 1400 }
        let next = blocks.partitioningIndex { $0.start > scalar.value }
        return blocks[max(0, next - 1)].advance
    }

    /// From U+0020 to U+007E.
    private static let regular = [
        317, 400, 459, 837, 636, 950, 779, 274, 390, 390, 500, 837, 317, 360, 317, 336, 636, 636, 636, 636, 636, 636, 636, 636, 636, 636,
        336, 336,
        837,
        837, 837, 530, 1000, 684, 686, 698, 770, 631, 575, 774, 751, 294, 294, 655, 557, 862, 748, 787, 603, 787, 694, 634, 610, 731, 684,
        988, 685,
        610,
        685, 390, 336, 390, 837, 500, 500, 612, 634, 549, 634, 615, 352, 634, 633, 277, 277, 579, 277, 974, 633, 611, 634, 634, 411, 520,
        392, 633,
        591,
        817, 591, 591, 524, 636, 336, 636, 837,
    ]

    private static let bold = [
        348, 456, 520, 837, 695, 1001, 872, 306, 457, 457, 522, 837, 379, 415, 379, 365, 695, 695, 695, 695, 695, 695, 695, 695, 695, 695,
        399, 399,
        837,
        837, 837, 580, 1000, 773, 762, 733, 830, 683, 683, 820, 836, 372, 372, 774, 637, 995, 836, 850, 732, 850, 770, 720, 682, 812, 773,
        1103, 770,
        724,
        725, 457, 365, 457, 837, 500, 500, 674, 715, 592, 715, 678, 435, 715, 711, 342, 342, 665, 342, 1041, 711, 687, 715, 715, 493, 595,
        478, 711,
        651,
        923, 645, 651, 582, 711, 365, 711, 837,
    ]

    /// What a usual letter of a block takes, from the block's first scalar on.
    private static let blocks: [(start: UInt32, advance: Int)] = [
        (0x0000, 640), (0x00C0, 790), (0x00DF, 640), (0x0100, 760), (0x0250, 800), (0x0370, 780), (0x0400, 880), (0x0530, 850),
        (0x0590, 700),
        (0x0600, 900), (0x0780, 950), (0x0900, 1000), (0x10A0, 900), (0x1100, 1050), (0x1200, 1100), (0x1E00, 780), (0x2000, 800),
        (0x2012, 1000),
        (0x2018, 520), (0x2020, 1000), (0x2028, 800), (0x2030, 1750), (0x2032, 1000), (0x2190, 1000), (0x2500, 1100), (0x2E80, 1050),
        (0xA4D0, 1100), (0xAC00, 1050), (0xFB50, 1200), (0xFDFD, 11_000), (0xFDFE, 1200), (0xFE30, 1050), (0xFE70, 1000), (0xFF00, 1050),
        (0xFF61, 600), (0xFFE0, 1050), (0x10000, 1300), (0x12000, 2500), (0x13000, 1500), (0x1F000, 1400), (0x1FB00, 1050),
    ]
}
