import Synchronization
import TalkootCore
import TalkootScheduling
import TalkootStore

/// The shell around ``Scheduling``: events from hosts go in under a lock, effects are performed after it, in order.
///
/// Slot threads, the connections' event loops, the journal's writer and the timer call it; nothing here blocks, but for a moment
/// the comparing of results by a module's own `equal`.
final class Dispatcher: Sendable {
    /// What the dispatcher tells its owner.
    struct Callbacks: Sendable {
        /// Units below this have durable results; called more than once, from several threads.
        var durable: @Sendable (UInt64) -> Void
        /// The job cannot be finished.
        var failed: @Sendable (TalkootError) -> Void
        /// Results were taken back; those of units below this are still there.
        var voided: @Sendable (UInt64) -> Void = { _ in }
        /// All results stand.
        var settled: @Sendable () -> Void = {}
        /// Somebody gave a wrong result.
        var convicted: @Sendable (Conviction) -> Void = { _ in }
        /// Units are to be run on this machine; ``Dispatcher/ranHere(_:_:)`` takes the answer.
        var runHere: @Sendable (Range<UInt64>) -> Void = { _ in }
        /// Something was decided that somebody may ask about.
        var decided: @Sendable (Decision.Code, Range<UInt64>?, String?, String, String) -> Void = { _, _, _, _, _ in }
    }

    let units: UInt64
    private let isVerifying: Bool
    private let equality: ResultEquality?
    let committer: GroupCommitter
    let describeUnit: @Sendable (UInt64) -> String
    let callbacks: Callbacks
    let clock = MonotonicClock()
    private let timer: WakeSignal
    let state: Mutex<DispatcherState>

    /// Takes over a job of which `state` knows what is done already. `describeUnit` names a unit for a person.
    init(
        state: consuming DispatcherState, committer: GroupCommitter, equality: ResultEquality? = nil,
        describeUnit: @escaping @Sendable (UInt64) -> String, callbacks: Callbacks
    ) throws(TalkootError) {
        units = state.scheduling.units
        isVerifying = state.scheduling.isVerifying
        self.equality = equality
        self.committer = committer
        self.describeUnit = describeUnit
        self.callbacks = callbacks
        timer = try WakeSignal()
        self.state = Mutex(state)
    }

    // MARK: Hosts

    /// A number for a new host.
    func nextHostID() -> HostID {
        state.withLock { state in
            state.nextHost += 1
            return HostID(rawValue: state.nextHost)
        }
    }

    /// Hosts are there and want work. They are retired at once when the job is over.
    func join(_ joining: [(host: HostID, port: any HostPort)], owner: OwnerID, traits: HostTraits = HostTraits()) {
        let isOver = update { state, now in
            guard !state.isOver else { return true }
            for (host, port) in joining {
                state.hosts[host] = port
                state.take(state.scheduling.join(host, owner: owner, traits: traits, at: now))
            }
            state.hostless = nil
            return false
        }
        if isOver { for (_, port) in joining { port.retire() } }
    }

    /// Hosts are gone; what they have not committed goes to others.
    func leave(_ hosts: [HostID]) {
        update { state, now in
            for host in hosts where state.hosts.removeValue(forKey: host) != nil {
                state.take(state.scheduling.leave(host, at: now))
            }
            if state.hosts.isEmpty, state.hostless == nil { state.hostless = now }
        }
    }

    /// A heartbeat: units of the lease below `next` are finished, committed or not.
    func progress(_ lease: LeaseID, host: HostID, next: UInt64) {
        update { state, now in state.take(state.scheduling.progress(lease, host: host, next: next, at: now)) }
    }

    /// The host gives back the lease's units from `unit` on.
    func release(_ lease: LeaseID, host: HostID, from unit: UInt64) {
        update { state, now in state.take(state.scheduling.release(lease, host: host, from: unit, at: now)) }
    }

