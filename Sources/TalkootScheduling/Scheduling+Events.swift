import HeapModule
public import TalkootCore

extension Scheduling {
    /// A host is there and wants work. Does nothing when it is there already.
    ///
    /// `roundTripSeconds` is the time of a message there and its answer back, when known. O(log hosts).
    public mutating func join(
        _ host: HostID, owner: OwnerID, traits: HostTraits = HostTraits(), roundTripSeconds: Double = 0, at time: Tick
    ) -> [Effect] {
        begin(time)
        var effects: [Effect] = []
        guard hosts.slot(of: host) == nil else { return effects }
        let slot = hosts.insert(
            Host(
                id: host, owner: owner, traits: traits, roundTripSeconds: max(0, roundTripSeconds), mark: now, measured: now, heard: now))
        owners[owner, default: 0] += 1
        if isShared {
            hosts[slot].isAway = true
            awayHosts += 1
        } else {
            hosts.setIdle(slot, true)
            serve(slot, &effects)
        }
        return end(effects)
    }

    /// A host is gone: what it has not committed is free again. Does nothing when it is not there. O(hosts without work).
    public mutating func leave(_ host: HostID, at time: Tick) -> [Effect] {
        begin(time)
        guard let slot = hosts.slot(of: host) else { return [] }
        drop(leaseAt: hosts[slot].queued, from: 0)
        drop(leaseAt: hosts[slot].running, from: 0)
        if !hosts[slot].isSilent { countOut(slot) }
        if hosts[slot].isAway { awayHosts -= 1 }
        hosts.remove(slot)
        var effects: [Effect] = []
        giveUpHopelessUnits(&effects)
        return end(effects)
    }

    /// A host finished a run of units of one of its leases. The verdict says which of them are new.
    ///
    /// Results of units that were taken from the lease are welcome as long as nobody else has finished them. When the lease is a
    /// check, `digest` is asked for each of its units; otherwise ``written(_:by:traits:at:digest:)`` must follow. O(log gaps).
    public mutating func commit(
        _ lease: LeaseID, host: HostID, units committed: Range<UInt64>, at time: Tick, digest: (UInt64) -> ResultDigest = { _ in .empty }
    ) -> (verdict: CommitVerdict, effects: [Effect]) {
        begin(time)
        guard !committed.isEmpty, committed.upperBound <= units else { return (.unknown, []) }
        var effects: [Effect] = []
        if let slot = leases.slot(of: lease), hosts[leases[slot].host].id == host {
            guard committed.lowerBound >= leases[slot].lower, committed.upperBound <= leases[slot].grantedEnd else { return (.unknown, []) }
            let holder = leases[slot].host
            hear(holder)
            if leases[slot].isCheck {
                countCheck(ofLeaseAt: slot, units: committed, digest: digest, &effects)
                if leases[slot].isOpen, leases[slot].id == lease { advanceLease(slot, past: committed, &effects) }
                return (.duplicate, end(effects))
            }
            let new = accept(committed, owner: hosts[holder].owner, traits: hosts[holder].traits)
            advanceLease(slot, past: committed, &effects)
            return (new.isEmpty ? .duplicate : .accepted(new), end(effects))
        }
        if let closed = leases.closed(lease), closed.host == host, closed.units.contains(committed) {
            if let slot = hosts.slot(of: host) { hear(slot) }
            guard !closed.isCheck, !isBanned(closed.owner) else { return (.duplicate, end(effects)) }
            let new = accept(committed, owner: closed.owner, traits: closed.traits)
            return (new.isEmpty ? .duplicate : .accepted(new), end(effects))
        }
        effects = end(effects)
        return (done.missing(from: committed).isEmpty ? .duplicate : .unknown, effects)
    }

