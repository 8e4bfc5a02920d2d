import Logging
import NIOCore
import Synchronization
import TalkootCore
import TalkootPackaging
import TalkootPeer
import TalkootProtocol
import TalkootSandbox

extension PeerSession {
    // MARK: Request

    /// Puts a request before the governor: what the store knows of the module is read off the event loop.
    func consider(_ request: Message.WorkRequest) {
        let isQueued = agent.errands.add { [self] in
            let known = request.job.flatMap { agent.known($0.module) }
            let decision = agent.governor.withLock { $0.consider(request, from: asker, known: known, at: agent.clock.now()) }
            act(on: decision, request)
        }
        guard !isQueued else { return }
        decide { work, _ in work.decided(request, .failure(TalkootError(.tryLater, "this volunteer is busy", remedy: "ask again later"))) }
    }

    private func act(on decision: Governor.Decision, _ request: Message.WorkRequest) {
        switch decision {
        case .yes(let admission, let replaced):
            if replaced != nil { closeOlder(admission) }
            agent.logger.info("taking a job", metadata: ["job": "\(admission.job.id)", "what": "\(admission.summary)"])
            agent.changed()
            agent.configuration.decided?(.jobTaken, admission.job.id, "taking \(admission.summary)", "")
            decide { work, _ in work.decided(request, .success(admission)) }
        case .no(let error):
            let title = JobRequestSummary.line(request.moduleName)
            agent.logger.info("refusing a job", metadata: ["module": "\(title)", "peer": "\(remote)", "why": "\(error)"])
            agent.configuration.decided?(.jobRefused, request.job?.id, "refused \(title) of \(remote): \(error.message)", error.remedy)
            decide { work, _ in work.decided(request, .failure(error)) }
        case .ask(let admission): ask(admission, request)
        }
    }

    /// Tells the owner why the part in a job is over.
    func noteEnd(_ message: Message.Cancellation) {
        guard let admission, admission.job.id == message.job else { return }
        let words = JobRequestSummary.line(message.reason, limit: 200)
        guard message.code == Decision.Code.convicted.rawValue else {
            agent.configuration.decided?(.jobEnded, message.job, "the coordinator of \(admission.summary) said: \(words)", "")
            return
        }
        agent.configuration.decided?(
            .convicted, message.job, "the coordinator of \(admission.summary) says that this volunteer \(words)",
            "test this machine's memory and cooling (memtest86+, sensors); a wrong result is a fault of the machine"
        )
    }

    /// The same peer came again for the same job: its older connection is dead, or about to be.
    private func closeOlder(_ admission: Governor.Admission) {
        for older in agent.connections where older !== self && older.admission?.job.id == admission.job.id {
            older.connection?.close(
                after: Message.Fault(
                    regarding: "", code: TalkootError.Code.refused.rawValue, reason: "the job goes on over a newer connection",
                    job: admission.job.id))
        }
    }

    private func ask(_ admission: Governor.Admission, _ request: Message.WorkRequest) {
        let once = Once { [self] (isAllowed: Bool) in
            let decision = agent.governor.withLock { $0.answer(admission, isAllowed: isAllowed, at: agent.clock.now()) }
            act(on: decision, request)
        }
        guard let ask = agent.ask, let loop = connection?.eventLoop else { return once.call(false) }
        loop.scheduleTask(in: .seconds(Int64(VolunteerLimits.askSeconds))) { once.call(false) }
        let task = Task { once.call(await ask(admission.summary)) }
        state.withLock { $0.question = task }
    }

    // MARK: Module

    /// Starts the loader's thread.
    func load(_ admission: Governor.Admission) {
        do throws(TalkootError) {
            let run = try JobRun(admission: admission, slots: agent.configuration.slots)
            state.withLock { $0.run = run }
            try AgentThread.start { [self] in
                do throws(TalkootError) {
                    ready(run, try loader(run).load())
                } catch {
                    failed(admission, error)
                }
            }
        } catch {
            failed(admission, error)
        }
    }

    private func loader(_ run: JobRun) -> ModuleLoader {
        ModuleLoader(
            store: agent.store, admission: run.admission,
            begin: { self.decide { $0.fetchPackage(at: $1) } },
            pull: { held throws(TalkootError) in
                while !run.isOver {
                    switch self.pull(.package, held: held) {
                    case .bytes(let bytes, let isEnd): return (bytes, isEnd)
                    case .failed(let error): throw error
                    case .wait: run.loaderBell.wait(seconds: VolunteerLimits.fetchSeconds)
                    }
                }
                throw TalkootError(.interrupted, "the job is over")
            },
            objection: { package in
                self.agent.governor.withLock {
                    $0.objection(
                        to: run.admission, publisher: package.publisher, moduleName: package.manifest.name, at: self.agent.clock.now())
                }
            })
    }

