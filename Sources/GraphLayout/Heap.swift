/// Things of which the least can be taken out.
struct Heap<Element: Comparable> {
    private var elements: [Element] = []

    var least: Element? { elements.first }
    var count: Int { elements.count }
    /// All that is in it, in no useful order.
    var all: [Element] { elements }

    mutating func insert(_ element: Element) {
        elements.append(element)
        var child = elements.count - 1
        while child > 0, elements[child] < elements[(child - 1) / 2] {
            elements.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    @discardableResult
    mutating func removeLeast() -> Element? {
        guard let least = elements.first, let last = elements.popLast() else { return nil }
        guard !elements.isEmpty else { return least }
        elements[0] = last
        var parent = 0
        while true {
            var smallest = parent
            if 2 * parent + 1 < elements.count, elements[2 * parent + 1] < elements[smallest] { smallest = 2 * parent + 1 }
            if 2 * parent + 2 < elements.count, elements[2 * parent + 2] < elements[smallest] { smallest = 2 * parent + 2 }
            guard smallest != parent else { return least }
            elements.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