    /// A unit that was stopped left this behind; it is kept for who goes on with it.
    func keep(_ checkpoint: [UInt8], of unit: UInt64, by owner: OwnerID) {
        state.withLock { state in
            guard !state.isOver, !state.scheduling.isBanned(owner) else { return }
            state.checkpoints.put(checkpoint, of: unit, by: owner)
        }
    }

    // MARK: Results

    /// A host finished units. `durable` is called once they are in the journal, on its writer thread, and must not block.
    ///
    /// Units that somebody else finished go to the journal too: it keeps the first result, and the completion then says truly that
    /// the unit is durable.
    func finish(_ finished: FinishedUnits, durable: (@Sendable () -> Void)? = nil) -> Acceptance {
        if let failure = finished.failure { return fail(finished, outcome: failure) }
        if isVerifying { return finishVerified(finished, durable: durable) }
        let acceptance: Acceptance = update { state, now in
            guard !state.isOver else { return .over }
            // Who is done may take work from the others: of that the less is left the better it is known where they are.
            if state.hosts.count <= Self.fewHosts { Self.notePositions(&state, now) }
            let (verdict, effects) = state.scheduling.commit(finished.lease, host: finished.host, units: finished.units, at: now)
            state.take(effects)
            return verdict == .unknown ? .refused : .taken
        }
        guard acceptance == .taken else { return acceptance }
        let commit = JournalCommit(
            units: finished.units, resultEnds: finished.resultEnds, bytes: finished.bytes, volunteer: finished.volunteer,
            processorMicroseconds: finished.processorMicroseconds)
        let hasRoom = committer.submit(commit) { result in
            switch result {
            case .success:
                self.written(finished.units)
                durable?()
            case .failure(let error): self.end(error)
            }
        }
        return hasRoom ? .taken : .takenButFull
    }

    private func fail(_ finished: FinishedUnits, outcome: UnitOutcome) -> Acceptance {
        let unit = finished.units.lowerBound
        callbacks.decided(
            .unitFailed, finished.units, finished.volunteer, "\(describeUnit(unit)) \(outcome.summary) on \(finished.volunteer)",
            "nothing to do: it is tried elsewhere")
        return update { state, now in
            guard !state.isOver else { return .over }
            state.keepLog(finished.bytes, of: unit)
            state.take(state.scheduling.fail(finished.lease, host: finished.host, unit: unit, outcome: outcome, at: now))
            return .taken
        }
    }

    private func written(_ range: Range<UInt64>) {
        let prefix: UInt64 = state.withLock { state in
            state.durable.insert(range)
            return state.durable.prefixEnd
        }
        callbacks.durable(prefix)
        endWhenWritten()
    }

    /// As ``finish(_:durable:)``, where only accepted results may reach the journal: what was taken back must not return.
    ///
    /// Results of others' units are acknowledged at once, since nobody needs them again.
    private func finishVerified(_ finished: FinishedUnits, durable: (@Sendable () -> Void)?) -> Acceptance {
        let digest = digests(of: UnitResultBytes(units: finished.units, ends: finished.resultEnds, bytes: finished.bytes))
        let (acceptance, isWritten): (Acceptance, Bool) = update { state, now in
            guard !state.isOver else { return (.over, false) }
            let (verdict, effects) = state.scheduling.commit(
                finished.lease, host: finished.host, units: finished.units, at: now, digest: digest)
            state.take(effects)
            guard case .accepted(let ranges) = verdict else { return (verdict == .unknown ? .refused : .taken, false) }
            let commit = JournalCommit(
                units: finished.units, resultEnds: finished.resultEnds, bytes: finished.bytes, volunteer: finished.volunteer,
                processorMicroseconds: finished.processorMicroseconds)
            let voids = state.voided.count
            for range in ranges {
                let action = DispatcherAction.write(commit.trimmed(to: range)) { result in
                    switch result {
                    case .success:
                        self.written(range, finished, digest, voids: voids)
                        if range == ranges.last { durable?() }
                    case .failure(let error): self.end(error)
                    }
                }
                state.outbox.append(action)
            }
            return (.taken, true)
        }
        guard acceptance == .taken else { return acceptance }
        tellDisputes(finished)
        if !isWritten { durable?() }
        return committer.hasRoom ? .taken : .takenButFull
    }

