import Synchronization
import TalkootCore
import TalkootScheduling
import TalkootStore

extension Dispatcher {
    /// A unit has no result and will have none: written down, and the others go on unless there are too many like it.
    func giveUp(unit: UInt64, outcome: UnitOutcome) {
        let note = JournalCommit(units: unit..<unit + 1, resultEnds: [], bytes: [], failure: outcome, volunteer: "")
        committer.submit(note) { [weak self] in if case .failure(let error) = $0 { self?.end(error) } }
        callbacks.decided(
            .unitGivenUp, unit..<unit + 1, nil, "\(describeUnit(unit)) \(outcome.summary), wherever it was tried",
            "mend the module or its parameters; the other units go on")
        let abort: String? = state.withLock { state in
            state.givenUp.add(GivenUpUnit(unit: unit, outcome: outcome, log: state.failureLogs[unit] ?? []))
            let results = state.scheduling.unitsDone - min(state.scheduling.unitsDone, state.givenUp.count)
            return state.givenUp.reasonToAbort(units: units, done: results)
        }
        guard let abort else { return }
        callbacks.decided(
            .aborted, nil, nil, "\(abort), so the others are not tried", "mend the module or its parameters and run the job anew")
        end(failure)
    }

    /// What to say of a job that has units without a result.
    private var failure: TalkootError {
        let summary = state.withLock { $0.givenUp.summary(describeUnit) }
        return TalkootError(.jobFailed, summary, remedy: "mend the module or its parameters and run the job anew; results so far are kept")
    }

    /// Every unit is over. With some given up there is no output, and the job ends when the other results are durable.
    func finished() {
        guard state.withLock({ $0.givenUp.count }) > 0 else { return callbacks.settled() }
        state.withLock { $0.isEveryUnitOver = true }
        endWhenWritten()
    }

    /// Ends a job that lacks units, once nothing of it is on its way to the journal.
    func endWhenWritten() {
        let isDue = state.withLock { $0.isEveryUnitOver && $0.durable.count + $0.givenUp.count >= units }
        if isDue { end(failure) }
    }

    /// Two volunteers differ, or the checks of one commit found more than one such case.
    func tellDisputes(_ finished: FinishedUnits) {
        let isNew = state.withLock { state in
            let disputes = state.scheduling.verificationCounts.disputes
            defer { state.disputesTold = disputes }
            return disputes > state.disputesTold
        }
        guard isNew else { return }
        callbacks.decided(
            .resultMismatch, finished.units, finished.volunteer,
            "\(finished.volunteer) and somebody else gave different results for a unit among \(Self.words(finished.units))",
            "nothing to do: others, or this machine, decide who is right")
    }

    static func words(_ units: Range<UInt64>) -> String {
        units.count == 1 ? "unit \(units.lowerBound)" : "units \(units.lowerBound) to \(units.upperBound - 1)"
    }

    /// The time that the requester gave the job is over.
    func missDeadline() {
        let (done, isOver) = state.withLock { ($0.durable.count, $0.isOver) }
        guard !isOver else { return }
        let message = "the deadline passed with \(done) of \(units) units done"
        let remedy = "resume it to go on, or take what there is with `talkoot result JOB --partial`"
        callbacks.decided(.deadlineMissed, nil, nil, message, remedy)
        end(TalkootError(.jobFailed, message, remedy: remedy))
    }
}
