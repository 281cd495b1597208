/// Numbers of which the least can be taken out.
struct Heap {
    private var numbers: [Int] = []

    mutating func insert(_ number: Int) {
        numbers.append(number)
        var child = numbers.count - 1
        while child > 0, numbers[child] < numbers[(child - 1) / 2] {
            numbers.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func removeLeast() -> Int? {
        guard let least = numbers.first, let last = numbers.popLast() else { return nil }
        guard !numbers.isEmpty else { return least }
        numbers[0] = last
        var parent = 0
        while true {
            var smallest = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < numbers.count && numbers[child] < numbers[smallest] { smallest = child }
            guard smallest != parent else { return least }
            numbers.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