    /// What the units are compared by: their bytes, or the first result that the module takes for the same.
    private func digests(of results: UnitResultBytes) -> @Sendable (UInt64) -> ResultDigest {
        guard let equality else { return { results.digest(of: $0) } }
        let durable = state.withLock { state in results.units.filter { state.durable.contains($0) } }
        let known = equality.digests(of: results) { durable.contains($0) }
        return { known[Int($0 - results.units.lowerBound)] }
    }

    /// Results of a stranger are durable: now audits are drawn.
    private func written(
        _ range: Range<UInt64>, _ finished: FinishedUnits, _ digest: (UInt64) -> ResultDigest, voids: Int
    ) {
        let prefix: UInt64 = update { state, now in
            state.insertDurable(range, acceptedAfter: voids)
            if !state.isOver {
                state.take(
                    state.scheduling.written(range, by: finished.owner, traits: finished.traits, at: now, digest: digest))
            }
            return state.durable.prefixEnd
        }
        callbacks.durable(prefix)
        endWhenWritten()
    }

    /// Writes a conviction down after the results that it takes back.
    func note(_ conviction: JobVerification.Conviction) {
        committer.submit(.convict(conviction)) { [weak self] in if case .failure(let error) = $0 { self?.end(error) } }
    }

    /// This machine ran units that it was asked for.
    func ranHere(_ units: Range<UInt64>, _ digests: [ResultDigest]?) {
        update { state, now in
            guard !state.isOver else { return }
            state.take(
                state.scheduling.ranHere(units, at: now, digest: digests.map { all in { all[Int($0 - units.lowerBound)] } }))
        }
    }

    // MARK: The end

    /// Whether the job is over.
    var isOver: Bool { state.withLock { $0.isOver } }

    /// The units that were given up.
    var givenUp: GivenUpUnits { state.withLock { $0.givenUp } }

    /// Units with durable results, and how the scheduler sees the job.
    var snapshot: (durable: UInt64, scheduling: SchedulingSnapshot) {
        state.withLock { ($0.durable.count, $0.scheduling.snapshot) }
    }

    /// Ends the job: hosts are retired, later events are ignored. The first error, if any, is handed to the owner.
    func end(_ error: TalkootError?) {
        let ports: [any HostPort]? = state.withLock { state in
            guard !state.isOver else { return nil }
            state.isOver = true
            state.outbox = []
            defer { state.hosts = [:] }
            return Array(state.hosts.values)
        }
        guard let ports else { return }
        for port in ports { port.retire() }
        timer.raise()
        if let error { callbacks.failed(error) }
    }

    // MARK: Time

    /// So many hosts are asked where they are at each commit.
    private static let fewHosts = 64

    /// Hosts of this machine know at any moment how far they are.
    private static func notePositions(_ state: inout DispatcherState, _ now: Tick) {
        for (host, port) in state.hosts {
            guard let position = port.position else { continue }
            state.take(state.scheduling.progress(position.lease, host: host, next: position.next, at: now))
        }
    }

    /// Starts the thread that wakes the scheduler when time alone has something to say.
    /// The job ends after `patienceSeconds` without a host, and `deadlineSeconds` from now when there is a deadline.
    ///
    /// - Throws: ``TalkootError`` `try-later` when there can be no thread.
    func startTimer(patienceSeconds: Double, deadlineSeconds: Double? = nil) throws(TalkootError) {
        let deadline = deadlineSeconds.map { clock.now().advanced(bySeconds: $0) }
        try WorkerThread.start {
            while let seconds = self.tick(patienceSeconds: patienceSeconds, deadline: deadline) { self.timer.wait(seconds: seconds) }
        }
    }

