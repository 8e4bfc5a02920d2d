import Synchronization
import TalkootCore
import TalkootSandbox
import TalkootScheduling

/// The requester's own cell as the last instance: runs what nobody else can check, one range after the other, and says what is right.
///
/// Its thread starts with the first range.
final class OwnMachine: Sendable {
    /// Answers a range: its results' digests in order, or nothing when they could not be made here.
    typealias Answer = @Sendable (Range<UInt64>, [ResultDigest]?) -> Void

    private struct State {
        var waiting: [Range<UInt64>] = []
        var isStarted = false
        var isOver = false
        var stop: StopLine?
    }

    private let job: LocalJob
    private let equality: ResultEquality?
    private let signal: WakeSignal
    private let state = Mutex(State())

    init(job: LocalJob, equality: ResultEquality? = nil) throws(TalkootError) {
        self.job = job
        self.equality = equality
        signal = try WakeSignal()
    }

    /// Runs units soon; any thread. The scheduler bounds how many ranges wait.
    func run(_ units: Range<UInt64>, answer: @escaping Answer) {
        let mustStart = state.withLock { state in
            state.waiting.append(units)
            defer { state.isStarted = true }
            return !state.isStarted && !state.isOver
        }
        signal.raise()
        guard mustStart else { return }
        do throws(TalkootError) {
            try WorkerThread.start { self.work(answer) }
        } catch {
            answer(units, nil)
        }
    }

    /// Ends the thread soon; any thread.
    func end() {
        state.withLock { state in
            state.isOver = true
            state.stop?.lower(to: 0)
        }
        signal.raise()
    }

    private func work(_ answer: Answer) {
        let runner = job.runner(slot: job.seat.arbiter)
        defer { runner.close() }
        while let (units, stop) = next() {
            let digests = digests(of: units, stop, runner)
            if state.withLock({ $0.isOver }) { return }
            answer(units, digests)
        }
    }

    private func next() -> (Range<UInt64>, StopLine)? {
        while true {
            let (units, isOver): (Range<UInt64>?, Bool) = state.withLock { state in
                guard !state.isOver, !state.waiting.isEmpty else { return (nil, state.isOver) }
                return (state.waiting.removeFirst(), false)
            }
            if isOver { return nil }
            if let units {
                let stop = StopLine(units.upperBound)
                state.withLock { $0.stop = stop }
                return (units, stop)
            }
            signal.wait(seconds: 60)
        }
    }

    private func digests(of units: Range<UInt64>, _ stop: StopLine, _ runner: RangeRunner) -> [ResultDigest]? {
        var digests: [ResultDigest] = []
        do throws(TalkootError) {
            var reader: UnitReader?
            if let file = job.input { reader = try UnitReader(file: file, shape: job.shape, units: units) }
            let finished = { (run: FinishedRun) in
                guard run.failure == nil else { return false }
                let results = UnitResultBytes(units: run.units, ends: run.resultEnds, bytes: run.bytes)
                digests += self.equality?.digests(of: results) { _ in true } ?? run.units.map { results.digest(of: $0) }
                return true
            }
            if reader == nil {
                try runner.run(units, stop: stop, input: nil, finished: finished)
            } else {
                try runner.run(
                    units, stop: stop,
                    input: { units throws(TalkootError) in try reader?.read(units) ?? ([], []) }, finished: finished)
            }
        } catch {
            return nil
        }
        return digests.count == units.count ? digests : nil
    }
}
