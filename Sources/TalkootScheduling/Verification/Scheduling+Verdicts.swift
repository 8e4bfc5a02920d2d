import TalkootCore

extension Scheduling {
    /// It is known what is right: who came to it passes, who came to anything else is convicted.
    mutating func decide(_ slot: Int, right: ResultDigest, _ effects: inout [Effect]) {
        let check = verification.checks[slot]
        close(check: slot)
        var wrong: [(owner: OwnerID, digest: ResultDigest)] = []
        let isContinued = !verification.continued.parts(of: check.units).isEmpty
        if check.digest != right, !isContinued { wrong.append((check.owner, check.digest)) }
        for vote in check.votes {
            guard let digest = vote.digest else { continue }
            if digest != right {
                wrong.append((vote.owner, digest))
            } else {
                verification.standings[vote.owner, default: Standing()].pass(cleanChecks: policy.verification.cleanChecks)
                if check.digest == right {
                    let confirmation = Standing.Confirmation(units: check.units, owner: check.owner, digest: right)
                    verification.standings[vote.owner, default: Standing()].confirm(confirmation)
                }
            }
        }
        verification.counts.unitsChecked += check.units.length
        if wrong.isEmpty { verification.counts.passed += 1 }
        if check.digest == right {
            let wasQuarantined = verification.standings[check.owner]?.isQuarantined ?? false
            verification.standings[check.owner, default: Standing()].pass(cleanChecks: policy.verification.cleanChecks)
            if wasQuarantined, verification.standings[check.owner]?.isQuarantined == false { verification.convicted -= 1 }
        }
        if check.digest != right, isContinued, verification.standings[check.owner]?.holds(check.units) == true {
            void([check.units], of: check.owner, &effects)
        }
        for (owner, digest) in wrong {
            let isShared = wrong.contains { $0.owner != owner && $0.digest == digest }
            convict(owner, ground: isShared ? .collusion : nil, units: check.units, &effects)
        }
    }

    /// Nobody could say what is right: the units are run anew, and nobody is blamed.
    mutating func abandon(_ slot: Int, _ effects: inout [Effect]) {
        let check = verification.checks[slot]
        close(check: slot)
        guard verification.standings[check.owner]?.holds(check.units) == true else { return }
        void([check.units], of: check.owner, &effects)
    }

    /// All that is not final of an owner is void; it is watched closely from now on, or gets no more work.
    mutating func convict(
        _ owner: OwnerID, ground: Conviction.Ground?, units wrong: Range<UInt64>, _ effects: inout [Effect]
    ) {
        var standing = verification.standings[owner] ?? Standing()
        guard !standing.isBanned else { return }
        if standing.state == .good { verification.convicted += 1 }
        let ground = ground ?? (standing.offences == 0 ? .wrong : .wrongAgain)
        standing.offences = min(standing.offences + 1, 254)
        standing.state = ground == .wrong ? .quarantined(clean: 0) : .banned
        verification.standings[owner] = standing
        let ranges = standing.older.ranges + standing.provisional.ranges
        cancelChecks(of: owner, &effects)
        void(ranges, of: owner, &effects)
        verification.counts.convictions += 1
        let voided = ranges.reduce(0) { $0 + $1.length }
        effects.append(.convict(Conviction(owner: owner, ground: ground, units: wrong, unitsVoided: voided)))
        if standing.isBanned { dismiss(owner, &effects) }
        if ground == .collusion { checkAgain(standing.confirmations) }
    }

    /// Results are taken back, and their units are free again.
    private mutating func void(_ ranges: [Range<UInt64>], of owner: OwnerID, _ effects: inout [Effect]) {
        guard !ranges.isEmpty else { return }
        for range in ranges {
            done.remove(range)
            verification.standings[owner]?.provisional.remove(range)
            verification.standings[owner]?.older.remove(range)
            verification.counts.unitsVoided += range.length
            for part in unleased(range) { giveBack(part) }
        }
        effects.append(.void(ranges, of: owner))
    }

    /// The parts of a range that no open lease holds: a result that came late may be in one. O(open leases).
    private func unleased(_ range: Range<UInt64>) -> [Range<UInt64>] {
        var parts = UnitSet(range)
        for lease in leases.slots where lease.isOpen && !lease.isCheck && lease.next < range.upperBound && lease.end > range.lowerBound {
            parts.remove(lease.next..<lease.end)
        }
        return parts.ranges
    }

    /// What a colluder called right is checked anew, as far as it still counts.
    private mutating func checkAgain(_ confirmations: [Standing.Confirmation]) {
        for confirmation in confirmations {
            guard let standing = verification.standings[confirmation.owner], !standing.isBanned, standing.holds(confirmation.units) else {
                continue
            }
            verification.standings[confirmation.owner]?.pending += 1
            verification.checks.add(
                Check(units: confirmation.units, owner: confirmation.owner, traits: HostTraits(), digest: confirmation.digest))
            hasNewWork = true
        }
    }

    /// Checks of results that are void need not go on, and what the convict said about others does not count. O(checks).
    private mutating func cancelChecks(of owner: OwnerID, _ effects: inout [Effect]) {
        for slot in verification.checks.slots.indices {
            let check = verification.checks[slot]
            guard check.place != .over else { continue }
            guard check.owner == owner else {
                verification.checks.withdraw(votesOf: owner, at: slot)
                continue
            }
            close(check: slot)
            guard case .leased(let lease) = check.place else { continue }
            leases[lease].check = -1
            leases[lease].isCheck = true
            revoke(leaseAt: lease, &effects)
        }
    }

    private mutating func close(check slot: Int) {
        let owner = verification.checks[slot].owner
        verification.standings[owner]?.pending -= 1
        for run in verification.ownRuns.indices where verification.ownRuns[run].slot == slot { verification.ownRuns[run].slot = nil }
        verification.checks.remove(slot)
    }

    /// Takes everything from the hosts of an owner.
    private mutating func dismiss(_ owner: OwnerID, _ effects: inout [Effect]) {
        for slot in hosts.slots.indices where hosts[slot].isPresent && hosts[slot].owner == owner {
            revoke(leaseAt: hosts[slot].queued, &effects)
            revoke(leaseAt: hosts[slot].running, &effects)
        }
    }
}
