import Synchronization
import TalkootCore
import TalkootStore

/// Merges on a thread of its own while results arrive: reads them back from the journal, in unit order, a few MiB at a time.
///
/// So memory does not grow with results that came early, and a resumed job merges in just the same way. Results that are not verified yet
/// are merged too, and once more when some turn out wrong.
final class Merger: Sendable {
    private struct State {
        /// Units below this are durable.
        var durable: UInt64 = 0
        var merged: UInt64 = 0
        var isStopped = false
        /// Whether no result can be taken back any more, and how often some were.
        var isSettled: Bool
        var round: UInt64 = 0
    }

    private let journal: JobJournal
    private let units: UInt64
    private let signal: WakeSignal
    private let state: Mutex<State>

    /// For a job whose results are verified `isSettled` is false: then there is no output before ``settle()``.
    init(journal: JobJournal, units: UInt64, isSettled: Bool = true) throws(TalkootError) {
        state = Mutex(State(isSettled: isSettled))
        self.journal = journal
        self.units = units
        signal = try WakeSignal()
    }

    /// How many units are merged.
    var unitsMerged: UInt64 { state.withLock { $0.merged } }

    /// Units below `unit` are durable; any thread.
    func advance(to unit: UInt64) {
        let isNew = state.withLock { state in
            defer { state.durable = max(state.durable, unit) }
            return unit > state.durable
        }
        if isNew { signal.raise() }
    }

    /// Results were taken back, those below `unit` are still there: what was merged is merged anew.
    func restart(below unit: UInt64) {
        state.withLock { state in
            state.round += 1
            state.durable = unit
            state.merged = 0
        }
        signal.raise()
    }

    /// All results stand; any thread.
    func settle() {
        state.withLock { $0.isSettled = true }
        signal.raise()
    }

    /// Ends the thread soon; any thread.
    func stop() {
        state.withLock { $0.isStopped = true }
        signal.raise()
    }

    /// Starts the thread. `ended` is called on it with the output or what failed; not after ``stop()``.
    ///
    /// - Throws: ``TalkootError`` `try-later` when there can be no thread.
    func start(
        cell: @escaping @Sendable () -> OwnCell, destination: OutputDestination,
        ended: @escaping @Sendable (Result<JobOutput, TalkootError>) -> Void
    ) throws(TalkootError) {
        try WorkerThread.start {
            do throws(TalkootError) {
                let cell = cell()
                defer { cell.close() }
                if let output = try self.work(cell, destination) { ended(.success(output)) }
            } catch {
                ended(.failure(error))
            }
        }
    }

    /// The output, or `nil` when stopped.
    private func work(_ cell: OwnCell, _ destination: OutputDestination) throws(TalkootError) -> JobOutput? {
        while true {
            let round = state.withLock { $0.round }
            do throws(TalkootError) {
                switch try merge(round, cell, destination) {
                case .stopped: return nil
                case .output(let output): return output
                case .again: continue
                }
            } catch {
                // What cannot be merged may be the work of a liar, as long as it may still be taken back.
                guard waitForVerdict(on: round) else { throw error }
                if state.withLock({ $0.isStopped }) { return nil }
            }
        }
    }

    private enum Outcome {
        case stopped
        case output(JobOutput)
        /// Results that are in it were taken back.
        case again
    }

    private enum Next {
        case units(below: UInt64)
        case stopped
        case again
    }

    /// One merge from the first unit to the last.
    private func merge(_ round: UInt64, _ cell: OwnCell, _ destination: OutputDestination) throws(TalkootError) -> Outcome {
        // The cell starts with the first results: the slots' cells, which make them, go first.
        if units > 0 {
            switch waitForUnits(beyond: 0, round) {
            case .stopped: return .stopped
            case .again: return .again
            case .units: break
            }
        }
        var collector = try ResultCollector(cell: cell, destination: destination)
        var next: UInt64 = 0
        while true {
            switch waitForUnits(beyond: next, round) {
            case .stopped: return .stopped
            case .again: return .again
            case .units(let end):
                if next == units { return .output(try collector.finish()) }
                next = try add(from: next, to: end, &collector)
                state.withLock { $0.merged = next }
            }
        }
    }

    /// Adds the results of a run of units as far as the journal has them; the unit that follows.
    private func add(from start: UInt64, to end: UInt64, _ collector: inout ResultCollector) throws(TalkootError) -> UInt64 {
        var next = start
        for commit in try journal.results(from: start, limitUnits: end - start) {
            guard commit.units.lowerBound == next, commit.failure == nil else { break }
            var from = 0
            for end in commit.resultEnds {
                try collector.add(commit.bytes[from..<end])
                from = end
            }
            next = commit.units.upperBound
        }
        guard next == start else { return next }
        // A result that was taken back while somebody said that it is there: it comes again.
        let isSettled = state.withLock { state in
            state.durable = min(state.durable, start)
            return state.isSettled
        }
        guard !isSettled else {
            throw TalkootError(.internalError, "the journal has no result of unit \(start)", remedy: "resume the job to run it again")
        }
        return start
    }

    /// What is durable beyond `unit`; beyond the last one, that everything stands.
    private func waitForUnits(beyond unit: UInt64, _ round: UInt64) -> Next {
        while true {
            let next: Next? = state.withLock { state in
                if state.isStopped { return .stopped }
                if state.round != round { return .again }
                if unit == units { return state.isSettled ? .units(below: units) : nil }
                return state.durable > unit ? .units(below: state.durable) : nil
            }
            if let next { return next }
            signal.wait(seconds: 10)
        }
    }

    /// Waits until results of this round were taken back, or all stand: then whether it is worth another try.
    private func waitForVerdict(on round: UInt64) -> Bool {
        guard !state.withLock({ $0.isSettled && $0.round == round }) else { return false }
        while true {
            let isDecided = state.withLock { $0.isStopped || $0.isSettled || $0.round != round }
            if isDecided { return true }
            signal.wait(seconds: 10)
        }
    }
}
