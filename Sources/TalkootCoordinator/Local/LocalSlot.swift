import Synchronization
import TalkootCore
import TalkootSandbox
import TalkootScheduling
import TalkootStore

/// A host of this machine: a thread that runs leases one after another in a cell.
final class LocalSlot: HostPort {
    /// The name under which local results stand in the journal.
    static let volunteer = "local"
    var name: String { Self.volunteer }

    /// A lease that is being run.
    private struct Running: Sendable {
        let lease: Lease
        let stop: StopLine
        var next: UInt64
    }

    private struct State: Sendable {
        /// Granted and not begun: at most the one lease ahead, by the scheduler's promise.
        var waiting: [(lease: Lease, end: UInt64)] = []
        var running: Running?
        /// How far the runner is.
        var progress: RangeProgress?
        var isRetired = false
    }

    private let host: HostID
    private let job: LocalJob
    private let dispatcher: Dispatcher
    private let signal: WakeSignal
    private let state = Mutex(State())

    init(host: HostID, job: LocalJob, dispatcher: Dispatcher) throws(TalkootError) {
        self.host = host
        self.job = job
        self.dispatcher = dispatcher
        signal = try WakeSignal()
    }

    // MARK: From the dispatcher

    /// Its results are believed, so it builds on nobody's.
    var checkpointOwner: OwnerID? { nil }

    func grant(_ lease: Lease, checkpoint: [UInt8]?) {
        state.withLock { $0.waiting.append((lease, lease.units.upperBound)) }
        signal.raise()
    }

    func revoke(_ lease: LeaseID, from unit: UInt64) {
        state.withLock { state in
            if let running = state.running, running.lease.id == lease { running.stop.lower(to: unit) }
            for index in state.waiting.indices where state.waiting[index].lease.id == lease {
                state.waiting[index].end = min(state.waiting[index].end, unit)
            }
        }
    }

    func retire() {
        state.withLock { state in
            state.isRetired = true
            state.waiting = []
            state.running?.stop.lower(to: 0)
        }
        signal.raise()
    }

    var position: (lease: LeaseID, next: UInt64)? {
        state.withLock { state in
            state.running.map { running in
                (running.lease.id, min(max(running.next, state.progress?.next ?? 0), running.lease.units.upperBound))
            }
        }
    }

    // MARK: The slot's own thread

    /// Starts the thread, which ends when the slot is retired. `number` tells apart the slots of this machine.
    ///
    /// - Throws: ``TalkootError`` `try-later` when there can be no thread.
    func start(number: Int) throws(TalkootError) {
        try WorkerThread.start {
            let runner = self.job.runner(slot: number)
            defer { runner.close() }
            self.state.withLock { $0.progress = runner.progress }
            do throws(TalkootError) {
                while let running = self.next() {
                    try self.run(running, runner)
                    self.giveBackRest(of: running)
                }
            } catch {
                self.dispatcher.end(error)
            }
        }
    }

    /// The next lease, once there is one; `nil` when retired.
    private func next() -> Running? {
        while true {
            let (running, isRetired): (Running?, Bool) = state.withLock { state in
                state.running = nil
                guard !state.isRetired, !state.waiting.isEmpty else { return (nil, state.isRetired) }
                let (lease, end) = state.waiting.removeFirst()
                state.running = Running(lease: lease, stop: StopLine(end), next: lease.units.lowerBound)
                return (state.running, false)
            }
            if running != nil || isRetired { return running }
            signal.wait(seconds: 60)
        }
    }

    private func run(_ running: Running, _ runner: RangeRunner) throws(TalkootError) {
        var reader: UnitReader?
        if let file = job.input { reader = try UnitReader(file: file, shape: job.shape, units: running.lease.units) }
        if reader == nil {
            try runner.run(running.lease.units, stop: running.stop, input: nil) { report($0, of: running) }
        } else {
            try runner.run(
                running.lease.units, stop: running.stop,
                input: { units throws(TalkootError) in try reader?.read(units) ?? ([], []) }, finished: { report($0, of: running) })
        }
    }

    /// Gives back what was neither run nor taken away, so that no unit is lost whatever ended the run.
    private func giveBackRest(of running: Running) {
        let next = state.withLock { $0.isRetired ? nil : $0.running?.next }
        guard let next, next < min(running.lease.units.upperBound, running.stop.unit) else { return }
        dispatcher.release(running.lease.id, host: host, from: next)
    }

    /// Hands finished units over; says whether to go on.
    private func report(_ run: FinishedRun, of running: Running) -> Bool {
        state.withLock { $0.running?.next = run.units.upperBound }
        let finished = FinishedUnits(
            lease: running.lease.id, host: host, owner: VolunteerBook.localOwner, traits: HostTraits(isOwn: true), units: run.units,
            failure: run.failure, resultEnds: run.resultEnds,
            bytes: run.failure == nil ? run.bytes : run.log,
            processorMicroseconds: UInt64(max(0, run.processorSeconds) * 1e6), volunteer: Self.volunteer)
        switch dispatcher.finish(finished) {
        case .taken: return true
        case .takenButFull:
            job.waitForRoom()
            return true
        case .refused, .over: return false
        }
    }
}

/// What all slots of this machine share.
struct LocalJob: Sendable {
    let launcher: CellLauncher
    let image: LibraryImage
    let parameters: [String: ParameterValue]
    let limits: CellLimits
    let isolation: Isolation
    let shape: JobShape
    let seed: UInt64
    let input: InputFile?
    let capsules: CapsuleLabel?
    let seat: JobSeat
    /// Blocks until the journal has room.
    let waitForRoom: @Sendable () -> Void

    func runner(slot: Int) -> RangeRunner {
        let settings = CellSettings(library: image, parameters: parameters, limits: limits, isolation: isolation, slot: slot)
        return RangeRunner(
            launcher: launcher, settings: settings, shape: shape, seed: seed, handOverSeconds: CoordinatorLimits.localHandOverSeconds,
            capsules: capsules)
    }
}
