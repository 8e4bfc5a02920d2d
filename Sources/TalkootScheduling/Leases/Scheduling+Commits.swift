import TalkootCore

extension Scheduling {
    /// Takes in results of a run of units and says which of them are new.
    mutating func accept(_ committed: Range<UInt64>, owner: OwnerID, traits: HostTraits) -> [Range<UInt64>] {
        let new = done.missing(from: committed)
        for range in new {
            finalise(range)
            guard isVerifying, !traits.isOwn else { continue }
            verification.standings[owner, default: Standing()].provisional.insert(range)
            verification.unwritten += range.length
        }
        return new
    }

    /// The one place where units get their result, for the time being or for ever: they are in nobody's hands from here on.
    mutating func finalise(_ range: Range<UInt64>) {
        done.insert(range)
        free.remove(range)
        if !failed.isEmpty { failed.removeAll { range.contains($0.unit) } }
    }

    /// Moves an open lease past units that its host committed, and gives the host what comes next.
    mutating func advanceLease(_ slot: Int, past committed: Range<UInt64>, _ effects: inout [Effect]) {
        let holder = leases[slot].host
        measure(holder, units: committed.length, lease: slot)
        hosts[holder].failures = 0
        hosts[holder].rests = 0
        skip(slot, to: committed.lowerBound)
        leases[slot].ran += committed.length
        leases[slot].next = max(leases[slot].next, min(committed.upperBound, leases[slot].end))
        if leases[slot].remaining == 0 { complete(slot, &effects) }
        serve(holder, &effects)
    }

    /// Counts finished units and the time since the last into the host's speed.
    private mutating func measure(_ slot: Int, units: UInt64, lease: Int) {
        let window = min(max(leases[lease].expectedSeconds / 8, 0.02), 5)
        hosts[slot].speed.count(units: units, seconds: now.seconds(since: hosts[slot].measured), window: window)
        hosts[slot].unitsFinished += units
        hosts[slot].mark = max(hosts[slot].mark, now)
        hosts[slot].measured = max(hosts[slot].measured, now)
        setRate(slot)
    }

    /// Gives back units that a host passed over: it should not, but what it does must not lose any.
    mutating func skip(_ slot: Int, to unit: UInt64) {
        let lease = leases[slot]
        guard unit > lease.next else { return }
        leases[slot].next = min(unit, lease.end)
        if lease.isCheck { return releaseCheck(ofLeaseAt: slot) }
        if !isolate(slot) { giveBack(lease.next..<min(unit, lease.end)) }
    }

    /// Closes a lease of which nothing remains, and takes the same unit from the other host that runs it.
    private mutating func complete(_ slot: Int, _ effects: inout [Effect]) {
        let twin = leases[slot].twin
        close(slot, remember: false)
        guard twin >= 0 else { return }
        let other = leases[twin]
        effects.append(.revoke(other.id, host: hosts[other.host].id, from: other.next))
        close(twin, remember: true)
        serve(other.host, &effects)
    }

    // MARK: Leases

    /// Closes a lease; its host goes on with the next one or is idle.
    mutating func close(_ slot: Int, remember: Bool) {
        let lease = leases[slot]
        let wasCut = lease.end < lease.grantedEnd
        releaseCheck(ofLeaseAt: slot)
        unitsCharged -= max(0, lease.charged - Int64(clamping: lease.ran))
        if isVerifying { verification.standings[hosts[lease.host].owner, default: Standing()].leases -= 1 }
        leases.close(slot, remembering: remember || wasCut ? hosts[lease.host] : nil)
        if hosts[lease.host].queued == slot {
            hosts[lease.host].queued = -1
        } else if hosts[lease.host].running == slot {
            let next = hosts[lease.host].queued
            hosts[lease.host].running = next
            hosts[lease.host].queued = -1
            if next >= 0 {
                begin(leaseAt: next)
            } else if isShared {
                sendAway(lease.host)
            } else {
                hosts.setIdle(lease.host, true)
            }
        }
    }

    /// A lease is now the one that its host runs.
    mutating func begin(leaseAt slot: Int) {
        hosts[leases[slot].host].mark = max(hosts[leases[slot].host].mark, now)
        leases[slot].began = now
        leases[slot].deadline = deadline(ofLeaseAt: slot)
    }

    /// Takes the units at or after `from` from a lease: they are free again unless a second host runs them.
    mutating func drop(leaseAt slot: Int, from: UInt64) {
        guard slot >= 0 else { return }
        let lease = leases[slot]
        let cut = max(from, lease.next)
        guard cut < lease.end else { return }
        leases[slot].end = cut
        refund(lease.end - cut, ofLeaseAt: slot)
        if lease.isCheck { releaseCheck(ofLeaseAt: slot) } else if !isolate(slot) { giveBack(cut..<lease.end) }
        if cut == lease.next { close(slot, remember: true) }
    }

    /// Units of a lease are not to be run by its host.
    mutating func refund(_ count: UInt64, ofLeaseAt slot: Int) {
        leases[slot].charged -= Int64(clamping: count)
        unitsCharged -= Int64(clamping: count)
    }

    /// Takes units from a lease and tells its host.
    mutating func revoke(leaseAt slot: Int, _ effects: inout [Effect]) {
        guard slot >= 0 else { return }
        let lease = leases[slot]
        effects.append(.revoke(lease.id, host: hosts[lease.host].id, from: lease.next))
        drop(leaseAt: slot, from: 0)
    }

    /// Parts a lease from its twin, which is accountable for the unit from now on; says whether there was one.
    mutating func isolate(_ slot: Int) -> Bool {
        let twin = leases[slot].twin
        guard twin >= 0 else { return false }
        leases[twin].twin = -1
        leases[twin].isCopy = false
        leases[slot].twin = -1
        leases[slot].isCopy = false
        return true
    }

    /// Units are free again, apart from those that are over; one that failed waits for its next try.
    mutating func giveBack(_ range: Range<UInt64>) {
        hasNewWork = true
        if range.length == 1, let entry = failed.firstIndex(where: { $0.unit == range.lowerBound }) {
            failed[entry].isWaiting = true
            return
        }
        for missing in done.missing(from: range) { free.insert(missing) }
    }
}
