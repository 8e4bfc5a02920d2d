import HeapModule
import TalkootCore

/// What a host is expected to do from now on with the leases it holds.
struct Outlook {
    /// Seconds until it has finished them all.
    var rest: Double
    /// Units a second, lower than measured when it is overdue.
    var rate: Double
    /// How many units of the lease it runs it has not started.
    var unstarted: UInt64
}

extension Scheduling {
    /// The prediction for a host that runs a lease.
    ///
    /// Between reports it is taken to go on at its speed. When the report of its next unit is overdue by t seconds, a
    /// unit is taken to last t seconds longer than measured, and nothing that it has not reported counts as started: a
    /// suspended host so loses its units to others the sooner the shorter they are.
    func outlook(_ slot: Int) -> Outlook {
        let lease = leases[hosts[slot].running]
        let rate = assumedRate(slot)
        let base = min(max(lease.next, lease.reported), lease.end)
        let remaining = lease.end - base
        let queued = hosts[slot].queued < 0 ? 0 : leases[hosts[slot].queued].remaining
        let all = Double(remaining) + Double(queued)
        guard rate > 0 else { return Outlook(rest: .infinity, rate: 0, unstarted: remaining > 1 ? remaining - 1 : 0) }
        let elapsed = now.seconds(since: hosts[slot].mark)
        let lag = 2 * policy.reportSeconds + hosts[slot].roundTripSeconds + 0.05
        let overdue = elapsed - 1 / rate - lag
        if overdue > 0 {
            let unitSeconds = 1 / rate + overdue
            return Outlook(
                rest: overdue + max(0, all - 1) * unitSeconds, rate: 1 / unitSeconds, unstarted: remaining > 1 ? remaining - 1 : 0)
        }
        let started = UInt64(min(max(0, elapsed) * rate + 1, 1e18))
        return Outlook(rest: max(0, all / rate - elapsed), rate: rate, unstarted: remaining > started ? remaining - started : 0)
    }

    /// A split must move at least this many seconds of work (``SchedulingPolicy/minimumSplitSeconds``).
    func minimumSplitSeconds(_ thief: Int) -> Double {
        max(min(policy.minimumSplitSeconds, max(0.005, jobSeconds / 200)), 5 * hosts[thief].roundTripSeconds)
    }

    /// Takes units from the host that would finish last, for one that is idle or will be in `busySeconds`.
    mutating func splitLease(for thief: Int, busySeconds: Double, _ effects: inout [Effect]) -> Range<UInt64>? {
        collectVictims()
        var seen: [Victim] = []
        defer { for victim in seen { victims.insert(victim) } }
        for _ in 0..<16 {
            guard let top = victims.popMax() else { return nil }
            guard hosts.isPresent(top.host), hosts[top.host].running >= 0 else { continue }
            let current = Victim(finish: predictedFinish(top.host), host: top.host)
            if current.finish < top.finish, let next = victims.max, current < next {
                victims.insert(current)
                continue
            }
            seen.append(current)
            guard top.host != thief, let range = cut(top.host, for: thief, busySeconds: busySeconds, &effects) else { continue }
            return range
        }
        return nil
    }

    /// Takes units from one host's leases for another, or nothing when it would not help enough.
    private mutating func cut(_ slot: Int, for thief: Int, busySeconds: Double, _ effects: inout [Effect]) -> Range<UInt64>? {
        let queued = hosts[slot].queued
        if hosts[slot].isSilent { return take(.max, fromLeaseAt: queued >= 0 ? queued : hosts[slot].running, &effects) }
        let outlook = outlook(slot)
        let rate = assumedRate(thief)
        guard outlook.rate > 0, rate > 0 else { return nil }
        let delay = busySeconds + hosts[thief].roundTripSeconds
        let share = ((outlook.rest - delay) * rate * outlook.rate / (rate + outlook.rate)).rounded()
        guard share >= 1 else { return nil }
        let wish = min(UInt64(min(share, 1e18)), policy.maximumLeaseUnits)
        let waiting = queued < 0 ? 0 : leases[queued].remaining
        let queuedFits = waiting >= min(wish, outlook.unstarted) || leases[hosts[slot].running].isCheck
        let source = queuedFits && waiting > 0 ? queued : hosts[slot].running
        let count = min(wish, source == queued ? waiting : outlook.unstarted)
        guard count > 0, Double(count) / rate >= minimumSplitSeconds(thief) else { return nil }
        return take(count, fromLeaseAt: source, &effects)
    }

