import Logging
import NIOCore
import Synchronization
import TalkootCore
import TalkootPeer
import TalkootProtocol
import TalkootScheduling
import TalkootStore

/// One connection to a volunteer: performs what its ``VolunteerConversation`` decides.
final class VolunteerSession: PeerHandler {
    /// What a session works with.
    struct Context: Sendable {
        let job: CoordinatedJob
        let dispatcher: Dispatcher
        let reads: ReadService
        let seed: SwarmSeed
        let owner: OwnerID
        let traits: HostTraits
        let name: String
        let logger: Logger
        /// Tells the link what the volunteer is doing.
        let changed: @Sendable (VolunteerStatus.Phase) -> Void
        /// Counts units that were taken.
        let counted: @Sendable (UInt64) -> Void
        /// The connection is over; called once.
        let ended: @Sendable (VolunteerStatus.Phase) -> Void
    }

    private struct State: Sendable {
        var conversation: VolunteerConversation
        var connection: PeerConnection?
        /// Fetches that wait for the connection to be writable.
        var fetches: [Message.Fetch] = []
        var isReading = false
        /// Acknowledgements of the current turn, neighbours merged.
        var acknowledgements: [Message.Acknowledgement] = []
        /// Its slots, until they have left.
        var hosts: [HostID] = []
        var isOver = false
        var timer: Scheduled<Void>?
    }

    private let context: Context
    private let state: Mutex<State>

    init(_ context: Context) {
        self.context = context
        state = Mutex(
            State(
                conversation: VolunteerConversation(
                    job: context.job.description, sizeBytes: { [seed = context.seed] in seed.sizeBytes(of: $0) })))
    }

    /// The volunteer's name.
    var name: String { context.name }

    // MARK: From the connection

    func connected(_ connection: PeerConnection) {
        state.withLock { $0.connection = connection }
        context.changed(.asked)
        watch(connection, seconds: CoordinatorLimits.answerSeconds)
        if !context.reads.enqueue({ [weak self] in self?.ask(connection) }) { drop("this coordinator is overloaded") }
    }

    /// Asks. For the first volunteer package and input are hashed before.
    private func ask(_ connection: PeerConnection) {
        do throws(TalkootError) {
            let (module, description) = (context.job.module.manifest, try context.seed.description())
            connection.send(
                .request(
                    Message.WorkRequest(
                        title: "\(module.name) \(module.version)", info: module.summary, moduleName: module.name, job: description)))
        } catch {
            context.dispatcher.end(error)
        }
    }

    func receive(_ event: PeerEvent, on connection: PeerConnection) {
        switch event {
        case .message(let message):
            let wasUndecided = state.withLock { $0.conversation.isUndecided }
            perform(state.withLock { $0.conversation.receive(message) }, connection)
            if wasUndecided, state.withLock({ $0.conversation.isPreparing }) { watch(connection, seconds: CoordinatorLimits.readySeconds) }
        case .commit(let commit): perform(state.withLock { $0.conversation.receive(commit) }, connection)
        case .writable: serveNext(connection)
        case .checkpoint(let checkpoint): perform(state.withLock { $0.conversation.receive(checkpoint) }, connection)
        case .body, .chunk: perform(state.withLock { $0.conversation.lie("bytes that nobody asked for") }, connection)
        }
    }

    func closed(_ connection: PeerConnection, error: TalkootError?) {
        finish(Self.phase(after: error))
        context.seed.leave(connection.remote.peer)
        state.withLock { $0.connection = nil }
    }

    /// The conversation is over: its slots leave at once, whenever the connection is really closed. Only the first call counts.
    private func finish(_ phase: VolunteerStatus.Phase) {
        let ending = state.withLock { state -> (hosts: [HostID], timer: Scheduled<Void>?)? in
            guard !state.isOver else { return nil }
            state.isOver = true
            state.conversation.end()
            state.fetches = []
            defer { (state.hosts, state.timer) = ([], nil) }
            return (state.hosts, state.timer)
        }
        guard let ending else { return }
        ending.timer?.cancel()
        context.dispatcher.leave(ending.hosts)
        context.ended(phase)
    }

    /// A connection that broke the protocol is a fault of the volunteer like any other.
    private static func phase(after error: TalkootError?) -> VolunteerStatus.Phase {
        guard let error else { return .lost(reason: "the connection was closed") }
        return error.code == .badData ? .expelled(reason: error.message) : .lost(reason: error.message)
    }

