import CTalkootSystem
import TalkootCore

/// Gathers finished units until they are worth handing over.
struct RunCollector {
    /// The first unit that is not finished.
    private(set) var next: UInt64
    /// Whether the taker said that it wants no more.
    private(set) var isEnded = false
    private let handOverSeconds: Double
    private var run: FinishedRun
    private var started = talkoot_now()

    init(first: UInt64, handOverSeconds: Double) {
        next = first
        self.handOverSeconds = handOverSeconds
        run = FinishedRun(units: first..<first)
    }

    /// Whether enough time has passed or enough bytes are there.
    var isDue: Bool {
        Double(talkoot_now() - started) * 1e-9 >= handOverSeconds || run.bytes.count >= RangeRunner.handOverBytes
    }

    /// Appends the finished units of a batch.
    mutating func add(_ result: BatchResult) {
        guard !result.units.isEmpty else { return }
        let offset = run.bytes.count
        if run.units.isEmpty {
            run.bytes = result.bytes
            run.resultEnds = result.resultEnds
        } else {
            run.bytes += result.bytes
            run.resultEnds += result.resultEnds.lazy.map { $0 + offset }
        }
        run.units = run.units.lowerBound..<result.units.upperBound
        run.processorSeconds += result.processorSeconds
        run.wallSeconds += result.wallSeconds
        next = result.units.upperBound
    }

    /// Hands over what is there; false when the taker wants no more.
    mutating func handOver(to finished: (FinishedRun) -> Bool) -> Bool {
        guard !run.units.isEmpty else { return !isEnded }
        let whole = run
        restart()
        isEnded = !finished(whole) || isEnded
        return !isEnded
    }

    /// Hands over the failure of the next unit, with what it logged.
    mutating func handOver(failure: UnitOutcome, of result: BatchResult, log: String, to finished: (FinishedRun) -> Bool) -> Bool {
        let seconds = result.units.isEmpty ? (result.processorSeconds, result.wallSeconds) : (0, 0)
        let failed = FinishedRun(
            units: next..<next + 1, failure: failure, log: Array(log.utf8.suffix(FinishedRun.logLimitBytes)), processorSeconds: seconds.0,
            wallSeconds: seconds.1)
        next += 1
        restart()
        isEnded = !finished(failed) || isEnded
        return !isEnded
    }

    private mutating func restart() {
        run = FinishedRun(units: next..<next)
        started = talkoot_now()
    }
}
