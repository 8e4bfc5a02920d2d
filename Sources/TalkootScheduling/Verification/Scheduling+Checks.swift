public import TalkootCore

extension Scheduling {
    // MARK: Who checks

    /// Whether this host gets nothing new: its owner is banned, or too many results wait for a check.
    func isHeldBack(_ slot: Int) -> Bool {
        guard isVerifying, !hosts[slot].traits.isOwn else { return false }
        if verification.checks.count >= policy.verification.maximumChecks { return true }
        let rules = policy.verification
        guard owners.count >= rules.newOwnerPool else { return false }
        let limit = max(1, Int(rules.newOwnerShare * Double(hosts.count)))
        guard owners[hosts[slot].owner, default: 0] > limit, let standing = verification.standings[hosts[slot].owner] else { return false }
        return standing.passed < rules.newOwnerPasses && standing.leases >= limit
    }

    /// The check that this host should run now, taken from those that wait.
    mutating func takeCheck(for slot: Int) -> Int? {
        guard isVerifying, verification.checks.count > 0, mayCheck(slot) else { return nil }
        let suits = checksSuiting(slot)
        return verification.checks.first(depth: 32, where: suits).map { verification.checks.take($0) }
    }

    /// Whether this host could take over a check that another one runs.
    mutating func couldRun(_ check: Int, on slot: Int) -> Bool {
        check >= 0 && isVerifying && mayCheck(slot) && checksSuiting(slot)(verification.checks[check])
    }

    /// Which checks this host may run at all: none of its owner's, and disputes only when it has proved itself.
    private func checksSuiting(_ slot: Int) -> (Check) -> Bool {
        let (owner, traits, rules) = (hosts[slot].owner, hosts[slot].traits, policy.verification)
        let standing = verification.standings[owner] ?? Standing()
        let isOwnOverloaded = rules.ownMachineChecks == 0 || verification.checks.disputes.count > rules.ownMachineDisputes
        let mayArbitrate = isOwnOverloaded && standing.passed >= rules.arbiterPasses
        let (isQuarantined, isBanned) = (standing.isQuarantined, standing.isBanned)
        return { check in
            guard !check.involves(owner), !(rules.isHomogeneous && traits.kind != check.traits.kind) else { return false }
            if traits.isOwn { return true }
            guard !isQuarantined, !isBanned, !check.isDisputed || mayArbitrate else { return false }
            return traits.network == nil || traits.network != check.traits.network
        }
    }

    private mutating func mayCheck(_ slot: Int) -> Bool {
        let rules = policy.verification
        if !rules.checksEverything, !free.isEmpty, hosts[slot].checkSeconds > rules.checkShare * max(hosts[slot].workSeconds, 20) {
            return false
        }
        let rate = hosts[slot].speed.rate
        guard hosts.count >= 8, rate > 0, let typical = medianRate() else { return true }
        return rate >= rules.checkerSpeed * typical
    }

    /// Whether anybody who is there could run a check. O(owners) at worst, mostly O(1).
    private func hasChecker(_ check: Check) -> Bool {
        if policy.verification.isHomogeneous { return true }
        return owners.keys.contains { owner in
            guard !check.involves(owner) else { return false }
            guard let standing = verification.standings[owner] else { return !check.isDisputed }
            return !standing.isBanned && !standing.isQuarantined
                && (!check.isDisputed || standing.passed >= policy.verification.arbiterPasses)
        }
    }

    /// Asks the requester's machine for what nobody else can check, for disputes, and at the end for whatever waits.
    mutating func askOwnMachine(_ effects: inout [Effect]) {
        let rules = policy.verification
        while verification.ownRuns.count < rules.ownMachineChecks {
            let isIdle = free.isEmpty
            let found = verification.checks.first(depth: 4) { check in
                guard !rules.isHomogeneous || check.traits.kind == rules.ownKind else { return false }
                return check.isDisputed || isIdle || !hasChecker(check)
            }
            guard let found else { return }
            let check = verification.checks.take(found)
            verification.checks[check].place = .ownMachine
            verification.ownRuns.append(.init(units: verification.checks[check].units, slot: check))
            verification.counts.ownRuns += 1
            effects.append(.runHere(verification.checks[check].units))
        }
    }

