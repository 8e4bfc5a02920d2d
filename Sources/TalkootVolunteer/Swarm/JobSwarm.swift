import Logging
import NIOCore
import Synchronization
import TalkootCore
import TalkootPackaging
import TalkootPeer
import TalkootProtocol

/// A volunteer's part in the swarm of one job: performs what ``SwarmPlan`` and ``SwarmCircle`` decide.
///
/// The rest of the agent asks the requester for bytes as if there were no swarm; ``take(_:)`` answers such a `fetch` from chunks instead.
final class JobSwarm: Sendable {
    /// What a swarm works with.
    struct Context: Sendable {
        let job: Message.JobDescription
        let terms: Message.SwarmTerms
        let hub: SwarmHub
        /// The requester.
        let seed: PeerConnection
        let clock: AgentClock
        let logger: Logger
        /// Bytes for a fetch that was taken.
        let deliver: @Sendable (Message.Fetch, [UInt8]) -> Void
    }

    /// The package or the input.
    struct Share: Sendable {
        let name: Digest
        let layout: ChunkLayout
        /// Whether all of it is wanted.
        let isWhole: Bool
        /// The chunks here; nil until the list of digests has come.
        var blob: PartialBlob?
        var plan: SwarmPlan?
        /// Fetches of this agent that wait for chunks, or for the list.
        var waiting: [Message.Fetch] = []
        /// Whether links are to be told what is held.
        var isNews = false
        /// Chunks that came since the job began here, and those of them that came from other volunteers.
        var fetched = 0
        var fromOthers = 0
        var listDeadline: Tick
    }

    /// What an answer on a stream is about.
    enum Topic: Hashable, Sendable {
        case list(Message.Fetch.Subject)
        case chunk(Message.Fetch.Subject, Int)
    }

    /// Another volunteer.
    struct Link: Sendable {
        let peer: PeerID
        let wasDialled: Bool
        var connection: PeerConnection?
        var isGreeted = false
        var isLiar = false
        var topics: [UInt32: Topic] = [:]
        var nextStream: UInt32 = 1
        /// Its fetches that wait here.
        var queue: [Message.Fetch] = []
        var isServing = false
    }

    struct State: Sendable {
        var shares: [Message.Fetch.Subject: Share] = [:]
        var links: [Int: Link] = [:]
        var nextLink = 1
        var topics: [UInt32: Topic] = [:]
        var nextStream: UInt32 = JobSwarm.firstStream
        var circle: SwarmCircle
        var announced: Tick
        var lastBeat: Tick
        var beat: RepeatedTask?
        var isOver = false
    }

    /// Streams from here on are the swarm's; those below are the agent's own.
    static let firstStream: UInt32 = 1 << 31

    let context: Context
    let state: Mutex<State>

    init(_ context: Context) {
        self.context = context
        state = Mutex(
            State(circle: SwarmCircle(own: context.hub.network.identity?.id), announced: context.clock.now(), lastBeat: context.clock.now())
        )
    }

    var now: Tick { context.clock.now() }

    // MARK: Beginning and end

    /// Opens what is here of the job's blobs, asks for their lists, announces this volunteer. Reads and hashes: on the disk's thread.
    func start() {
        context.hub.add(self, job: context.job.id)
        let loop = context.seed.eventLoop
        let period = TimeAmount.milliseconds(Int64(SwarmLimits.beatSeconds * 1000))
        let beat = loop.scheduleRepeatedTask(initialDelay: period, delay: period) { [weak self] _ in self?.beat() }
        let isOver = state.withLock { state in
            state.beat = beat
            if let name = context.terms.module, let layout = ChunkLayout(sizeBytes: context.job.packageBytes) {
                state.shares[.module] = Share(name: name, layout: layout, isWhole: true, listDeadline: .distantFuture)
            }
            if let name = context.terms.input, let layout = ChunkLayout(sizeBytes: context.job.inputBytes) {
                state.shares[.input] = Share(name: name, layout: layout, isWhole: context.terms.isSpread, listDeadline: .distantFuture)
            }
            state.announced = state.lastBeat
            return state.isOver
        }
        if isOver { beat.cancel() }
        // Before the first fetch: the requester can name this volunteer to others from then on.
        context.seed.send(.holding(Message.Holding(job: context.job.id, port: context.hub.port)))
        for (subject, share) in state.withLock({ $0.shares }) where !context.hub.disk.add({ self.open(subject, share) }) { drop(subject) }
    }

    /// The job is over here. Its blobs are removed when it is done, and kept for a day when only the connection is gone.
    func end(isDone: Bool) {
        let before = state.withLock { state -> State? in
            guard !state.isOver else { return nil }
            state.isOver = true
            return state
        }
        guard let before else { return }
        before.beat?.cancel()
        context.hub.remove(self, job: context.job.id)
        for link in before.links.values { link.connection?.close() }
        for share in before.shares.values { context.hub.release(share.name, isDone: isDone) }
        state.withLock { $0.shares = [:] }
    }

    // MARK: The agent's fetches

