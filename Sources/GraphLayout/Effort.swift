/// How much work a picture is worth: what nobody can take in at a glance is drawn with less care, so that it takes no longer than needed.
enum Effort {
    /// About as many items get all the care that there is.
    private static let usualItems = 10_000

    /// How often to improve something, at least once: a number of times, less for a picture of very many items.
    static func rounds(_ usual: Int, items: Int) -> Int { max(1, min(usual, usual * usualItems / max(1, items))) }
}