    /// Takes up to `count` units from the end of a lease for another host.
    private mutating func take(_ count: UInt64, fromLeaseAt slot: Int, _ effects: inout [Effect]) -> Range<UInt64>? {
        let lease = leases[slot]
        guard lease.twin < 0, !lease.isCheck else { return nil }
        let taken = lease.end - min(count, lease.remaining, policy.maximumLeaseUnits)..<lease.end
        effects.append(.revoke(lease.id, host: hosts[lease.host].id, from: taken.lowerBound))
        leases[slot].end = taken.lowerBound
        refund(taken.length, ofLeaseAt: slot)
        if leases[slot].remaining == 0 { close(slot, remember: true) }
        return taken
    }

    /// The lease whose single last unit should run a second time on an idle host, since it would be done much earlier.
    mutating func leaseToCopy(for thief: Int) -> Int? {
        let rate = assumedRate(thief)
        guard rate > 0 else { return nil }
        var seen: [Victim] = []
        defer { for victim in seen { victims.insert(victim) } }
        for _ in 0..<16 {
            guard let top = victims.popMax() else { return nil }
            guard hosts.isPresent(top.host), hosts[top.host].running >= 0 else { continue }
            seen.append(top)
            let host = hosts[top.host]
            guard top.host != thief, host.queued < 0, leases[host.running].remaining == 1 || leases[host.running].isCheck,
                leases[host.running].twin < 0
            else { continue }
            let outlook = outlook(top.host)
            // A check begins anew, with all of its units.
            let lease = leases[host.running]
            if lease.isCheck, !couldRun(lease.check, on: thief) { continue }
            // And each time it was taken from somebody it is left to the next twice as long, so that it ends with whoever is there.
            let moves = lease.isCheck ? verification.checks[lease.check].moves : 0
            let again = lease.isCheck ? Double(lease.grantedEnd - lease.lower) * Double(1 << Int(min(moves, 30))) : 1
            if outlook.rate > 0, outlook.rest > 1.5 * again / rate + 2 * hosts[thief].roundTripSeconds { return host.running }
        }
        return nil
    }

    // MARK: Candidates

    /// Collects the hosts with leases, latest predicted finish first: each time while they are few, else twice a second.
    private mutating func collectVictims() {
        if hosts.count > 256, let then = victimsCollected, now.seconds(since: then) < 0.5, !victims.isEmpty { return }
        victimsCollected = now
        var found: [Victim] = []
        for (slot, host) in hosts.slots.enumerated() where host.isPresent && host.running >= 0 {
            found.append(Victim(finish: predictedFinish(slot), host: slot))
        }
        victims = Heap(found)
    }

    /// When a host finishes, in seconds since the candidates were collected; never for a silent one.
    private func predictedFinish(_ slot: Int) -> Double {
        if hosts[slot].isSilent { return .infinity }
        return outlook(slot).rest + now.seconds(since: victimsCollected ?? now)
    }

    /// Has the idle hosts look for work again after an eighth of the time that the last host still needs.
    mutating func scheduleTailCheck() {
        guard let last = victims.max else {
            tailCheck = min(tailCheck, now.advanced(bySeconds: 1))
            return
        }
        let rest = last.finish.isFinite ? last.finish - now.seconds(since: victimsCollected ?? now) : 8
        tailCheck = min(tailCheck, now.advanced(bySeconds: min(max(rest / 8, 0.01), 5)))
    }
}