    // MARK: From the dispatcher and the link

    /// Who answers for the volunteer, when it can go on from others' checkpoints.
    var checkpointOwner: OwnerID? {
        state.withLock { $0.connection }?.features.contains(Feature.checkpoint) == true ? context.owner : nil
    }

    /// Sends a lease, once the bytes of its input are known, and before it what is known of its first unit.
    func grant(_ lease: Lease, checkpoint: [UInt8]?) {
        guard context.job.input != nil else { return send(lease, input: 0..<0, checkpoint) }
        let isQueued = context.reads.enqueue { [self] in
            do throws(TalkootError) {
                send(lease, input: try context.job.inputBytes(of: lease.units), checkpoint)
            } catch {
                context.dispatcher.end(error)
            }
        }
        if !isQueued { drop("this coordinator is overloaded") }
    }

    func revoke(_ lease: LeaseID, from unit: UInt64) {
        let message = Message.Revocation(job: context.job.record.id, lease: lease.rawValue, from: unit)
        state.withLock { $0.connection }?.send(.revoke(message))
    }

    /// Reads on, after the journal had no room.
    func resumeReading() { state.withLock { $0.connection }?.resumeReading() }

    /// Tells the volunteer what was signed for its owner.
    func send(_ receipt: Receipt) { state.withLock { $0.connection }?.send(.receipt(receipt)) }

    /// Tells the volunteer that the job is over, and closes.
    func end(reason: String, code: Decision.Code? = nil) {
        let connection = state.withLock { state in
            state.conversation.end()
            return state.connection
        }
        connection?.send(
            .cancel(Message.Cancellation(job: context.job.record.id, reason: String(reason.prefix(200)), code: code?.rawValue)))
        connection?.close()
    }

    // MARK: Doing

    private func perform(_ actions: [VolunteerConversation.Action], _ connection: PeerConnection) {
        for action in actions {
            switch action {
            case .send(let message): connection.send(message)
            case .join(let slots): join(slots)
            case .share(let holding):
                let others = context.seed.join(holding, remote: connection.remote)
                connection.send(.holders(Message.Holders(job: holding.job, contacts: others)))
            case .note(let complaint): context.seed.complain(complaint, from: connection.remote)
            case .serve(let fetch):
                state.withLock { $0.fetches.append(fetch) }
                serveNext(connection)
            case .finish(let commit, let host): finish(commit, host, connection)
            case .progress(let lease, let host, let next): context.dispatcher.progress(lease, host: host, next: next)
            case .release(let lease, let host, let from): context.dispatcher.release(lease, host: host, from: from)
            case .keep(let checkpoint):
                context.dispatcher.keep(checkpoint.content, of: checkpoint.unit, by: context.owner)
            case .close(let phase, let fault): close(phase, fault, connection)
            }
        }
    }

    private func join(_ slots: Int) {
        let hosts = (0..<slots).map { _ in context.dispatcher.nextHostID() }
        state.withLock { state in
            state.conversation.joined(hosts)
            state.hosts = hosts
        }
        context.changed(.working(slots: slots))
        context.dispatcher.join(hosts.map { ($0, RemoteSlot(session: self)) }, owner: context.owner, traits: context.traits)
    }

    private func finish(_ commit: Commit, _ host: HostID, _ connection: PeerConnection) {
        let finished = FinishedUnits(
            lease: LeaseID(rawValue: commit.lease), host: host, owner: context.owner, traits: context.traits, units: commit.units,
            failure: commit.failure, resultEnds: commit.resultEnds,
            bytes: Array(commit.bytes.readableBytesView), processorMicroseconds: commit.processorMicroseconds, volunteer: context.name)
        let acknowledgement = Message.Acknowledgement(job: commit.job, lease: commit.lease, units: commit.units)
        let acceptance = context.dispatcher.finish(finished) { [weak self] in self?.acknowledge(acknowledgement) }
        switch acceptance {
        case .taken, .takenButFull:
            context.counted(UInt64(commit.units.count))
            // A failure is not kept in the journal unless the unit is given up: there is nothing to wait for.
            if commit.failure != nil { acknowledge(acknowledgement) }
            if acceptance == .takenButFull { connection.pauseReading() }
        case .refused: perform(state.withLock { $0.conversation.lie("units of lease \(commit.lease), which it does not hold") }, connection)
        case .over: break
        }
    }