    /// Takes a fetch that was meant for the requester, when it can be answered from chunks.
    ///
    /// - Returns: whether it was taken; ``Context/deliver`` gets the bytes.
    func take(_ fetch: Message.Fetch) -> Bool {
        let range = fetch.offset..<fetch.offset + fetch.length
        return act { state, now in
            guard !state.isOver, var share = state.shares[fetch.subject], range.upperBound <= share.layout.sizeBytes, fetch.length > 0
            else { return nil }
            var steps: [Step] = []
            if var plan = share.plan {
                let whole = share.layout.wholeChunks(in: range)
                let missing = share.layout.chunks(in: range).filter { !plan.held.contains($0) }
                // Parts of chunks are cheaper to have from the requester.
                guard share.isWhole || missing.allSatisfy(whole.contains) else { return nil }
                if missing.isEmpty { return [.deliver(fetch)] }
                steps = plan.want(missing, at: now).map { .plan(fetch.subject, $0) }
                share.plan = plan
            }
            share.waiting.append(fetch)
            state.shares[fetch.subject] = share
            return steps
        }
    }

    // MARK: From the requester

    /// Others who take part; with a stream they are named in place of a chunk.
    func met(_ holders: Message.Holders) {
        _ = act { state, now in
            for contact in holders.contacts {
                guard DialBack.fault(address: contact.address, port: contact.port, witness: self.context.seed.remote.address) == nil else {
                    continue
                }
                state.circle.meet(contact, isNamed: holders.stream != nil)
            }
            guard let stream = holders.stream, case .chunk(let subject, let chunk)? = state.topics.removeValue(forKey: stream) else {
                return self.dials(&state, at: now)
            }
            let effects = state.shares[subject]?.plan?.refer(chunk, at: now) ?? []
            return effects.map { .plan(subject, $0) } + self.dials(&state, at: now)
        }
    }

    /// The requester refuses a fetch of the swarm.
    ///
    /// - Returns: whether it was one.
    func refused(bySeed fault: Message.Fault) -> Bool {
        guard let stream = fault.stream, stream >= Self.firstStream else { return false }
        var failed: Message.Fetch.Subject?
        _ = act { state, now in
            switch state.topics.removeValue(forKey: stream) {
            case .list(let subject):
                failed = subject
                return []
            case .chunk(let subject, let chunk):
                return (state.shares[subject]?.plan?.refused(chunk, by: .seed, at: now) ?? []).map { .plan(subject, $0) }
            case nil: return []
            }
        }
        if let failed { drop(failed) }
        return true
    }

    // MARK: Time

    private func beat() {
        var late: [Message.Fetch.Subject] = []
        _ = act { state, now in
            guard !state.isOver else { return nil }
            if now.seconds(since: state.lastBeat) > VolunteerLimits.suspensionSeconds {
                for subject in state.shares.keys { state.shares[subject]?.plan?.forgive(at: now) }
            }
            state.lastBeat = now
            var steps: [Step] = []
            for subject in state.shares.keys {
                steps += (state.shares[subject]?.plan?.beat(at: now) ?? []).map { .plan(subject, $0) }
                if let share = state.shares[subject], share.plan == nil, now > share.listDeadline { late.append(subject) }
                if state.shares[subject]?.isNews ?? false, let have = self.have(subject, state) {
                    state.shares[subject]?.isNews = false
                    steps += state.links.filter(\.value.isGreeted).map { .tell($0.key, .have(have)) }
                }
            }
            let isHungry = state.shares.values.contains { $0.plan.map { !$0.isSated } ?? false }
            if isHungry, now.seconds(since: state.announced) >= SwarmLimits.askSeconds {
                state.announced = now
                steps.append(.tellSeed(.holding(Message.Holding(job: self.context.job.id, port: self.context.hub.port))))
            }
            return steps + self.dials(&state, at: now)
        }
        for subject in late { drop(subject) }
    }

    /// What links are told of a blob.
    func have(_ subject: Message.Fetch.Subject, _ state: State) -> Message.Have? {
        guard let plan = state.shares[subject]?.plan, plan.held.count > 0 else { return nil }
        return Message.Have(job: context.job.id, subject: subject, bits: plan.held.bytes)
    }

    /// Dials for those who may have what is missing.
    private func dials(_ state: inout State, at now: Tick) -> [Step] {
        guard state.shares.values.contains(where: { $0.plan.map { !$0.isSated } ?? false }) else { return [] }
        return state.circle.dial(at: now).map { contact in
            let number = state.nextLink
            state.nextLink += 1
            state.links[number] = Link(peer: contact.peer, wasDialled: true)
            return .dial(number, contact)
        }
    }

    /// A blob goes on without the swarm: what waits for it is fetched from the requester.
    func drop(_ subject: Message.Fetch.Subject) {
        let share = state.withLock { $0.shares.removeValue(forKey: subject) }
        guard let share else { return }
        context.logger.info("going on without the swarm", metadata: ["job": "\(context.job.id)", "what": "\(subject.rawValue)"])
        context.hub.release(share.name, isDone: false)
        for fetch in share.waiting { context.seed.send(.fetch(fetch)) }
    }
}