    /// A heartbeat: the host has finished the lease's units below `next`, whether or not it committed them. O(1).
    public mutating func progress(_ lease: LeaseID, host: HostID, next: UInt64, at time: Tick) -> [Effect] {
        begin(time)
        guard let slot = leases.slot(of: lease), hosts[leases[slot].host].id == host else { return [] }
        let holder = leases[slot].host
        hear(holder)
        if next > max(leases[slot].reported, leases[slot].next), next <= leases[slot].end {
            leases[slot].reported = next
            if hosts[holder].running == slot { hosts[holder].mark = now }
        }
        var effects: [Effect] = []
        serve(holder, &effects)
        return end(effects)
    }

    /// A host gives back the lease's units at or after `from`, and gets nothing for a while. O(log hosts).
    public mutating func release(_ lease: LeaseID, host: HostID, from: UInt64, at time: Tick) -> [Effect] {
        begin(time)
        guard let slot = leases.slot(of: lease), hosts[leases[slot].host].id == host else { return [] }
        let holder = leases[slot].host
        hear(holder)
        rest(holder)
        drop(leaseAt: slot, from: from)
        var effects: [Effect] = []
        serve(holder, &effects)
        return end(effects)
    }

    /// Time has passed: leases expire, hosts fall silent, idle hosts look for work. Call it at ``nextDeadline``.
    public mutating func advance(to time: Tick) -> [Effect] {
        begin(time)
        var effects: [Effect] = []
        while let wake = wakes.min, wake.tick <= now {
            wakes.removeMin()
            guard hosts.isPresent(wake.host), hosts[wake.host].wake == wake.tick else { continue }
            hosts[wake.host].wake = .distantFuture
            judge(wake.host, &effects)
            serve(wake.host, &effects)
        }
        if tailCheck <= now { hasNewWork = true }
        return end(effects)
    }

    // MARK: What every event begins and ends with

    mutating func begin(_ time: Tick) {
        now = max(now, time)
        if isVerifying { closeWindow() }
    }

    /// Serves the idle hosts when work has become free, and announces the end.
    mutating func end(_ effects: [Effect]) -> [Effect] {
        var effects = effects
        if hasNewWork { serveIdle(&effects) }
        if isVerifying { askOwnMachine(&effects) }
        if isFinished, !hasAnnounced {
            hasAnnounced = true
            closeEverything(&effects)
            effects.append(.finished)
        }
        return effects
    }

    /// Takes back what is still out, copies for instance, when every unit is over.
    mutating func closeEverything(_ effects: inout [Effect]) {
        for slot in leases.slots.indices {
            let lease = leases[slot]
            guard lease.isOpen else { continue }
            effects.append(.revoke(lease.id, host: hosts[lease.host].id, from: lease.next))
            close(slot, remember: true)
        }
        wakes = []
        tailCheck = .distantFuture
    }

    /// A host was heard of: it is back if it was silent.
    mutating func hear(_ slot: Int) {
        hosts[slot].heard = now
        guard hosts[slot].isSilent else { return }
        hosts[slot].isSilent = false
        owners[hosts[slot].owner, default: 0] += 1
        setRate(slot)
    }

    /// Takes a host out of the sums over hosts that are not silent.
    mutating func countOut(_ slot: Int) {
        let owner = hosts[slot].owner
        owners[owner] = owners[owner].flatMap { $0 > 1 ? $0 - 1 : nil }
        if hosts[slot].countedRate > 0 {
            ratedHosts -= 1
            totalRate = ratedHosts == 0 ? 0 : max(0, totalRate - hosts[slot].countedRate)
            hosts[slot].countedRate = 0
        }
    }

    /// Takes a host's speed as it is now into the sum.
    mutating func setRate(_ slot: Int) {
        let rate = hosts[slot].isSilent || hosts[slot].isAway ? 0 : hosts[slot].speed.rate
        guard rate != hosts[slot].countedRate else { return }
        ratedHosts += (rate > 0 ? 1 : 0) - (hosts[slot].countedRate > 0 ? 1 : 0)
        totalRate = max(0, totalRate + rate - hosts[slot].countedRate)
        hosts[slot].countedRate = rate
    }
}

extension Range<UInt64> {
    /// Whether every unit of `other` is in the range.
    func contains(_ other: Range<UInt64>) -> Bool { other.lowerBound >= lowerBound && other.upperBound <= upperBound }
}