    /// The module is here: one thread for each slot, then the offer.
    private func ready(_ run: JobRun, _ loaded: ModuleLoader.Loaded) {
        let admission = run.admission
        agent.changed()
        let manifest = loaded.package.manifest
        let label = agent.capsules.map {
            CapsuleLabel(
                store: $0, job: admission.job.id, module: loaded.package.digest, name: manifest.name, version: manifest.version)
        }
        do throws(TalkootError) {
            for slot in run.bells.indices {
                let settings = CellSettings(
                    library: loaded.image, parameters: admission.job.parameters, limits: admission.limits,
                    isolation: manifest.isolation,
                    slot: admission.seat * run.bells.count + slot)
                try AgentThread.start { [self] in
                    let worker = SlotWorker(slot: slot, host: self, run: run, gate: agent.gate, clock: agent.clock, logger: agent.logger) {
                        RangeRunner(
                            launcher: self.agent.launcher, settings: settings, shape: admission.job.shape, seed: admission.job.seed,
                            capsules: label)
                    }
                    worker.work()
                }
            }
        } catch {
            return failed(admission, error)
        }
        decide { work, _ in work.loaded(admission, input: loaded.package.manifest.input) }
        for bell in run.bells { bell.ring() }
    }

    // MARK: Heartbeat

    /// Starts the beat of a job: every few seconds a look at the clock, every third time the heartbeats.
    func startBeat(_ admission: Governor.Admission) {
        guard let loop = connection?.eventLoop else { return }
        let period = TimeAmount.milliseconds(Int64(VolunteerLimits.beatSeconds * 1000))
        let beat = loop.scheduleRepeatedTask(initialDelay: period, delay: period) { [weak self] _ in self?.beat() }
        state.withLock { state in
            state.watch = SuspensionWatch(at: agent.clock.now())
            state.beats = 0
            state.beat = beat
        }
    }

    private func beat() {
        let now = agent.clock.now()
        let (wasSuspended, isHeartbeat) = state.withLock { state in
            state.beats += 1
            return (state.watch.beat(at: now), state.beats % Int(VolunteerLimits.heartbeatSeconds / VolunteerLimits.beatSeconds) == 0)
        }
        if wasSuspended { agent.logger.notice("this volunteer was suspended for a while and goes on") }
        decide { $0.beat(at: $1, wasSuspended: wasSuspended) }
        guard isHeartbeat || wasSuspended else { return }
        let (connection, heartbeats) = state.withLock { ($0.connection, $0.work.heartbeats()) }
        for heartbeat in heartbeats { connection?.send(.progress(heartbeat)) }
    }
}

extension PeerSession: SlotHost {
    func nextTurn(slot: Int) -> WorkSession.Turn { state.withLock { $0.work.nextTurn(slot: slot) } }

    func remaining(slot: Int) -> Range<UInt64>? { state.withLock { $0.work.remaining(slot: slot) } }

    func hasRoom(slot: Int) -> Bool {
        state.withLock { state in state.work.hasRoom(slot: slot) && (state.connection?.isWritable ?? true) }
    }

    func commit(slot: Int, lease: UInt64, _ run: FinishedRun) -> Bool {
        guard let conduct = agent.configuration.conduct else { return send(run, slot: slot, lease: lease) }
        return conduct(run).allSatisfy { send($0, slot: slot, lease: lease) }
    }

    private func send(_ run: FinishedRun, slot: Int, lease: UInt64) -> Bool {
        let (connection, job) = state.withLock { state in
            let job = state.work.job
            let isThere = state.work.committed(
                slot: slot, units: run.units, resultBytes: run.bytes.count, isFailure: run.failure != nil)
            return isThere ? (state.connection, job) : (nil, nil)
        }
        guard let connection, let job else { return false }
        let microseconds = UInt64(max(0, min(run.processorSeconds, 1e9)) * 1e6)
        if let failure = run.failure {
            connection.send(
                Commit(
                    job: job, lease: lease, unit: run.units.lowerBound, failure: failure, log: run.log,
                    processorMicroseconds: microseconds))
        } else {
            connection.send(
                Commit(
                    job: job, lease: lease, units: run.units, resultEnds: run.resultEnds, bytes: run.bytes,
                    processorMicroseconds: microseconds))
        }
        return true
    }

    func pull(_ purpose: FetchTable.Purpose, held: UInt64) -> Inflow.Pull {
        let now = agent.clock.now()
        let answer = state.withLock { $0.work.pull(purpose, held: held, at: now) }
        for effect in answer.effects { perform(effect) }
        return answer.pull
    }

    func ended(slot: Int, reason: String?, leftover: (unit: UInt64, bytes: [UInt8])?) {
        if let leftover {
            let (connection, checkpoint) = state.withLock { ($0.connection, $0.work.checkpoint(slot: slot, leftover)) }
            if let checkpoint { connection?.send(checkpoint) }
        }
        decide { $0.ended(slot: slot, reason: reason, at: $1) }
    }

    func wasSuspended(since start: Tick) -> Bool {
        let now = agent.clock.now()
        return state.withLock { $0.watch.wasSuspended(since: start, at: now) }
    }

    func failed(_ admission: Governor.Admission, _ error: TalkootError) {
        agent.logger.warning("a job cannot run here", metadata: ["job": "\(admission.job.id)", "why": "\(error)"])
        decide { work, _ in work.failed(admission, error) }
    }

    /// Less waits to be sent: slots that waited for that go on.
    func becameWritable() {
        let (run, body) = state.withLock { ($0.run, $0.body) }
        if let run { for bell in run.bells { bell.ring() } }
        body?.proceed()
    }
}
