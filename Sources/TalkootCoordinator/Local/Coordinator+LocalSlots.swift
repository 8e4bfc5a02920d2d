import Synchronization
public import TalkootCore
import TalkootScheduling
import TalkootStore

extension Coordinator {
    /// Starts slots of this machine; they begin to work at once. Numbers of slots add up, to ``JobSeat/localSlots`` at most.
    ///
    /// - Throws: ``TalkootError`` `usage` for too many, `try-later` when there can be no thread.
    public func addLocalSlots(_ count: Int) throws(TalkootError) {
        let committer = committer
        let local = job.localJob { committer.waitForRoom() }
        let seat = job.seat
        let joining: [(host: HostID, port: any HostPort)] = try localSlots.withLock { slots throws(TalkootError) in
            let total = slots.present.count + count
            guard count >= 0, total <= JobSeat.localSlots else {
                throw TalkootError(.usage, "\(total) slots are too many", remedy: "use at most \(JobSeat.localSlots)")
            }
            var joining: [(host: HostID, port: any HostPort)] = []
            for _ in 0..<count {
                let host = dispatcher.nextHostID()
                let slot = try LocalSlot(host: host, job: local, dispatcher: dispatcher)
                try slot.start(number: seat.firstLocalSlot + slots.started % JobSeat.localSlots)
                slots.present.append((host, slot))
                slots.started += 1
                joining.append((host, slot))
            }
            return joining
        }
        dispatcher.join(joining, owner: VolunteerBook.localOwner, traits: HostTraits(isOwn: true))
    }

    /// Changes the number of slots of this machine. Slots that go give back what they have not handed over, which may be the work of half
    /// a second and one unit each.
    ///
    /// - Throws: as ``addLocalSlots(_:)``.
    public func setLocalSlots(_ count: Int) throws(TalkootError) {
        let (missing, leaving) = localSlots.withLock { slots in
            let leaving = Array(slots.present.dropFirst(max(0, count)))
            slots.present.removeLast(leaving.count)
            return (max(0, count - slots.present.count), leaving)
        }
        for (_, slot) in leaving { slot.retire() }
        dispatcher.leave(leaving.map(\.host))
        try addLocalSlots(missing)
    }
}

/// The slots of this machine that work on a job.
struct LocalSlots: Sendable {
    /// Those that are there, in the order of their start.
    var present: [(host: HostID, slot: LocalSlot)] = []
    /// How many were ever started: one that goes may still be there when the next one comes, so that numbers are not used again at once.
    var started = 0
}
