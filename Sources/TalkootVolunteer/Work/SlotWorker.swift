import Logging
import TalkootCore
import TalkootProtocol
import TalkootSandbox

/// One slot of one job, on its own thread: takes leases, runs them in a cell that it keeps, hands the results over.
final class SlotWorker {
    private let host: any SlotHost
    private let run: JobRun
    private let slot: Int
    private let gate: TurnstileGate
    private let clock: AgentClock
    private let logger: Logger
    private let makeRunner: () -> RangeRunner
    private var runner: RangeRunner?
    private var launchFailures = 0
    private var inputFailure: TalkootError?

    /// Gives the bytes of a run of units and where each ends.
    private typealias InputSource = (Range<UInt64>) throws(TalkootError) -> (bytes: [UInt8], ends: [Int])

    /// How long a cell is kept for a slot that has nothing to do, in seconds.
    private static let idleSeconds = 20.0

    init(
        slot: Int, host: any SlotHost, run: JobRun, gate: TurnstileGate, clock: AgentClock, logger: Logger,
        makeRunner: @escaping () -> RangeRunner
    ) {
        self.slot = slot
        self.host = host
        self.run = run
        self.gate = gate
        self.clock = clock
        self.logger = logger
        self.makeRunner = makeRunner
    }

    private var bell: Bell { run.bells[slot] }

    /// Works until the job is over.
    func work() {
        while !run.isOver {
            switch host.nextTurn(slot: slot) {
            case .run(let lease, let kind): work(on: lease, kind)
            case .wait: if !bell.wait(seconds: runner == nil ? 3_600 : Self.idleSeconds) { closeRunner() }
            case .over: return closeRunner()
            }
        }
        closeRunner()
    }

    private func work(on lease: SlotLedger.Lease, _ kind: InputKind) {
        let stop = StopLine(.max)
        run.begin(slot: slot, lease: lease.id, stop: stop)
        var feed = InputFeed(lease: lease, kind: kind, shape: run.admission.job.shape)
        var trouble: String?
        // The rest is read anew after the line is known to others: a revocation is seen either there or here.
        while trouble == nil, !run.isOver, let units = host.remaining(slot: slot) {
            stop.lower(to: units.upperBound)
            guard stop.unit > units.lowerBound, gate.enter(run.admission.seat, bell: bell, isOver: { mustLeave }) else { break }
            let input: InputSource = { units throws(TalkootError) in try self.input(units, of: lease, &feed) }
            trouble = turn(units, of: lease, stop, kind == .none ? nil : input)
            gate.leave(run.admission.seat)
        }
        let leftover = runner?.leftover
        // The next lease may be a check: it begins with what its grant brought, and nothing else.
        runner?.adopt(nil)
        if run.isOver { return }
        host.ended(slot: slot, reason: trouble, leftover: leftover)
        if launchFailures >= VolunteerLimits.launchFailures {
            host.failed(
                run.admission, TalkootError(.refused, "no cell can be started here: \(trouble ?? "")", remedy: "see `talkoot doctor` there")
            )
        }
    }

    /// Whether a slot that waits for its permit is to give up.
    private var mustLeave: Bool { run.isOver || host.remaining(slot: slot) == nil }

    /// Runs units until they end, the line is reached, or another job is to have the permit.
    ///
    /// - Returns: why the rest of the lease is to be given back; `nil` when it is not.
    private func turn(
        _ units: Range<UInt64>, of lease: SlotLedger.Lease, _ stop: StopLine, _ input: InputSource?
    ) -> String? {
        let runner = self.runner ?? makeRunner()
        self.runner = runner
        if units.lowerBound == lease.firstUnit, !lease.checkpoint.isEmpty, runner.leftover?.unit != units.lowerBound {
            logger.info("going on from a checkpoint", metadata: ["unit": "\(units.lowerBound)", "bytes": "\(lease.checkpoint.count)"])
            runner.adopt((units.lowerBound, lease.checkpoint))
        }
        run.adopt(slot: slot, interruption: runner.interruption)
        let start = clock.now()
        var trouble: String?
        do throws(TalkootError) {
            try runner.run(units, stop: stop, input: input) { finished in
                if case .deadline = finished.failure, host.wasSuspended(since: start) {
                    trouble = "this machine was suspended while unit \(finished.units.lowerBound) ran"
                    return false
                }
                launchFailures = 0
                guard waitForRoom(), host.commit(slot: slot, lease: lease.id, finished) else { return false }
                return !isTurnOver(since: start)
            }
        } catch {
            if run.isOver || host.remaining(slot: slot) == nil { return nil }
            logger.warning("a lease could not be run", metadata: ["job": "\(run.admission.job.id)", "why": "\(error)"])
            trouble = error.description
            if error != inputFailure { launchFailures += 1 }
        }
        if gate.isCrowded { closeRunner() }
        return trouble
    }

    private func isTurnOver(since start: Tick) -> Bool {
        clock.now().seconds(since: start) >= VolunteerLimits.turnSeconds && gate.shouldYield(run.admission.seat)
    }

    /// Waits until results can be sent; `false` when the job is over.
    private func waitForRoom() -> Bool {
        while !run.isOver {
            if host.hasRoom(slot: slot) { return true }
            bell.wait(seconds: VolunteerLimits.heartbeatSeconds)
        }
        return false
    }

    private func input(
        _ units: Range<UInt64>, of lease: SlotLedger.Lease, _ feed: inout InputFeed
    ) throws(TalkootError) -> (bytes: [UInt8], ends: [Int]) {
        do throws(TalkootError) {
            return try feed.units(units) { held throws(TalkootError) in try nextInput(of: lease, held: held) }
        } catch {
            inputFailure = error
            throw error
        }
    }

    private func nextInput(of lease: SlotLedger.Lease, held: UInt64) throws(TalkootError) -> (bytes: [UInt8], isEnd: Bool) {
        while !mustLeave {
            switch host.pull(.input(slot: slot, lease: lease.id), held: held) {
            case .bytes(let bytes, let isEnd): return (bytes, isEnd)
            case .failed(let error): throw error
            case .wait: bell.wait(seconds: VolunteerLimits.fetchSeconds)
            }
        }
        throw TalkootError(.interrupted, "the lease is over")
    }

    private func closeRunner() {
        run.adopt(slot: slot, interruption: nil)
        runner?.close()
        runner = nil
    }
}
