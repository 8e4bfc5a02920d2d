import TalkootCore

extension Scheduling {
    /// A host that holds a lease and is not heard of for this long is taken for gone, in seconds.
    var silenceSeconds: Double { 3 * policy.heartbeatSeconds }

    /// When a lease's progress is judged next.
    func deadline(ofLeaseAt slot: Int) -> Tick {
        let rate = assumedRate(leases[slot].host)
        let expected = rate > 0 ? 3 * Double(leases[slot].remaining) / rate : 0
        return now.advanced(bySeconds: max(policy.minimumDeadlineSeconds, expected) + policy.graceSeconds)
    }

    /// Looks at a host whose time has come: it may have fallen silent, or be far too slow.
    mutating func judge(_ slot: Int, _ effects: inout [Effect]) {
        guard hosts[slot].running >= 0 else { return }
        let quiet = now.seconds(since: hosts[slot].heard)
        if quiet >= silenceSeconds, !hosts[slot].isSilent {
            countOut(slot)
            hosts[slot].isSilent = true
            revokeChecks(of: slot, &effects)
            hasNewWork = true
            giveUpHopelessUnits(&effects)
        }
        guard hosts[slot].running >= 0 else { return }
        if hosts[slot].isSilent {
            if quiet >= silenceSeconds + policy.graceSeconds {
                expire(slot, &effects)
            } else {
                wake(slot, at: hosts[slot].heard.advanced(bySeconds: silenceSeconds + policy.graceSeconds))
            }
        } else if leases[hosts[slot].running].deadline <= now {
            judgeProgress(slot, &effects)
        }
    }

    /// Extends a lease that goes on at a quarter of the expected speed or better, and takes it back otherwise.
    ///
    /// While no speed is known there is nothing to judge by: then a host that is heard of keeps its lease.
    private mutating func judgeProgress(_ slot: Int, _ effects: inout [Effect]) {
        let lease = leases[hosts[slot].running]
        let rate = hosts[slot].speed.rate
        let passed = max(lease.next, lease.reported) - min(lease.nextAtJudgement, lease.next)
        let expected = now.seconds(since: lease.began) * rate / 4
        if rate > 0, Double(passed) < expected {
            rest(slot)
            return expire(slot, &effects)
        }
        leases[hosts[slot].running].nextAtJudgement = max(lease.next, lease.reported)
        leases[hosts[slot].running].began = now
        leases[hosts[slot].running].deadline = deadline(ofLeaseAt: hosts[slot].running)
    }

    /// Checks that a host runs or will run are for others, at once.
    private mutating func revokeChecks(of slot: Int, _ effects: inout [Effect]) {
        for lease in [hosts[slot].queued, hosts[slot].running] where lease >= 0 && leases[lease].isCheck {
            revoke(leaseAt: lease, &effects)
        }
    }

    private mutating func expire(_ slot: Int, _ effects: inout [Effect]) {
        revoke(leaseAt: hosts[slot].queued, &effects)
        revoke(leaseAt: hosts[slot].running, &effects)
    }
}
