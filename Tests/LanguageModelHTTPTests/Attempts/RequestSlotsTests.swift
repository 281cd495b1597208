@testable import LanguageModelHTTP
import Testing

@Suite("Slots", .timeLimit(.minutes(1)))
struct RequestSlotsTests {
    @Test("lets in as many as there are slots, and the others in the order in which they came")
    func keepsOrder() {
        var machine = SlotStateMachine(count: 2)
        #expect(machine.enter(id: 1) == .enter)
        #expect(machine.enter(id: 2) == .enter)
        #expect(machine.enter(id: 3) == .wait)
        #expect(machine.enter(id: 4) == .wait)
        #expect(machine.enter(id: 5) == .wait)
        #expect(machine.cancel(id: 4) == .sendAway)
        #expect(machine.cancel(id: 4) == .ignore)
        #expect(machine.cancel(id: 1) == .ignore)
        #expect(machine.leave() == .hand(to: 3))
        #expect(machine.leave() == .hand(to: 5))
        #expect(machine.enter(id: 6) == .wait)
        #expect(machine.leave() == .hand(to: 6))
        #expect(machine.leave() == .nothing)
        #expect(machine.leave() == .nothing)
        #expect(machine.enter(id: 7) == .enter)
    }

    @Test("a cancelled task does not get in, and takes nobody's place")
    func cancels() async {
        let slots = RequestSlots(count: 1)
        #expect(await slots.enter())
        let waiting = Task { await slots.enter() }
        waiting.cancel()
        #expect(await waiting.value == false)
        slots.leave()
        #expect(await slots.enter())
    }

    @Test("never lets in more at once than it has slots, and everybody in the end")
    func holdsUnderLoad() async {
        let slots = RequestSlots(count: 3)
        let inside = Crowd()
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask {
                    guard await slots.enter() else { return }
                    inside.enter()
                    await Task.yield()
                    inside.leave()
                    slots.leave()
                }
                // Some go away again, whether they wait or not.
                if number.isMultiple(of: 5) {
                    group.addTask {
                        let task = Task {
                            if await slots.enter() { slots.leave() }
                        }
                        task.cancel()
                        await task.value
                    }
                }
            }
        }
        #expect(inside.most <= 3)
        #expect(inside.total == 200)
        for _ in 0..<3 { #expect(await slots.enter()) }
    }
}