    // MARK: What a check finds

    /// Units of a check were run: the last ones complete a vote.
    mutating func countCheck(
        ofLeaseAt slot: Int, units committed: Range<UInt64>, digest: (UInt64) -> ResultDigest, _ effects: inout [Effect]
    ) {
        let (lease, check) = (leases[slot], leases[slot].check)
        guard check >= 0 else { return }
        guard committed.lowerBound == lease.next, committed.upperBound <= lease.end else { return releaseCheck(ofLeaseAt: slot) }
        for unit in committed { verification.checks[check].running.append(digest(unit), key: policy.verification.seed) }
        guard committed.upperBound == lease.end else { return }
        leases[slot].check = -1
        let host = hosts[lease.host]
        let rules = policy.verification
        let isArbiter = (verification.standings[host.owner]?.passed ?? 0) >= rules.arbiterPasses
        let sum = verification.checks[check].running
        vote(on: check, Check.Vote(owner: host.owner, digest: sum, isArbiter: isArbiter), isFinal: host.traits.isOwn, &effects)
    }

    /// A check waits again, for somebody else or the same.
    mutating func releaseCheck(ofLeaseAt slot: Int) {
        let check = leases[slot].check
        guard check >= 0 else { return }
        leases[slot].check = -1
        verification.checks.enqueue(check)
        hasNewWork = true
    }

    /// Who should check could not: he is not asked for this one again.
    mutating func abstain(leaseAt slot: Int, _ effects: inout [Effect]) {
        let check = leases[slot].check
        guard check >= 0 else { return }
        leases[slot].check = -1
        vote(on: check, Check.Vote(owner: hosts[leases[slot].host].owner, digest: nil, isArbiter: false), isFinal: false, &effects)
    }

    /// Counts a vote and decides when it can be decided.
    mutating func vote(on slot: Int, _ vote: Check.Vote, isFinal: Bool, _ effects: inout [Effect]) {
        let rules = policy.verification
        verification.checks[slot].votes.append(vote)
        let check = verification.checks[slot]
        if isFinal, let digest = vote.digest { return decide(slot, right: digest, &effects) }
        let opinions = check.votes.filter { $0.digest != nil }
        if !check.isDisputed {
            guard opinions.allSatisfy({ $0.digest == check.digest }) else {
                verification.checks[slot].isDisputed = true
                verification.counts.disputes += 1
                return requeue(slot)
            }
            if opinions.count >= rules.confirmations { return decide(slot, right: check.digest, &effects) }
        } else if let digest = vote.digest {
            let isAttack = Double(verification.convicted) > rules.attackShare * Double(max(verification.standings.count, 50))
            let needed = isAttack ? rules.arbitersUnderAttack : rules.arbiters
            // The first dissenter does not count as an arbiter, even if he could be one.
            let first = opinions.firstIndex { $0.digest != check.digest } ?? 0
            let arbiters = opinions[(first + 1)...].count { $0.isArbiter && $0.digest == digest }
            if arbiters >= needed { return decide(slot, right: digest, &effects) }
        }
        if check.votes.count >= rules.maximumVotes { return abandon(slot, &effects) }
        requeue(slot)
    }

    private mutating func requeue(_ slot: Int) {
        verification.checks.enqueue(slot)
        hasNewWork = true
    }

    /// The requester's machine ran units that it was asked for; without `digest` it could not.
    public mutating func ranHere(_ units: Range<UInt64>, at time: Tick, digest: ((UInt64) -> ResultDigest)?) -> [Effect] {
        begin(time)
        var effects: [Effect] = []
        guard let run = verification.ownRuns.firstIndex(where: { $0.units == units }) else { return end(effects) }
        guard let slot = verification.ownRuns.remove(at: run).slot else { return end(effects) }
        guard let digest else {
            abandon(slot, &effects)
            return end(effects)
        }
        var sum = ResultDigest.empty
        for unit in units {
            let own = digest(unit)
            sum.append(own, key: policy.verification.seed)
            // It may be taken back and come again.
            verification.known.insert(unit, own)
        }
        decide(slot, right: sum, &effects)
        return end(effects)
    }
}
