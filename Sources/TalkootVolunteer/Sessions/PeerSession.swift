import Logging
import NIOCore
import Synchronization
import TalkootCore
import TalkootPeer
import TalkootProtocol
import TalkootSandbox

/// One connection that was made to this volunteer: a coordinator's, or anybody's who asks.
///
/// Decides under a lock (`WorkSession`), acts after it. Messages arrive on the event loop; slots call from their threads.
final class PeerSession: PeerHandler {
    /// What the lock guards.
    struct State {
        var connection: PeerConnection?
        var work: WorkSession
        var run: JobRun?
        var watch: SuspensionWatch
        var beats = 0
        var beat: RepeatedTask?
        var isQuiet = false
        /// Receipts that came.
        var receipts = 0
        var quiet: EventLoopPromise<Void>?
        var body: BodySender?
        var question: Task<Void, Never>?
        /// The part in the job's swarm.
        var swarm: JobSwarm?
        /// Set when the other end is a volunteer of the same job.
        var link: SwarmLink?
    }

    let agent: Agent
    let remote: RemotePeer
    let state: Mutex<State>

    init(agent: Agent, remote: RemotePeer) {
        self.agent = agent
        self.remote = remote
        let work = WorkSession(
            slots: agent.configuration.slots, level: agent.launcher.level,
            inputCapBytes: max(agent.configuration.memoryBytes, VolunteerLimits.inputWindowBytes))
        state = Mutex(State(work: work, watch: SuspensionWatch(at: agent.clock.now())))
    }

    var connection: PeerConnection? { state.withLock { $0.connection } }

    /// The job that holds a seat through this connection.
    var admission: Governor.Admission? { state.withLock { $0.work.admission } }

    var asker: Governor.Asker { Governor.Asker(address: remote.address, peer: remote.peer) }

    // MARK: PeerHandler

    func connected(_ connection: PeerConnection) {
        guard agent.add(self) else {
            return connection.close(
                after: Message.Fault(
                    regarding: "", code: TalkootError.Code.tryLater.rawValue,
                    reason: "this volunteer has too many connections; try again later"))
        }
        state.withLock { $0.connection = connection }
    }

    func receive(_ event: PeerEvent, on connection: PeerConnection) {
        if let link = state.withLock({ $0.link }) { return link.receive(event, on: connection) }
        switch event {
        case .message(let message): receive(message, on: connection)
        case .chunk(let chunk):
            let bytes = Array(chunk.bytes.readableBytesView)
            if chunk.stream >= JobSwarm.firstStream, let swarm = state.withLock({ $0.swarm }) {
                return swarm.received(stream: chunk.stream, offset: chunk.offset, bytes, from: .seed)
            }
            decide { $0.chunk(stream: chunk.stream, offset: chunk.offset, bytes: bytes, isLast: chunk.isLast, at: $1) }
        case .checkpoint(let checkpoint): decide { work, _ in work.take(checkpoint) }
        case .commit: decide { work, _ in work.violation("a volunteer takes no commits", regarding: "commit") }
        case .body: break
        case .writable: becameWritable()
        }
    }

    func closed(_ connection: PeerConnection, error: TalkootError?) {
        if let error { agent.logger.info("a connection ended", metadata: ["peer": "\(remote)", "why": "\(error)"]) }
        state.withLock { $0.link }?.closed(connection, error: error)
        decide { work, _ in work.closed() }
        let (beat, quiet, body) = state.withLock { state in
            defer { (state.beat, state.quiet, state.body, state.connection) = (nil, nil, nil, nil) }
            state.isQuiet = true
            return (state.beat, state.quiet, state.body)
        }
        state.withLock { $0.question }?.cancel()
        beat?.cancel()
        quiet?.succeed()
        body?.close()
        agent.remove(self)
    }

    private func receive(_ message: Message, on connection: PeerConnection) {
        switch message {
        case .request(let request) where request.job != nil && connection.framing == .frames: decide { work, _ in work.request(request) }
        case .grant(let grant): decide { $0.grant(grant, at: $1) }
        case .acknowledge(let message): decide { work, _ in work.acknowledge(message) }
        case .revoke(let message): decide { work, _ in work.revoke(message) }
        case .receipt(let receipt): keep(receipt)
        case .cancel(let message):
            agent.logger.info("a job ended", metadata: ["job": "\(message.job)", "why": "\(JobRequestSummary.line(message.reason))"])
            noteEnd(message)
            endSwarm(of: message.job)
            decide { work, _ in work.cancel(message) }
        case .swarm(let greeting): welcome(greeting, connection)
        case .holders(let holders): state.withLock { $0.swarm }?.met(holders)
        case .error(let fault):
            agent.logger.info(
                "a peer refused", metadata: ["peer": "\(remote)", "why": "\(JobRequestSummary.line(fault.reason, limit: 200))"])
            if state.withLock({ $0.swarm })?.refused(bySeed: fault) ?? false { return }
            decide { work, _ in work.fault(fault) }
        default: answer(message, on: connection)
        }
    }

    // MARK: Decide, then act

    /// Asks the state machine and performs what it decides.
    func decide(_ event: (inout WorkSession, Tick) -> [WorkSession.Effect]) {
        let now = agent.clock.now()
        let effects = state.withLock { event(&$0.work, now) }
        for effect in effects { perform(effect) }
    }

    /// Does what was decided.
    func perform(_ effect: WorkSession.Effect) {
        switch effect {
        case .send(.fetch(let fetch)):
            if !(state.withLock { $0.swarm }?.take(fetch) ?? false) { connection?.send(.fetch(fetch)) }
        case .send(let message): connection?.send(message)
        case .consider(let request): consider(request)
        case .load(let admission):
            joinSwarm(admission)
            load(admission)
        case .start(let admission, _): startBeat(admission)
        case .wake(let receiver): state.withLock { $0.run }?.wake(receiver)
        case .lower(let slot, let lease, let unit): state.withLock { $0.run }?.lower(slot: slot, lease: lease, to: unit)
        case .stop: stopRun()
        case .leave(let admission):
            agent.governor.withLock { $0.leave(admission) }
            agent.changed()
        case .quiet:
            let quiet = state.withLock { state in
                state.isQuiet = true
                defer { state.quiet = nil }
                return state.quiet
            }
            quiet?.succeed()
        case .close(let fault): connection?.close(after: fault)
        }
    }

    private func stopRun() {
        let (run, beat, swarm) = state.withLock { state in
            defer { (state.run, state.beat, state.swarm) = (nil, nil, nil) }
            return (state.run, state.beat, state.swarm)
        }
        run?.stop()
        swarm?.end(isDone: false)
        beat?.cancel()
    }

    // MARK: Drain

    /// Stops taking work; the future ends when everything that was finished is acknowledged, or at the deadline.
    func drain() -> EventLoopFuture<Void>? {
        decide { work, _ in work.drain() }
        return state.withLock { state in
            guard !state.isQuiet, let loop = state.connection?.eventLoop else { return nil }
            let promise = state.quiet ?? loop.makePromise(of: Void.self)
            state.quiet = promise
            return promise.futureResult
        }
    }

    /// The time for a drain is over.
    func giveUpDrain() {
        let quiet = state.withLock { state in
            defer { state.quiet = nil }
            return state.quiet
        }
        quiet?.succeed()
    }
}
