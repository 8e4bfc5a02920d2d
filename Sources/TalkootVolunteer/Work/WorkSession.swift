import TalkootCore
import TalkootPeer
import TalkootProtocol

/// One connection's part in a job, from the request to the last acknowledgement. Pure: events in, effects out.
///
/// The shell calls it under a lock and performs the effects after it. A connection serves one job at a time.
struct WorkSession: Sendable {
    /// Where the job stands. Every state may fall back to `idle`: by a refusal, a `cancel`, or an error that is told.
    enum State: Sendable {
        /// No job. Next: `deciding`.
        case idle
        /// The governor, and perhaps the owner, looks at it. Next: `loading`.
        case deciding(Message.WorkRequest)
        /// The package is fetched when it is not here, verified and prepared. Next: `working`.
        case loading(Governor.Admission)
        /// Leases come and go.
        case working(Work)
    }

    /// A job under way.
    struct Work: Sendable {
        var admission: Governor.Admission
        var input: InputKind
        var slots: [SlotLedger]
        var unitsDone: UInt64 = 0
        var unitsFailed: UInt64 = 0
    }

    /// What the shell is to do.
    enum Effect: Hashable, Sendable {
        /// Send a message.
        case send(Message)
        /// Put the request before the governor; `decided` continues.
        case consider(Message.WorkRequest)
        /// Start the loader; `loaded` or `failed` continues.
        case load(Governor.Admission)
        /// Start a thread for each slot.
        case start(Governor.Admission, slots: Int)
        /// Let a thread look again.
        case wake(Receiver)
        /// Start no unit at or after `to` in this lease, if the slot still runs it.
        case lower(slot: Int, lease: UInt64, to: UInt64)
        /// Stop loader, threads and cells at once.
        case stop
        /// Give the seat back.
        case leave(Governor.Admission)
        /// After a drain: nothing is left to do.
        case quiet
        /// Close the connection.
        case close(Message.Fault)
    }

    /// A thread.
    enum Receiver: Hashable, Sendable {
        case loader
        case slot(Int)
    }

    private(set) var isDraining = false
    var state = State.idle
    var fetches = FetchTable()
    var inflows: [FetchTable.Purpose: Inflow] = [:]
    /// Checkpoints whose grants come next.
    var checkpoints: [UInt64: Checkpoint] = [:]
    private var faults = 0
    let slots: Int
    let level: ConfinementLevel
    let inputCapBytes: UInt64

    /// A session that offers that many slots; a slot keeps at most `inputCapBytes` of input.
    init(slots: Int, level: ConfinementLevel, inputCapBytes: UInt64) {
        self.slots = slots
        self.level = level
        self.inputCapBytes = inputCapBytes
    }

    /// The job that the session serves or prepares.
    var job: JobID? {
        switch state {
        case .idle: nil
        case .deciding(let request): request.job?.id
        case .loading(let admission): admission.job.id
        case .working(let work): work.admission.job.id
        }
    }

    /// The seat that the session holds.
    var admission: Governor.Admission? {
        switch state {
        case .idle, .deciding: nil
        case .loading(let admission): admission
        case .working(let work): work.admission
        }
    }

    // MARK: Request

    /// A coordinator asks.
    mutating func request(_ request: Message.WorkRequest) -> [Effect] {
        guard case .idle = state else {
            return [.send(.response(.init(reply: "no", reason: "this connection serves a job already", job: request.job?.id)))]
        }
        guard !isDraining else {
            return [.send(.response(.init(reply: "no", reason: "this volunteer is stopping", job: request.job?.id)))]
        }
        state = .deciding(request)
        return [.consider(request)]
    }

    /// The governor let the job in, or not.
    mutating func decided(_ request: Message.WorkRequest, _ result: Result<Governor.Admission, TalkootError>) -> [Effect] {
        guard case .deciding(request) = state else {
            // The coordinator left while the owner thought.
            guard case .success(let admission) = result else { return [] }
            return [.leave(admission)]
        }
        switch result {
        case .success(let admission):
            state = .loading(admission)
            return [.send(.response(.init(reply: "yes", job: admission.job.id))), .load(admission)]
        case .failure(let error):
            state = .idle
            return [.send(.response(.init(reply: "no", reason: error.description, job: request.job?.id)))]
        }
    }

