import Synchronization
import TalkootCore
import TalkootStore

/// Merges on a thread of its own while results arrive: reads them back from the journal, in unit order, a few MiB at a time.
///
/// So memory does not grow with results that came early, and a resumed job merges in just the same way.
final class Merger: Sendable {
    private struct State {
        /// Units below this are durable.
        var durable: UInt64 = 0
        var merged: UInt64 = 0
        var isStopped = false
    }

    private let journal: JobJournal
    private let units: UInt64
    private let signal: WakeSignal
    private let state = Mutex(State())

    init(journal: JobJournal, units: UInt64) throws(TalkootError) {
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
        // The cell starts with the first results: the slots' cells, which make them, go first.
        if units > 0, waitForUnits(beyond: 0) == nil { return nil }
        var collector = try ResultCollector(cell: cell, destination: destination)
        var next: UInt64 = 0
        while next < units {
            guard let end = waitForUnits(beyond: next) else { return nil }
            for commit in try journal.results(from: next, limitUnits: end - next) {
                try add(commit, expected: next, to: &collector)
                next = commit.units.upperBound
                state.withLock { $0.merged = next }
            }
        }
        guard !state.withLock({ $0.isStopped }) else { return nil }
        return try collector.finish()
    }

    private func add(_ commit: JournalCommit, expected: UInt64, to collector: inout ResultCollector) throws(TalkootError) {
        guard commit.units.lowerBound == expected, commit.failure == nil else {
            throw TalkootError(.internalError, "the journal has no result of unit \(expected)", remedy: "resume the job to run it again")
        }
        var start = 0
        for end in commit.resultEnds {
            try collector.add(commit.bytes[start..<end])
            start = end
        }
    }

    /// The end of what is durable, once that is beyond `unit`; `nil` when stopped.
    private func waitForUnits(beyond unit: UInt64) -> UInt64? {
        while true {
            let (durable, isStopped) = state.withLock { ($0.durable, $0.isStopped) }
            if isStopped { return nil }
            if durable > unit { return durable }
            signal.wait(seconds: 10)
        }
    }
}