    /// Queues an acknowledgement; all of a turn go out together, neighbours as one.
    private func acknowledge(_ acknowledgement: Message.Acknowledgement) {
        let connection = state.withLock { state -> PeerConnection? in
            if let last = state.acknowledgements.last, last.lease == acknowledgement.lease,
                last.units.upperBound == acknowledgement.units.lowerBound
            {
                state.acknowledgements[state.acknowledgements.count - 1].units = last.units.lowerBound..<acknowledgement.units.upperBound
                return nil
            }
            state.acknowledgements.append(acknowledgement)
            return state.acknowledgements.count == 1 ? state.connection : nil
        }
        guard let connection, !connection.perform({ [weak self] in self?.flushAcknowledgements() }) else { return }
        flushAcknowledgements()
    }

    private func flushAcknowledgements() {
        let (connection, waiting) = state.withLock { state in
            defer { state.acknowledgements = [] }
            return (state.connection, state.acknowledgements)
        }
        for acknowledgement in waiting { connection?.send(.acknowledge(acknowledgement)) }
    }

    private func send(_ lease: Lease, input: Range<UInt64>, _ checkpoint: [UInt8]?) {
        let (connection, grant) = state.withLock { ($0.connection, $0.conversation.grant(lease)) }
        guard var grant else { return }
        grant.input = input
        if let checkpoint {
            connection?.send(Checkpoint(job: grant.job, lease: grant.lease, unit: grant.units.lowerBound, bytes: checkpoint))
        }
        connection?.send(.grant(grant))
    }

    private func drop(_ reason: String) {
        let connection = state.withLock { $0.connection }
        connection.map { close(.lost(reason: reason), nil, $0) }
    }

    private func close(_ phase: VolunteerStatus.Phase, _ fault: Message.Fault?, _ connection: PeerConnection) {
        connection.close(after: fault)
        finish(phase)
    }

    /// Looks after a while whether the volunteer has answered.
    private func watch(_ connection: PeerConnection, seconds: Double) {
        let timer = connection.eventLoop.scheduleTask(in: .milliseconds(Int64(seconds * 1e3))) { [weak self] in
            guard let self else { return }
            self.perform(self.state.withLock { $0.conversation.timedOut() }, connection)
        }
        state.withLock { state in
            state.timer?.cancel()
            state.timer = timer
        }
    }

    // MARK: Fetches

    /// Reads and sends one fetch at a time while the connection takes it.
    private func serveNext(_ connection: PeerConnection) {
        guard connection.isWritable else { return }
        let next = state.withLock { state -> Message.Fetch? in
            guard !state.isReading, !state.fetches.isEmpty else { return nil }
            state.isReading = true
            return state.fetches.removeFirst()
        }
        guard let next else { return }
        let isQueued = context.reads.enqueue { [weak self] in self?.answer(next, connection) }
        if !isQueued { drop("this coordinator is overloaded") }
    }

    private func answer(_ fetch: Message.Fetch, _ connection: PeerConnection) {
        let others = context.seed.referral(for: fetch, asker: connection.remote.peer)
        do throws(TalkootError) {
            let bytes = others.isEmpty ? try context.seed.read(fetch) : []
            // Before the answer goes out: a quick volunteer uses the stream's number again as soon as it has it.
            state.withLock { $0.conversation.served(stream: fetch.stream) }
            if others.isEmpty {
                connection.send(Chunk(stream: fetch.stream, offset: fetch.offset, bytes: ByteBuffer(bytes: bytes), isLast: true))
            } else {
                connection.send(.holders(Message.Holders(job: fetch.job, stream: fetch.stream, contacts: others)))
            }
        } catch {
            return context.dispatcher.end(error)
        }
        state.withLock { $0.isReading = false }
        connection.eventLoop.execute { [weak self] in self?.serveNext(connection) }
    }
}

/// A slot of a volunteer, as a host of the dispatcher.
final class RemoteSlot: HostPort {
    private let session: VolunteerSession

    init(session: VolunteerSession) { self.session = session }

    var name: String { session.name }

    func grant(_ lease: Lease, checkpoint: [UInt8]?) { session.grant(lease, checkpoint: checkpoint) }

    var checkpointOwner: OwnerID? { session.checkpointOwner }

    func revoke(_ lease: LeaseID, from unit: UInt64) { session.revoke(lease, from: unit) }

    /// The link says goodbye to the whole volunteer.
    func retire() {}

    var position: (lease: LeaseID, next: UInt64)? { nil }
}
