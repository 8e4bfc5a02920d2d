import HeapModule

extension Scheduling {
    /// What must hold between any two events; the first thing that does not, in words. For tests. O(hosts + ranges).
    package func brokenInvariant() -> String? {
        brokenAccount() ?? brokenLinks() ?? brokenBounds() ?? brokenVerification()
    }

    /// Whether a lease runs units that others ran before. Nobody else is told. For tests.
    package func isCheck(_ lease: LeaseID) -> Bool { leases.slot(of: lease).map { leases[$0].isCheck } ?? false }

    /// Every unit is in exactly one place: over, free, waiting after a failure, or in one lease (a copy does not count).
    private func brokenAccount() -> String? {
        var places: [(range: Range<UInt64>, name: String)] = free.ranges.map { ($0, "free") }
        places += failed.filter(\.isWaiting).map { ($0.unit..<$0.unit + 1, "failed") }
        for lease in leases.slots where lease.isOpen {
            guard lease.next < lease.end else { return "lease \(lease.id.rawValue) is open and empty" }
            if lease.isCheck { continue }
            guard lease.isCopy else {
                places += done.missing(from: lease.next..<lease.end).map { ($0, "lease \(lease.id.rawValue)") }
                continue
            }
            guard lease.twin >= 0, case let other = leases.slots[lease.twin], other.isOpen, !other.isCopy, other.next == lease.next,
                other.end == lease.end
            else { return "copy \(lease.id.rawValue) differs from its twin" }
        }
        places += done.ranges.map { ($0, "done") }
        places.sort { ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound) }
        var unit: UInt64 = 0
        for place in places {
            if place.range.lowerBound > unit { return "unit \(unit) is lost" }
            if place.range.lowerBound < unit { return "unit \(place.range.lowerBound) is in two places, one is \(place.name)" }
            unit = place.range.upperBound
        }
        return unit == units ? nil : "unit \(unit) is lost"
    }

    /// Hosts, leases, owners and the list of idle hosts agree.
    private func brokenLinks() -> String? {
        var held: Set<Int> = []
        var present: [OwnerID: Int] = [:]
        var rate = 0.0
        for (slot, host) in hosts.slots.enumerated() where host.isPresent {
            for lease in [host.running, host.queued] where lease >= 0 {
                guard leases.slots[lease].isOpen, leases.slots[lease].host == slot, held.insert(lease).inserted else {
                    return "host \(slot) holds a wrong lease"
                }
            }
            if host.running < 0, host.queued >= 0 { return "host \(slot) has a next lease without a present one" }
            if (host.running < 0) != (host.idlePosition >= 0 || host.isAway) { return "host \(slot) is idle and busy" }
            if host.idlePosition >= 0, hosts.idle[host.idlePosition] != slot { return "host \(slot) is wrongly listed as idle" }
            if !host.isSilent { present[host.owner, default: 0] += 1 }
            rate += host.countedRate
        }
        if held.count != leases.count { return "\(leases.count - held.count) leases belong to no host" }
        if present != owners { return "the owners are miscounted" }
        if abs(rate - totalRate) > 1e-6 * max(1, rate) { return "the speed of all is \(rate), not \(totalRate)" }
        for lease in leases.slots where lease.isOpen && lease.twin >= 0 && !leases.slots[lease.twin].isOpen { return "a twin is alone" }
        return nil
    }

    /// Checks, standings and the leases that run checks agree.
    private func brokenVerification() -> String? {
        var pending: [OwnerID: Int] = [:]
        for (slot, check) in verification.checks.slots.enumerated() where check.place != .over {
            pending[check.owner, default: 0] += 1
            guard case .leased(let lease) = check.place else { continue }
            guard leases.slots[lease].isOpen, leases.slots[lease].check == slot else { return "check \(slot) is in a lease that has ended" }
        }
        var held: [OwnerID: Int] = [:]
        for lease in leases.slots where lease.isOpen { held[hosts[lease.host].owner, default: 0] += 1 }
        for (owner, standing) in verification.standings {
            if standing.pending != pending[owner, default: 0] { return "owner \(owner.rawValue) has \(standing.pending) checks open" }
            if standing.leases != held[owner, default: 0] { return "owner \(owner.rawValue) holds \(standing.leases) leases" }
            for range in standing.provisional.ranges + standing.older.ranges where !done.missing(from: range).isEmpty {
                return "units \(range) are provisional and not done"
            }
            if standing.isBanned, !standing.provisional.isEmpty { return "a banned owner's results stand" }
        }
        return nil
    }

    /// Nothing grows beyond what hosts and policy allow.
    private func brokenBounds() -> String? {
        if leases.count > 2 * hosts.count { return "\(leases.count) leases for \(hosts.count) hosts" }
        if failed.count > policy.maximumFailedUnits { return "\(failed.count) failed units" }
        if leases.closedCount > max(1, policy.rememberedLeases) { return "\(leases.closedCount) closed leases" }
        if wakes.count > 4 * hosts.count + 65 { return "\(wakes.count) wakes" }
        if free.ranges.contains(where: \.isEmpty) || done.ranges.contains(where: \.isEmpty) { return "an empty range" }
        let isIdle = hosts.slots.contains { $0.isPresent && $0.running < 0 && $0.restUntil <= now && !$0.isSilent && !isBanned($0.owner) }
        if !isFinished, isIdle, nextDeadline == nil, !isShared { return "idle hosts would wait for ever" }
        return nil
    }
}