    // MARK: Module

    /// The loader wants the package.
    mutating func fetchPackage(at now: Tick) -> [Effect] {
        guard case .loading(let admission) = state else { return [] }
        inflows[.package] = Inflow(
            0..<admission.job.packageBytes, windowBytes: VolunteerLimits.inputWindowBytes, windowCapBytes: VolunteerLimits.inputWindowBytes)
        return pump(at: now)
    }

    /// The module is here, verified, and fits the job.
    mutating func loaded(_ admission: Governor.Admission, input: InputKind) -> [Effect] {
        guard case .loading(admission) = state else { return [] }
        inflows[.package] = nil
        if isDraining { return end(with: TalkootError(.tryLater, "this volunteer is stopping")) }
        state = .working(Work(admission: admission, input: input, slots: Array(repeating: SlotLedger(), count: slots)))
        return [.start(admission, slots: slots), .send(.ready(.init(job: admission.job.id, slots: slots, level: level)))]
    }

    /// The job cannot go on here: the coordinator is told and the seat is free again.
    mutating func failed(_ admission: Governor.Admission, _ error: TalkootError) -> [Effect] {
        guard self.admission == admission else { return [] }
        return end(with: error)
    }

    // MARK: The end

    /// The coordinator ends the job.
    mutating func cancel(_ cancellation: Message.Cancellation) -> [Effect] {
        guard job == cancellation.job else { return [] }
        return forget()
    }

    /// The connection is gone.
    mutating func closed() -> [Effect] { forget() }

    /// The volunteer stops: leases that wait are given back, running ones end with the unit that runs.
    mutating func drain() -> [Effect] {
        guard !isDraining else { return [] }
        isDraining = true
        guard case .working(var work) = state else {
            return (admission == nil ? [] : end(with: TalkootError(.tryLater, "this volunteer is stopping"))) + [.quiet]
        }
        var effects: [Effect] = []
        for slot in work.slots.indices {
            effects += work.slots[slot].clearQueue().map { release($0, of: work, reason: "this volunteer is stopping") }
            if let running = work.slots[slot].running {
                effects.append(.lower(slot: slot, lease: running.id, to: running.units.lowerBound))
            }
            effects.append(.wake(.slot(slot)))
        }
        state = .working(work)
        return effects + quietEffects(work)
    }

    /// Says that nothing is left, when that is so during a drain.
    func quietEffects(_ work: Work) -> [Effect] { isDraining && work.slots.allSatisfy(\.isQuiet) ? [.quiet] : [] }

    /// Gives the units back that are left of a lease.
    func release(_ lease: SlotLedger.Lease, of work: Work, reason: String) -> Effect {
        .send(.release(.init(job: work.admission.job.id, lease: lease.id, from: lease.units.lowerBound, reason: reason)))
    }

    /// Something that no honest coordinator sends. Counted: too many close the connection.
    mutating func violation(_ what: String, regarding type: String) -> [Effect] {
        faults += 1
        let fault = Message.Fault(regarding: type, code: TalkootError.Code.badData.rawValue, reason: what, job: job)
        guard faults >= VolunteerLimits.faults else { return [.send(.error(fault))] }
        return [.close(fault)]
    }

    /// Before the offer of slots the job is refused; after it, it is cancelled.
    private mutating func end(with error: TalkootError) -> [Effect] {
        guard let job else { return [] }
        let message: Message
        if case .working = state {
            message = .cancel(.init(job: job, reason: error.description))
        } else {
            message = .error(.init(regarding: "request", code: error.code.rawValue, reason: error.description, job: job))
        }
        return [.send(message)] + forget()
    }

    private mutating func forget() -> [Effect] {
        let admission = admission
        state = .idle
        inflows = [:]
        checkpoints = [:]
        fetches.removeAll()
        return admission.map { [.stop, .leave($0)] } ?? []
    }
}
