import TalkootCore
import TalkootProtocol

extension WorkSession {
    // MARK: From the coordinator

    /// A lease for a slot.
    mutating func grant(_ grant: Message.Grant, at now: Tick) -> [Effect] {
        guard case .working(var work) = state, grant.job == work.admission.job.id else {
            return violation("a grant for a job that does not run here", regarding: "grant")
        }
        if let objection = objection(to: grant, work) { return violation(objection, regarding: "grant") }
        var lease = SlotLedger.Lease(id: grant.lease, units: grant.units, firstUnit: grant.units.lowerBound, input: grant.input)
        if let checkpoint = checkpoints.removeValue(forKey: grant.lease), checkpoint.unit == grant.units.lowerBound {
            lease.checkpoint = checkpoint.content
        }
        if isDraining { return [release(lease, of: work, reason: "this volunteer is stopping")] }
        guard work.slots[grant.slot].enqueue(lease) else {
            return [release(lease, of: work, reason: "slot \(grant.slot) holds \(VolunteerLimits.queuedLeases) leases already")]
        }
        state = .working(work)
        if work.input != .none {
            inflows[.input(slot: grant.slot, lease: grant.lease)] = Inflow(
                grant.input, windowBytes: VolunteerLimits.inputWindowBytes, windowCapBytes: inputCapBytes)
        }
        return [.wake(.slot(grant.slot))] + pump(at: now)
    }

    /// What a unit left behind elsewhere; the grant of its lease comes next.
    mutating func take(_ checkpoint: Checkpoint) -> [Effect] {
        guard case .working(let work) = state, checkpoint.job == work.admission.job.id, checkpoint.unit < work.admission.job.shape.units,
            checkpoints.count < VolunteerLimits.awaitedCheckpoints
        else { return violation("a checkpoint that no grant follows", regarding: "CHECKPOINT") }
        checkpoints[checkpoint.lease] = checkpoint
        return []
    }

    /// What the coordinator is to be told of a unit that was stopped, before its lease is given back.
    func checkpoint(slot: Int, _ leftover: (unit: UInt64, bytes: [UInt8])) -> Checkpoint? {
        guard case .working(let work) = state, let lease = work.slots[slot].running, lease.units.lowerBound == leftover.unit,
            !leftover.bytes.isEmpty
        else { return nil }
        return Checkpoint(job: work.admission.job.id, lease: lease.id, unit: leftover.unit, bytes: leftover.bytes)
    }

    /// Results are durable.
    mutating func acknowledge(_ message: Message.Acknowledgement) -> [Effect] {
        guard case .working(var work) = state, message.job == work.admission.job.id, !message.units.isEmpty else { return [] }
        var effects: [Effect] = []
        for slot in work.slots.indices {
            let hadRoom = work.slots[slot].hasRoom
            work.slots[slot].acknowledge(message.lease, units: message.units)
            if !hadRoom && work.slots[slot].hasRoom { effects.append(.wake(.slot(slot))) }
        }
        state = .working(work)
        return effects + quietEffects(work)
    }

    /// Units are taken back. An unknown lease is one that ended meanwhile.
    mutating func revoke(_ message: Message.Revocation) -> [Effect] {
        guard case .working(var work) = state, message.job == work.admission.job.id else { return [] }
        var effects: [Effect] = []
        for slot in work.slots.indices {
            if work.slots[slot].revoke(message.lease, from: message.from) {
                effects.append(.lower(slot: slot, lease: message.lease, to: message.from))
            }
            if !work.slots[slot].holds(message.lease) { inflows[.input(slot: slot, lease: message.lease)] = nil }
        }
        state = .working(work)
        return effects
    }

    // MARK: From the slots

    /// What a slot's thread is to do next.
    enum Turn: Hashable, Sendable {
        /// Run a lease.
        case run(SlotLedger.Lease, InputKind)
        /// Wait to be woken.
        case wait
        /// The job is over.
        case over
    }

    /// A slot's thread is free.
    mutating func nextTurn(slot: Int) -> Turn {
        if case .loading = state { return .wait }
        guard case .working(var work) = state, work.slots.indices.contains(slot) else { return .over }
        guard !isDraining, let lease = work.slots[slot].start() else { return .wait }
        state = .working(work)
        return .run(lease, work.input)
    }

    /// The units of a slot's running lease that are still to be run; `nil` when the slot is to stop.
    func remaining(slot: Int) -> Range<UInt64>? {
        guard case .working(let work) = state, !isDraining, let units = work.slots[slot].running?.units, !units.isEmpty else { return nil }
        return units
    }

    /// Units of a slot's running lease finished; the shell sends the commit right after this.
    ///
    /// - Returns: whether the job is still there, so that the commit is to be sent.
    mutating func committed(slot: Int, units: Range<UInt64>, resultBytes: Int, isFailure: Bool) -> Bool {
        guard case .working(var work) = state, work.slots[slot].running != nil else { return false }
        work.slots[slot].committed(units, resultBytes: resultBytes)
        work.unitsDone += isFailure ? 0 : UInt64(units.count)
        work.unitsFailed += isFailure ? 1 : 0
        state = .working(work)
        return true
    }

    /// Whether a slot may run on, as far as results on their way are concerned; true when the job is over.
    func hasRoom(slot: Int) -> Bool {
        guard case .working(let work) = state else { return true }
        return work.slots[slot].hasRoom
    }

    /// A slot's running lease ended: at its end, where it was revoked, or earlier with a reason, and then the rest is given back.
    mutating func ended(slot: Int, reason: String?, at now: Tick) -> [Effect] {
        guard case .working(var work) = state, let rest = work.slots[slot].finish() else { return [] }
        inflows[.input(slot: slot, lease: rest.id)] = nil
        state = .working(work)
        var effects: [Effect] = []
        if !rest.units.isEmpty {
            effects.append(release(rest, of: work, reason: reason ?? (isDraining ? "this volunteer is stopping" : "the slot was stopped")))
        }
        return effects + pump(at: now) + quietEffects(work)
    }

    /// The heartbeats that are due: one for each slot that has a lease.
    func heartbeats() -> [Message.Progress] {
        guard case .working(let work) = state else { return [] }
        return work.slots.compactMap { slot in
            (slot.running ?? slot.queued.first).map { .init(job: work.admission.job.id, lease: $0.id, next: $0.units.lowerBound) }
        }
    }

    // MARK: Checks

    /// What is wrong with a grant; `nil` when nothing is.
    private func objection(to grant: Message.Grant, _ work: Work) -> String? {
        let shape = work.admission.job.shape
        guard work.slots.indices.contains(grant.slot) else { return "a grant for slot \(grant.slot) of \(work.slots.count)" }
        guard !grant.units.isEmpty, grant.units.upperBound <= shape.units else {
            return "a grant of units \(grant.units) in a job of \(shape.units)"
        }
        guard !work.slots.contains(where: { $0.holds(grant.lease) }) else { return "lease \(grant.lease) was granted already" }
        guard work.input != .none else {
            return grant.input.isEmpty ? nil : "a grant with input for a module that reads none"
        }
        guard !grant.input.isEmpty, grant.input.upperBound <= work.admission.job.inputBytes else {
            return "a grant of input bytes \(grant.input) of \(work.admission.job.inputBytes)"
        }
        return nil
    }
}
