public import TalkootCore

extension SharedScheduling {
    // MARK: Jobs

    /// A job is there and wants hosts. Its scheduler must be fresh, apart from ``Scheduling/restore(_:by:traits:at:digest:)`` and
    /// ``Scheduling/ban(_:)``: hosts come only from here.
    ///
    /// `share` is the requester's, for all his jobs; of these the one with the highest `priority` comes first, then the oldest. What
    /// others hold longer than a turn is revoked, so that the newcomer need not wait. Does nothing when the job is there already, or
    /// when there are ``maximumJobs``. O(hosts).
    public mutating func add(
        _ job: JobID, of requester: RequesterID, scheduling: Scheduling, share: Double = 1, priority: Int = 0, at time: Tick
    ) -> [Effect] {
        now = max(now, time)
        guard entries[job] == nil, entries.count < Self.maximumJobs else { return [] }
        var scheduling = scheduling
        scheduling.share()
        entries[job] = Entry(scheduling: scheduling, unitSeconds: scheduling.priorUnitSeconds)
        var effects: [Effect] = []
        let turn = turnSeconds(requesters: fairShare.requesterCount + (fairShare.has(requester) ? 0 : 1))
        for other in jobs {
            entries[other]?.scheduling.offers?.turnSeconds = turn
            entries[other]?.scheduling.offers?.owners = owners.count
            if other != job { within(other, &effects) { scheduling, now, own in scheduling.shortenLeases(at: now, &own) } }
        }
        // What was cut is off the others' clocks; only now it is known where the newcomer starts.
        fairShare.add(job, of: requester, share: share, priority: priority)
        within(job, &effects) { scheduling, now, own in own += scheduling.advance(to: now) }
        callIdle(&effects)
        settle(&effects)
        return effects
    }

    /// A job is over, or is given up: what hosts still do for it is revoked. Does nothing when it is not there. O(hosts).
    public mutating func remove(_ job: JobID, at time: Tick) -> [Effect] {
        now = max(now, time)
        guard var entry = entries.removeValue(forKey: job) else { return [] }
        var effects = entry.scheduling.abandon(at: now).map { Effect(job: job, effect: $0) }
        fairShare.remove(job)
        let turn = turnSeconds
        for other in jobs { entries[other]?.scheduling.offers?.turnSeconds = turn }
        for host in members.keys.sorted(by: { $0.rawValue < $1.rawValue }) {
            guard let place = members[host]?.jobs.firstIndex(of: job) else { continue }
            members[host]?.jobs.remove(at: place)
            offer(host, from: nil, &effects)
        }
        settle(&effects)
        return effects
    }

    // MARK: Hosts

    /// A host is there and wants work, of any job. Does nothing when it is there already. O(jobs).
    public mutating func join(
        _ host: HostID, owner: OwnerID, traits: HostTraits = HostTraits(), roundTripSeconds: Double = 0, at time: Tick
    ) -> [Effect] {
        now = max(now, time)
        guard members[host] == nil else { return [] }
        members[host] = Member(owner: owner, traits: traits, roundTripSeconds: roundTripSeconds)
        owners[owner, default: 0] += 1
        setIdle(host, true)
        crowdChanged()
        var effects: [Effect] = []
        offer(host, from: nil, &effects)
        settle(&effects)
        return effects
    }

    /// A host is gone: what it has not committed is free again, in all jobs. Does nothing when it is not there.
    public mutating func leave(_ host: HostID, at time: Tick) -> [Effect] {
        now = max(now, time)
        guard let member = members[host] else { return [] }
        setIdle(host, false)
        members[host] = nil
        owners[member.owner] = owners[member.owner].flatMap { $0 > 1 ? $0 - 1 : nil }
        crowdChanged()
        var effects: [Effect] = []
        for job in member.jobs {
            within(job, &effects) { scheduling, now, own in own += scheduling.leave(host, at: now) }
        }
        settle(&effects)
        return effects
    }

