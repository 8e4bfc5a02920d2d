public import TalkootCore

/// A unit that failed and is neither finished nor given up.
struct FailedUnit: Sendable {
    let unit: UInt64
    /// Who failed it, one entry a failure.
    var owners: [OwnerID]
    /// What went wrong last.
    var outcome: UnitOutcome
    /// Whether it waits for a host; else one runs it.
    var isWaiting: Bool
}

extension Scheduling {
    /// A unit of a lease has no result; the host goes on with the next one.
    ///
    /// The unit is tried by hosts of other owners, and given up once three owners failed it, or each owner that is there
    /// failed it twice. A host that fails several units in a row rests while others are there. O(failed units).
    public mutating func fail(_ lease: LeaseID, host: HostID, unit: UInt64, outcome: UnitOutcome, at time: Tick) -> [Effect] {
        begin(time)
        var effects: [Effect] = []
        guard let slot = leases.slot(of: lease), hosts[leases[slot].host].id == host else { return effects }
        let holder = leases[slot].host
        hear(holder)
        guard unit >= leases[slot].next, unit < leases[slot].end else { return end(effects) }
        if leases[slot].isCheck {
            abstain(leaseAt: slot, &effects)
            if leases[slot].isOpen, leases[slot].id == lease { revoke(leaseAt: slot, &effects) }
            serve(holder, &effects)
            return end(effects)
        }
        skip(slot, to: unit)
        hosts[holder].failures = min(hosts[holder].failures + 1, 254)
        hosts[holder].mark = max(hosts[holder].mark, now)
        hosts[holder].measured = hosts[holder].mark
        leases[slot].next = unit + 1
        leases[slot].ran += 1
        var mustRest = Int(hosts[holder].failures) >= policy.failuresToRest && ownerCount > 1
        if !note(unit, owner: hosts[holder].owner, outcome: outcome, runsElsewhere: isolate(slot), &effects) { mustRest = true }
        if leases[slot].remaining == 0 { close(slot, remember: false) }
        if mustRest {
            rest(holder)
            revoke(leaseAt: hosts[holder].queued, &effects)
            revoke(leaseAt: hosts[holder].running, &effects)
        }
        serve(holder, &effects)
        return end(effects)
    }

    /// Writes a failure down; says no when too many are written down already, and then the unit is simply free again.
    private mutating func note(
        _ unit: UInt64, owner: OwnerID, outcome: UnitOutcome, runsElsewhere: Bool, _ effects: inout [Effect]
    ) -> Bool {
        guard !done.contains(unit) else { return true }
        let position = failed.firstIndex { $0.unit >= unit } ?? failed.count
        if position == failed.count || failed[position].unit != unit {
            guard failed.count < policy.maximumFailedUnits else {
                if !runsElsewhere { giveBack(unit..<unit + 1) }
                return false
            }
            failed.insert(FailedUnit(unit: unit, owners: [], outcome: outcome, isWaiting: false), at: position)
        }
        failed[position].owners.append(owner)
        failed[position].outcome = outcome
        failed[position].isWaiting = !runsElsewhere
        hasNewWork = true
        if failed[position].isWaiting, isHopeless(failed[position]) { giveUp(failed[position], &effects) }
        return true
    }

    /// Whether enough owners failed a unit.
    private func isHopeless(_ entry: FailedUnit) -> Bool {
        let distinct = Set(entry.owners)
        if distinct.count >= policy.ownersToGiveUp { return true }
        let exhausted = distinct.count { owner in
            owners[owner] != nil && entry.owners.count { $0 == owner } >= policy.failuresPerOwner
        }
        return exhausted > 0 && exhausted == ownerCount
    }

    private mutating func giveUp(_ entry: FailedUnit, _ effects: inout [Effect]) {
        unitsGivenUp += 1
        finalise(entry.unit..<entry.unit + 1)
        effects.append(.giveUp(unit: entry.unit, outcome: entry.outcome))
    }

    /// Gives up what nobody who is left can do.
    mutating func giveUpHopelessUnits(_ effects: inout [Effect]) {
        for entry in failed where entry.isWaiting && isHopeless(entry) { giveUp(entry, &effects) }
    }

    /// The first failed unit that this host may try: one that its owner has not failed, or, when no other owner is there
    /// or nothing else is left to do, has failed less than twice.
    mutating func takeFailedUnit(for slot: Int) -> Range<UInt64>? {
        let owner = hosts[slot].owner
        for position in failed.indices where failed[position].isWaiting {
            let own = failed[position].owners.count { $0 == owner }
            guard own < policy.failuresPerOwner else { continue }
            if own > 0, !free.isEmpty, hasFreshOwner(failed[position]) { continue }
            failed[position].isWaiting = false
            return failed[position].unit..<failed[position].unit + 1
        }
        return nil
    }

    /// Whether an owner is there who has not failed the unit.
    private func hasFreshOwner(_ entry: FailedUnit) -> Bool {
        Set(entry.owners).count { owners[$0] != nil } < ownerCount
    }

    /// Gives a host nothing for a while, longer each time in a row.
    mutating func rest(_ slot: Int) {
        let seconds = policy.restSeconds * Double(1 << Int(min(hosts[slot].rests, 6)))
        hosts[slot].rests = min(hosts[slot].rests + 1, 254)
        hosts[slot].restUntil = now.advanced(bySeconds: seconds)
    }
}
