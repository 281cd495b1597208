/// Decides who may ask now and who waits for a turn, the oldest first.
struct SlotStateMachine {
    private var free: Int
    /// The ids of those who wait, oldest first.
    private var waiting: [Int] = []

    init(count: Int) { free = count }

    enum EnterAction: Equatable { case enter, wait }

    mutating func enter(id: Int) -> EnterAction {
        guard free == 0 else {
            free -= 1
            return .enter
        }
        waiting.append(id)
        return .wait
    }

    enum LeaveAction: Equatable {
        case nothing
        /// The slot is this one's from now on.
        case hand(to: Int)
    }

    mutating func leave() -> LeaveAction {
        guard !waiting.isEmpty else {
            free += 1
            return .nothing
        }
        return .hand(to: waiting.removeFirst())
    }

    enum CancelAction: Equatable {
        case sendAway
        /// It has a slot, or never asked for one.
        case ignore
    }

    mutating func cancel(id: Int) -> CancelAction {
        guard let index = waiting.firstIndex(of: id) else { return .ignore }
        waiting.remove(at: index)
        return .sendAway
    }
}
