import NIOCore
import TalkootCore
import TalkootProtocol

/// What the volunteers do: as the product's, in few lines.
extension ClusterSimulation {
    /// Something came from the coordinator.
    mutating func obey(_ event: PeerEvent, _ number: Int) {
        guard case .message(let message) = event else { return }
        switch message {
        case .request(let request):
            guard let job = request.job?.id else { return fail("a request without a job") }
            send(.response(Message.WorkResponse(reply: "yes", job: job)), number, .volunteer)
            send(.ready(Message.Ready(job: job, slots: volunteers[number].slots.count, level: .full)), number, .volunteer)
        case .grant(let grant):
            guard volunteers[number].slots.indices.contains(grant.slot), !grant.units.isEmpty, grant.units.upperBound <= plan.units else {
                return fail("a lease of \(grant.units) for slot \(grant.slot)")
            }
            let run = ClusterVolunteer.Run(lease: grant.lease, next: grant.units.lowerBound, end: grant.units.upperBound)
            volunteers[number].slots[grant.slot].runs.append(run)
            if volunteers[number].slots[grant.slot].runs.count > 4 { fail("a slot has five leases") }
            startUnit(number, grant.slot)
        case .revoke(let revocation): stop(number, revocation)
        case .acknowledge(let acknowledgement):
            volunteers[number].unacknowledged -= acknowledgement.units.count
            if volunteers[number].unacknowledged < 0 { fail("units were acknowledged that nobody had handed in") }
        case .cancel: volunteers[number].clear()
        default: break
        }
        flush(number, .volunteer)
    }

    private mutating func startUnit(_ number: Int, _ slot: Int) {
        guard !volunteers[number].slots[slot].isWorking, !volunteers[number].slots[slot].runs.isEmpty else { return }
        volunteers[number].slots[slot].isWorking = true
        schedule(
            .work(number, slot: slot, stamp: volunteers[number].slots[slot].stamp), at: time + plan.volunteers[number].unitSeconds)
    }

    /// Does not start units at or after `from`; the one it is at goes on.
    private mutating func stop(_ number: Int, _ revocation: Message.Revocation) {
        for slot in volunteers[number].slots.indices {
            guard let place = volunteers[number].slots[slot].runs.firstIndex(where: { $0.lease == revocation.lease }) else { continue }
            let run = volunteers[number].slots[slot].runs[place]
            let started: UInt64 = place == 0 && volunteers[number].slots[slot].isWorking ? 1 : 0
            volunteers[number].slots[slot].runs[place].end = max(run.next + started, min(run.end, revocation.from))
            guard volunteers[number].slots[slot].runs[place].end == run.next else { continue }
            handIn(number, slot, place)
            volunteers[number].slots[slot].runs.remove(at: place)
            startUnit(number, slot)
        }
    }

    mutating func finishUnit(_ number: Int, _ slot: Int, _ stamp: UInt64) {
        guard volunteers[number].slots[slot].stamp == stamp, let run = volunteers[number].slots[slot].runs.first else { return }
        let plan = plan.volunteers[number]
        let unit = run.next
        volunteers[number].slots[slot].isWorking = false
        if unit == self.plan.poison || random.uniform() < plan.flakiness {
            handIn(number, slot, 0)
            volunteers[number].slots[slot].runs[0].next += 1
            volunteers[number].unacknowledged += 1
            links[number]?[.volunteer].queue?.append(
                Commit(job: Self.job, lease: run.lease, unit: unit, failure: .failed(message: "it cannot be done")))
        } else {
            volunteers[number].slots[slot].runs[0].values.append(value(of: unit, by: number))
            volunteers[number].slots[slot].runs[0].next += 1
        }
        let isLast = volunteers[number].slots[slot].runs[0].next == run.end
        if isLast || UInt64(volunteers[number].slots[slot].runs[0].values.count) >= plan.commitUnits { handIn(number, slot, 0) }
        if isLast { volunteers[number].slots[slot].runs.removeFirst() }
        startUnit(number, slot)
        flush(number, .volunteer)
    }

    private func value(of unit: UInt64, by number: Int) -> UInt64 {
        let dice = Double(SimulationRandom.mix(unit &* 77 ^ plan.seed) >> 11) * 0x1p-53
        switch plan.volunteers[number].role {
        case .lying(let share) where dice < share: return UInt64(number) + 100
        case .colluding(let share) where dice < share: return 1
        default: return Self.right(unit)
        }
    }

    /// Sends what is finished of a lease.
    private mutating func handIn(_ number: Int, _ slot: Int, _ place: Int) {
        let run = volunteers[number].slots[slot].runs[place]
        guard !run.values.isEmpty else { return }
        volunteers[number].slots[slot].runs[place].values = []
        let units = run.next - UInt64(run.values.count)..<run.next
        volunteers[number].unacknowledged += units.count
        var bytes = ByteBuffer()
        for value in run.values { bytes.writeInteger(value) }
        links[number]?[.volunteer].queue?.append(
            Commit(job: Self.job, lease: run.lease, units: units, resultEnds: (1...units.count).map { $0 * 8 }, bytes: bytes))
    }

    /// Says how far each slot is, every 15 s.
    mutating func heartbeat(_ number: Int) {
        guard links[number]?[.volunteer].isClosed == false, time - volunteers[number].lastHeartbeat >= 15 else { return }
        volunteers[number].lastHeartbeat = time
        for slot in volunteers[number].slots {
            guard let run = slot.runs.first else { continue }
            send(.progress(Message.Progress(job: Self.job, lease: run.lease, next: run.next)), number, .volunteer)
        }
        flush(number, .volunteer)
    }

    /// The owner wants his machine: all slots stop, and give back what they have not begun.
    mutating func release(_ number: Int) {
        guard links[number]?[.volunteer].isClosed == false else { return }
        for slot in volunteers[number].slots.indices {
            for place in volunteers[number].slots[slot].runs.indices {
                handIn(number, slot, place)
                let run = volunteers[number].slots[slot].runs[place]
                send(
                    .release(Message.Release(job: Self.job, lease: run.lease, from: run.next, reason: "its owner is back")), number,
                    .volunteer)
            }
            volunteers[number].slots[slot].runs = []
            volunteers[number].slots[slot].stamp += 1
            volunteers[number].slots[slot].isWorking = false
        }
        flush(number, .volunteer)
    }
}