    /// Lets time pass; returns for how long nothing more is to be done, or `nil` at the end.
    private func tick(patienceSeconds: Double, deadline: Tick?) -> Double? {
        if let deadline, clock.now() >= deadline { missDeadline() }
        let hostlessSeconds: Double? = update { state, now in
            guard !state.isOver else { return nil }
            Self.notePositions(&state, now)
            state.take(state.scheduling.advance(to: now))
            return state.hostless.map { now.seconds(since: $0) } ?? 0
        }
        guard let hostlessSeconds else { return nil }
        noteHindrances()
        if hostlessSeconds >= patienceSeconds {
            end(
                TalkootError(
                    .tryLater, "nobody has worked on the job for \(Int(patienceSeconds)) s",
                    remedy: "resume it when there are volunteers, or with local slots"))
            return nil
        }
        return state.withLock { state in
            let now = clock.now()
            var latest = now.advanced(bySeconds: CoordinatorLimits.heartbeatSeconds)
            if let deadline { latest = min(latest, deadline) }
            if let hostless = state.hostless { latest = min(latest, hostless.advanced(bySeconds: patienceSeconds)) }
            state.armed = min(state.scheduling.nextDeadline ?? latest, latest)
            return max(0, state.armed.seconds(since: now))
        }
    }

    // MARK: Deciding and performing

    /// Decides under the lock, performs after it, wakes the timer when it would come too late.
    @discardableResult
    private func update<Value: Sendable>(_ body: (inout DispatcherState, Tick) -> Value) -> Value {
        let (value, performs, wakes) = state.withLock { state in
            let value = body(&state, clock.now())
            let performs = !state.outbox.isEmpty && !state.isPerforming && !state.isOver
            if performs { state.isPerforming = true }
            let wakes = (state.scheduling.nextDeadline ?? .distantFuture) < state.armed
            if wakes, let next = state.scheduling.nextDeadline { state.armed = next }
            return (value, performs, wakes)
        }
        if wakes { timer.raise() }
        if performs { performOutbox() }
        return value
    }

    /// Performs all effects, those too that other threads decide meanwhile.
    private func performOutbox() {
        while true {
            let batch: [(DispatcherAction, (any HostPort)?)] = state.withLock { state in
                let batch = state.outbox.map { action in (action, action.host.flatMap { state.hosts[$0] }) }
                state.outbox = []
                if batch.isEmpty { state.isPerforming = false }
                return batch
            }
            if batch.isEmpty { return }
            for (action, port) in batch {
                switch action {
                case .effect(let effect): perform(effect, port)
                case .write(let commit, let completion): committer.submit(commit, completion: completion)
                }
            }
        }
    }

    private func perform(_ effect: Scheduling.Effect, _ port: (any HostPort)?) {
        switch effect {
        case .grant(let lease):
            let checkpoint = port?.checkpointOwner.flatMap { owner in state.withLock { $0.takeCheckpoint(for: lease, by: owner) } }
            port?.grant(lease, checkpoint: checkpoint)
        case .revoke(let lease, _, let from): port?.revoke(lease, from: from)
        case .giveUp(let unit, let outcome): giveUp(unit: unit, outcome: outcome)
        case .void(let ranges, _):
            callbacks.voided(state.withLock { $0.durable.prefixEnd })
            for range in ranges.prefix(8) {
                callbacks.decided(.resultsVoided, range, nil, "the results of \(Self.words(range)) were taken back", "they are run again")
            }
            committer.submit(.void(ranges)) { [weak self] in if case .failure(let error) = $0 { self?.end(error) } }
        case .convict(let conviction): callbacks.convicted(conviction)
        case .runHere(let units): callbacks.runHere(units)
        case .finished: finished()
        }
    }
}

extension DispatcherAction {
    /// The host it concerns.
    fileprivate var host: HostID? {
        guard case .effect(let effect) = self else { return nil }
        switch effect {
        case .grant(let lease): return lease.host
        case .revoke(_, let host, _): return host
        case .giveUp, .void, .convict, .runHere, .finished: return nil
        }
    }
}
