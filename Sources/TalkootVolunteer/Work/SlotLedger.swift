import TalkootCore
import TalkootProtocol

/// What one slot of a job owes its coordinator: leases that wait, the one that runs, results not yet acknowledged. Pure.
struct SlotLedger: Sendable {
    /// A lease that waits or runs.
    struct Lease: Hashable, Sendable {
        var id: UInt64
        /// What is still to be run; it shrinks from the front as units finish and from the back when units are revoked.
        var units: Range<UInt64>
        /// The unit that the first byte of `input` belongs to.
        var firstUnit: UInt64
        var input: Range<UInt64>
        /// What another volunteer's run of the first unit left behind; empty when there is nothing.
        var checkpoint: [UInt8] = []
    }

    /// Results that were sent.
    private struct Sent: Sendable {
        var lease: UInt64
        var units: Range<UInt64>
        var bytes: UInt64
    }

    /// The leases that wait, oldest first.
    private(set) var queued: [Lease] = []
    /// The lease that the slot's thread runs.
    private(set) var running: Lease?
    private var sent: [Sent] = []
    private var sentBytes: UInt64 = 0

    /// Whether the thread may run on: the results on their way are within their bound.
    var hasRoom: Bool { sentBytes <= VolunteerLimits.unacknowledgedBytes }

    /// Whether all results were acknowledged.
    var isAcknowledged: Bool { sent.isEmpty }

    /// Whether nothing runs, waits or is on its way.
    var isQuiet: Bool { running == nil && queued.isEmpty && sent.isEmpty }

    /// Whether a lease of this number waits or runs.
    func holds(_ lease: UInt64) -> Bool { running?.id == lease || queued.contains { $0.id == lease } }

    /// Adds a lease.
    ///
    /// - Returns: whether there was room.
    mutating func enqueue(_ lease: Lease) -> Bool {
        guard queued.count < VolunteerLimits.queuedLeases else { return false }
        queued.append(lease)
        return true
    }

    /// Makes the oldest lease that waits the running one.
    mutating func start() -> Lease? {
        precondition(running == nil, "a slot runs one lease at a time")
        guard !queued.isEmpty else { return nil }
        running = queued.removeFirst()
        return running
    }

    /// The running lease is over.
    ///
    /// - Returns: what was left of it.
    mutating func finish() -> Lease? {
        defer { running = nil }
        return running
    }

    /// The leases that wait are not going to run.
    mutating func clearQueue() -> [Lease] {
        defer { queued = [] }
        return queued
    }

    /// Units of the running lease finished and their results are sent.
    mutating func committed(_ units: Range<UInt64>, resultBytes: Int) {
        guard var lease = running else { return }
        let bytes = UInt64(resultBytes) + VolunteerLimits.commitOverheadBytes + VolunteerLimits.unitOverheadBytes * UInt64(units.count)
        sent.append(Sent(lease: lease.id, units: units, bytes: bytes))
        sentBytes += bytes
        lease.units = max(lease.units.lowerBound, units.upperBound)..<max(lease.units.upperBound, units.upperBound)
        running = lease
    }

    /// Results are durable at the coordinator. Acknowledges of parts of a commit, or of several commits, count for what they cover.
    mutating func acknowledge(_ lease: UInt64, units: Range<UInt64>) {
        for index in sent.indices.reversed() where sent[index].lease == lease && sent[index].units.overlaps(units) {
            let entry = sent[index]
            let before = entry.units.lowerBound..<max(entry.units.lowerBound, units.lowerBound)
            let after = min(entry.units.upperBound, units.upperBound)..<entry.units.upperBound
            // An acknowledgement from the middle is kept out: coordinators acknowledge commits from their front.
            let rest = before.isEmpty ? after : (after.isEmpty ? before : entry.units)
            let bytes = rest == entry.units ? entry.bytes : entry.bytes / UInt64(entry.units.count) * UInt64(rest.count)
            sentBytes -= entry.bytes - bytes
            sent[index].units = rest
            sent[index].bytes = bytes
            if rest.isEmpty { sent.remove(at: index) }
        }
    }

    /// Units of a lease are taken back from `from` on.
    ///
    /// - Returns: whether it is the running lease, whose thread must be told.
    mutating func revoke(_ lease: UInt64, from: UInt64) -> Bool {
        if var current = running, current.id == lease {
            current.units = current.units.lowerBound..<min(max(from, current.units.lowerBound), current.units.upperBound)
            running = current
            return true
        }
        guard let place = queued.firstIndex(where: { $0.id == lease }) else { return false }
        let units = queued[place].units
        queued[place].units = units.lowerBound..<min(max(from, units.lowerBound), units.upperBound)
        if queued[place].units.isEmpty { queued.remove(at: place) }
        return false
    }
}
