import StageModel
import StageStore
import Testing

@testable import StageStoreSQL

@Suite("Sums of statistics that are to be written")
struct StatisticsFoldTests {
    private static let business = Business.ID()

    private static func event(_ position: Int64, entering stage: Stage.ID) -> StatisticsFold.Event {
        let transition = Transition(
            id: Transition.ID(), version: 1, sequence: 0, from: nil, to: stage, cause: .api, actor: "", flowRevision: 1, trace: [:],
            at: Blueprint.start, secondsInStage: nil)
        return StatisticsFold.Event(position: position, business: business, transitions: [transition])
    }

    private static func fold(_ stages: [Stage.ID], after progress: FoldProgress = FoldProgress()) -> StatisticsFold {
        var fold = StatisticsFold(totals: Timestamp(microseconds: 0), recentCount: 20, after: progress)
        for (index, stage) in stages.enumerated() { fold.add(event(Int64(index + 1), entering: stage)) }
        return fold
    }

    @Test("Each sum is in one step, all of a stage in the same, and no step but the last has fewer rows than asked for", arguments: [1, 3, 50, 1000])
    func steps(rowCount: Int) {
        let stages = (0..<60).map { _ in Stage.ID() }
        let fold = Self.fold(stages)
        let steps = fold.steps(of: rowCount)
        let (places, parts) = (steps.flatMap(\.rows.keys), steps.flatMap(\.parts))
        #expect(places.count == 120 && Set(places) == Set(fold.rows.keys))
        #expect(parts.count == Set(parts).count && Set(parts) == Set(stages.map(FoldProgress.part)))
        #expect(steps.dropLast().allSatisfy { $0.rows.count >= rowCount && !$0.isLast } && steps.last?.isLast == true)
        #expect(rowCount < 120 || steps.count == 1)
    }

    @Test("Where nothing moved, one step tells how far it is")
    func nothing() {
        let steps = Self.fold([]).steps(of: 250)
        #expect(steps.count == 1 && steps[0].isLast && steps[0].rows.isEmpty)
    }

    @Test("What a part has already is not summed up again")
    func further() {
        let (known, other) = (Stage.ID(), Stage.ID())
        let progress = FoldProgress().advanced([FoldProgress.part(of: known)], to: 2, isLast: false)
        // It depends on chance whether both are in the same part.
        let isSame = FoldProgress.part(of: known) == FoldProgress.part(of: other)
        let fold = Self.fold([known, other, known, other], after: progress)
        #expect(fold.rows.filter { $0.key.stage == known }.values.map(\.entered) == [1, 1])
        #expect(fold.rows.filter { $0.key.stage == other }.values.map(\.entered) == (isSame ? [1, 1] : [2, 2]))
        #expect(progress.advanced([], to: 4, isLast: true) == FoldProgress().advanced([], to: 4, isLast: true))
    }
}
