#if DEBUG
import Foundation
import StageEngine
import StageModel
import StageStore

/// Ends the process where a test wants it to end, as a loss of power would; builds for release do not have it.
struct CrashPoint: TurnObserver {
    let point: TurnPoint

    /// The point that the environment names; nil: none.
    static var ofTest: CrashPoint? {
        ProcessInfo.processInfo.environment["STAGEKEEPER_TEST_CRASH_POINT"].flatMap(TurnPoint.init).map(CrashPoint.init)
    }

    func reached(_ point: TurnPoint) {
        if point == self.point { kill(getpid(), SIGKILL) }
    }

    func committed(_ outcome: TurnOutcome, _ messages: [HandledMessage], _ work: TurnWork) {}
}
#endif
