public import Logging
import NIOCore
import Synchronization
public import TalkootCore
public import TalkootPackaging
public import TalkootPeer
import TalkootProtocol
public import TalkootSandbox

/// A machine that runs other people's jobs within its owner's limits.
///
/// It listens, answers requests, fetches modules, runs cells and sends results; with trackers it keeps itself listed there.
/// Life: `run` (or `start`) once, then `drain` once.
public final class Volunteer: Sendable {
    private enum Phase {
        case idle
        case running(Running)
        case draining(Running)
        case over
    }

    private struct Running: Sendable {
        var listener: PeerListener
        var trackers: [TrackerSession]
        var tasks: [Task<Void, Never>]
    }

    private struct State {
        var phase = Phase.idle
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let agent: Agent
    private let network: PeerNetwork
    private let state = Mutex(State())

    /// A volunteer that has not started yet.
    ///
    /// - Parameter ask: puts a request to the owner under ``AcceptPolicy/ask``; `true` lets the job in. Asked at most five minutes;
    ///   its task is cancelled when the asker leaves. Without it such requests are refused.
    /// - Throws: ``TalkootError`` `usage` when the number of slots is out of range, `refused` when the machine's confinement
    ///   level is below the owner's minimum, `try-later` when no thread or file descriptor is left.
    public init(
        configuration: VolunteerConfiguration, launcher: CellLauncher, network: PeerNetwork, store: ModuleStore, logger: Logger,
        ask: (@Sendable (JobRequestSummary) async -> Bool)? = nil
    ) throws(TalkootError) {
        guard VolunteerLimits.slots.contains(configuration.slots) else {
            throw TalkootError(
                .usage, "\(configuration.slots) slots are out of range",
                remedy: "give \(VolunteerLimits.slots.lowerBound) to \(VolunteerLimits.slots.upperBound)")
        }
        try Self.check(launcher, for: configuration)
        self.network = network
        agent = try Agent(configuration: configuration, launcher: launcher, network: network, store: store, logger: logger, ask: ask)
    }

    /// Whether this machine confines as strongly as its owner wants.
    ///
    /// - Throws: ``TalkootError`` `refused` when it does not.
    public static func check(_ launcher: CellLauncher, for configuration: VolunteerConfiguration) throws(TalkootError) {
        guard launcher.level > .none, launcher.level >= configuration.minimumLevel else {
            throw TalkootError(
                .refused, "this machine confines at level \(launcher.level), below the minimum of \(configuration.minimumLevel)",
                remedy: "see `talkoot doctor`, or lower the minimum")
        }
    }

    /// Listens and logs in to the trackers; a tracker that cannot be reached is dialled again later.
    ///
    /// - Returns: the port that is listened on.
    /// - Throws: ``TalkootError`` `cannot-create` when the port cannot be had.
    @discardableResult
    public func start() async throws(TalkootError) -> Int {
        let agent = agent
        let listener = try await network.listen(host: agent.configuration.host, port: agent.configuration.port) { remote in
            PeerSession(agent: agent, remote: remote)
        }
        agent.hub?.port = UInt16(truncatingIfNeeded: listener.port)
        let trackers = agent.configuration.trackers.map {
            TrackerSession(login: $0, agent: agent, network: network, port: UInt16(truncatingIfNeeded: listener.port))
        }
        agent.observe { for tracker in trackers { tracker.nudge() } }
        let tasks = trackers.map { tracker in Task { await tracker.run() } }
        state.withLock { $0.phase = .running(Running(listener: listener, trackers: trackers, tasks: tasks)) }
        agent.logger.info(
            "volunteering",
            metadata: ["port": "\(listener.port)", "slots": "\(agent.configuration.slots)", "level": "\(agent.launcher.level)"])
        return listener.port
    }

    /// Starts, unless that happened, and returns when a drain is over.
    ///
    /// - Throws: as ``start()``.
    public func run() async throws(TalkootError) {
        let isIdle = state.withLock { state in
            if case .idle = state.phase { return true } else { return false }
        }
        if isIdle { try await start() }
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if case .over = state.phase { return true }
                state.waiters.append(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    /// Stops all cells within milliseconds and lets no new job in, until ``resume()``. Jobs stay, their units' time stands still,
    /// and their heartbeats go on.
    public func pause() {
        agent.governor.withLock { $0.isPaused = true }
        agent.launcher.pause()
        agent.logger.info("paused by the owner")
        agent.changed()
    }

    /// Goes on after a pause.
    public func resume() {
        agent.governor.withLock { $0.isPaused = false }
        agent.launcher.resume()
        agent.logger.info("going on")
        agent.changed()
    }

    /// Stops in order: takes nothing new, finishes the units that run, sends their results, waits for the acknowledgements (at
    /// most 30 s), gives the rest back, logs out and closes. A second call returns at once.
    public func drain() async {
        let running = state.withLock { state -> Running? in
            guard case .running(let running) = state.phase else { return nil }
            state.phase = .draining(running)
            return running
        }
        guard let running else { return }
        agent.governor.withLock { $0.drain() }
        // Its last units are to be finished.
        agent.launcher.resume()
        agent.logger.info("stopping: running units are finished first")
        for tracker in running.trackers { tracker.stop() }
        await running.listener.close()
        await withTaskGroup { group in
            for session in agent.connections { group.addTask { await Self.drain(session) } }
        }
        for task in running.tasks { await task.value }
        agent.errands.stop()
        agent.hub?.disk.stop()
        let waiters = state.withLock { state in
            state.phase = .over
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    private static func drain(_ session: PeerSession) async {
        if let quiet = session.drain() {
            quiet.eventLoop.scheduleTask(in: .seconds(Int64(VolunteerLimits.drainSeconds))) { session.giveUpDrain() }
            try? await quiet.get()
        }
        session.connection?.close()
    }

    /// What happens now.
    public var snapshot: VolunteerSnapshot {
        let now = agent.clock.now()
        let running = state.withLock { state -> Running? in
            switch state.phase {
            case .running(let running), .draining(let running): running
            case .idle, .over: nil
            }
        }
        return VolunteerSnapshot(
            status: agent.status.status ?? "", isPaused: agent.launcher.isPaused, port: running?.listener.port ?? 0,
            slots: agent.configuration.slots,
            busySlots: agent.gate.busy, level: agent.launcher.level,
            jobs: agent.connections.compactMap { $0.snapshot(agent.gate) }.sorted { $0.id < $1.id },
            refusals: agent.governor.withLock { $0.refusals }.map {
                VolunteerSnapshot.Refusal(
                    request: $0.request, address: $0.asker.address, reason: $0.reason, secondsAgo: now.seconds(since: $0.at))
            },
            trackers: running?.trackers.map(\.snapshot) ?? [])
    }
}

extension PeerSession {
    /// The job of this connection, for the owner; `nil` without one.
    func snapshot(_ gate: TurnstileGate) -> VolunteerSnapshot.Job? {
        let (admission, work) = state.withLock { state -> (Governor.Admission?, WorkSession.Work?) in
            guard case .working(let work) = state.work.state else { return (state.work.admission, nil) }
            return (work.admission, work)
        }
        guard let admission else { return nil }
        return VolunteerSnapshot.Job(
            id: admission.job.id, summary: admission.summary, address: remote.address, way: remote.way, peer: remote.peer,
            busySlots: gate.busy(admission.seat), unitsDone: work?.unitsDone ?? 0, unitsFailed: work?.unitsFailed ?? 0,
            state: work == nil ? "preparing" : "working")
    }
}