    /// A host cannot work for a job, for want of memory for instance: it is not offered again, and what it holds of it is free again.
    public mutating func exclude(_ host: HostID, from job: JobID, at time: Tick) -> [Effect] {
        now = max(now, time)
        guard members[host]?.excluded.insert(job).inserted == true else { return [] }
        var effects: [Effect] = []
        if let place = members[host]?.jobs.firstIndex(of: job) {
            members[host]?.jobs.remove(at: place)
            within(job, &effects) { scheduling, now, own in own += scheduling.leave(host, at: now) }
            offer(host, from: nil, &effects)
        }
        settle(&effects)
        return effects
    }

    // MARK: What happens in one job

    /// A host finished a run of units of one of its leases of a job; see ``Scheduling/commit(_:host:units:at:digest:)``.
    public mutating func commit(
        _ lease: LeaseID, of job: JobID, host: HostID, units: Range<UInt64>, at time: Tick,
        digest: (UInt64) -> ResultDigest = { _ in .empty }
    ) -> (verdict: CommitVerdict, effects: [Effect]) {
        var verdict = CommitVerdict.unknown
        let effects = update(job, from: host, at: time) { scheduling, now in
            let result = scheduling.commit(lease, host: host, units: units, at: now, digest: digest)
            verdict = result.verdict
            return result.effects
        }
        return (verdict, effects)
    }

    /// A host gives back a lease's units at or after `from`, and gets nothing of any job for a while.
    public mutating func release(_ lease: LeaseID, of job: JobID, host: HostID, from: UInt64, at time: Tick) -> [Effect] {
        let restsBefore = entries[job]?.scheduling.restUntil(of: host)
        return update(job, from: host, at: time) { scheduling, now in
            scheduling.release(lease, host: host, from: from, at: now)
        } then: { shared in
            guard let rests = shared.entries[job]?.scheduling.restUntil(of: host), rests != restsBefore else { return }
            shared.members[host]?.restUntil = rests
        }
    }

    /// Any other event of a job: `event` gets its scheduler, calls one of ``Scheduling``'s methods (neither ``Scheduling/join(_:owner:traits:roundTripSeconds:at:)`` nor
    /// ``Scheduling/leave(_:at:)``) with the time that it is given, and returns the effects. `host` is whose message it was, if anybody's.
    ///
    /// Does nothing for a job that is not there.
    public mutating func update(
        _ job: JobID, from host: HostID? = nil, at time: Tick, _ event: (inout Scheduling, Tick) -> [Scheduling.Effect]
    ) -> [Effect] {
        update(job, from: host, at: time, event, then: { _ in })
    }

    private mutating func update(
        _ job: JobID, from host: HostID?, at time: Tick, _ event: (inout Scheduling, Tick) -> [Scheduling.Effect],
        then: (inout SharedScheduling) -> Void
    ) -> [Effect] {
        now = max(now, time)
        var effects: [Effect] = []
        within(job, &effects) { scheduling, now, own in own += event(&scheduling, now) }
        then(&self)
        if let host, let member = members[host], member.jobs.count > 1 {
            let isFree = entries[job]?.scheduling.leaseCount(of: host) ?? 0 == 0
            for other in member.jobs where other != job {
                if isFree {
                    entries[other]?.scheduling.turnTo(host, at: now)
                } else {
                    entries[other]?.scheduling.hearElsewhere(host, at: now)
                }
            }
        }
        settle(&effects)
        return effects
    }

    /// Time has passed. Call it at ``nextDeadline``. O(jobs).
    public mutating func advance(to time: Tick) -> [Effect] {
        now = max(now, time)
        var effects: [Effect] = []
        for job in jobs {
            guard let deadline = entries[job]?.scheduling.nextDeadline, deadline <= now else { continue }
            within(job, &effects) { scheduling, now, own in own += scheduling.advance(to: now) }
        }
        if restsEnd <= now {
            restsEnd = .distantFuture
            callIdle(&effects)
        }
        settle(&effects)
        return effects
    }

    /// How many owners there are, and how long a turn is, has changed.
    private mutating func crowdChanged() {
        let (turn, count) = (turnSeconds, owners.count)
        for job in entries.keys {
            entries[job]?.scheduling.offers?.turnSeconds = turn
            entries[job]?.scheduling.offers?.owners = count
        }
    }
}
