import TalkootCore

/// What a job among others keeps beside its own plans: it takes hosts only when they are offered (see ``SharedScheduling``).
struct Offers: Sendable {
    /// Hosts that have no lease of this job, or whose last one ends soon.
    var asks: [HostID] = []
    /// Whether there may be work for idle hosts that there was not before.
    var callsIdle = false
    /// A lease lasts at most this long in seconds, so that all requesters have their turn.
    var turnSeconds = Double.infinity
    /// How many owners there are in all.
    var owners = 0
}

extension Scheduling {
    /// Whether hosts come only when they are offered.
    var isShared: Bool { offers != nil }

    /// From now on hosts come only when they are offered. Only before the first one has joined.
    mutating func share() {
        precondition(hosts.count == 0, "a job with hosts of its own cannot be shared")
        offers = Offers()
    }

    /// How many owners could take a failed unit.
    var ownerCount: Int { max(owners.count, offers?.owners ?? 0) }

    /// Whether there is work that no host has, for one or other host.
    var isWanting: Bool {
        guard !isFinished else { return false }
        return !free.isEmpty || failed.contains(where: \.isWaiting) || !verification.checks.waiting.isEmpty
            || !verification.checks.disputes.isEmpty
    }

    /// How many leases a host has here.
    func leaseCount(of host: HostID) -> Int {
        guard let slot = hosts.slot(of: host) else { return 0 }
        return (hosts[slot].running >= 0 ? 1 : 0) + (hosts[slot].queued >= 0 ? 1 : 0)
    }

    /// How long a host's lease still takes, and whether its next one is due; nil when it has none here.
    func rest(of host: HostID) -> (seconds: Double, isDue: Bool)? {
        guard let slot = hosts.slot(of: host), hosts[slot].running >= 0 else { return nil }
        let rest = outlook(slot).rest
        return (rest, rest <= aheadWindow(slot))
    }

    /// Until when a host rests here.
    func restUntil(of host: HostID) -> Tick? { hosts.slot(of: host).map { hosts[$0].restUntil } }

    /// Takes a host that will be free in `busySeconds` if there is work for it. It must have joined.
    mutating func offer(_ host: HostID, busySeconds: Double, _ effects: inout [Effect]) -> Bool {
        guard let slot = hosts.slot(of: host), !isFinished, !hosts[slot].isSilent, !isVerifying || !isBanned(hosts[slot].owner) else {
            return false
        }
        guard hosts[slot].restUntil <= now else {
            wake(slot, at: hosts[slot].restUntil)
            return false
        }
        let before = leases.opened
        grantNext(to: slot, busySeconds: busySeconds, &effects)
        guard leases.opened > before else {
            scheduleTailCheck()
            return false
        }
        if hosts[slot].isAway {
            hosts[slot].isAway = false
            hosts[slot].mark = now.advanced(bySeconds: max(busySeconds, hosts[slot].roundTripSeconds))
            hosts[slot].measured = hosts[slot].mark
            awayHosts -= 1
            setRate(slot)
        }
        serve(slot, &effects)
        return true
    }

    /// A host has no lease here any more: it is whosoever asks next, and is not counted on.
    mutating func sendAway(_ slot: Int) {
        if !hosts[slot].isAway {
            hosts[slot].isAway = true
            awayHosts += 1
            setRate(slot)
        }
        ask(slot)
    }

    /// The host should have a lease, from here or elsewhere.
    mutating func ask(_ slot: Int) { offers?.asks.append(hosts[slot].id) }

    /// A host was heard of by way of another job.
    mutating func hearElsewhere(_ host: HostID, at time: Tick) {
        guard let slot = hosts.slot(of: host), hosts[slot].running >= 0 else { return }
        begin(time)
        hear(slot)
    }

    /// A host has finished what it had of other jobs, and comes to its lease here now.
    mutating func turnTo(_ host: HostID, at time: Tick) {
        guard let slot = hosts.slot(of: host), hosts[slot].running >= 0 else { return }
        hearElsewhere(host, at: time)
        guard leases[hosts[slot].running].ran == 0 else { return }
        hosts[slot].mark = now
        hosts[slot].measured = now
        wake(slot, at: now.advanced(bySeconds: max(0, outlook(slot).rest - aheadWindow(slot))))
    }

    /// How fast a host is, in units a second; nil while that is not measured.
    func rate(of host: HostID) -> Double? {
        guard let slot = hosts.slot(of: host), hosts[slot].speed.samples > 0 else { return nil }
        return hosts[slot].speed.rate
    }

    /// What other jobs say of a host's speed, in units a second of this one; it counts until it was measured here.
    mutating func hint(_ host: HostID, rate: Double) {
        guard let slot = hosts.slot(of: host), rate > 0, rate.isFinite else { return }
        hosts[slot].hintedRate = rate
    }

    /// Cuts leases that last longer than the turn that a host has now: others want hosts, too. O(hosts).
    mutating func shortenLeases(at time: Tick, _ effects: inout [Effect]) {
        begin(time)
        guard let seconds = offers?.turnSeconds, seconds.isFinite else { return }
        for slot in hosts.slots.indices where hosts[slot].isPresent && hosts[slot].running >= 0 {
            let rate = assumedRate(slot)
            guard rate > 0 else { continue }
            let outlook = outlook(slot)
            let lease = leases[hosts[slot].running]
            if hosts[slot].queued >= 0, outlook.rest > seconds { revoke(leaseAt: hosts[slot].queued, &effects) }
            guard lease.twin < 0, !lease.isCheck else { continue }
            let kept = UInt64(min(max(1, rate * seconds), 1e18))
            guard outlook.unstarted > kept else { continue }
            let cut = lease.end - (outlook.unstarted - kept)
            effects.append(.revoke(lease.id, host: hosts[slot].id, from: cut))
            drop(leaseAt: hosts[slot].running, from: cut)
            serve(slot, &effects)
        }
        effects = end(effects)
    }

    /// Ends the job before it is finished: everything is revoked. O(leases).
    mutating func abandon(at time: Tick) -> [Effect] {
        begin(time)
        var effects: [Effect] = []
        closeEverything(&effects)
        return effects
    }
}
