import TalkootCore

extension SharedScheduling {
    /// Lets something happen in a job, and charges its requester for what it costs.
    mutating func within(_ job: JobID, _ effects: inout [Effect], _ body: (inout Scheduling, Tick, inout [Scheduling.Effect]) -> Void) {
        guard let own = entries[job]?.change(at: now, body) else { return }
        for effect in own { effects.append(Effect(job: job, effect: effect)) }
        charge(job)
        dirty.append(job)
    }

    /// A unit's cost is what it takes on a machine of speed 1, or else on the job's hosts on average.
    private mutating func charge(_ job: JobID) {
        guard let entry = entries[job], entry.scheduling.unitsCharged != entry.charged else { return }
        let rate = entry.scheduling.rateOfStranger
        let seconds = entry.unitSeconds ?? (rate > 0 ? 1 / rate : 1)
        fairShare.charge(job, seconds: Double(entry.scheduling.unitsCharged - entry.charged) * seconds)
        entries[job]?.charged = entry.scheduling.unitsCharged
    }

    /// Answers what jobs ask, until nobody asks any more.
    mutating func settle(_ effects: inout [Effect]) {
        while let job = dirty.popLast() {
            guard let offers = entries[job]?.scheduling.offers else { continue }
            entries[job]?.scheduling.offers?.asks = []
            entries[job]?.scheduling.offers?.callsIdle = false
            for host in offers.asks { offer(host, from: job, &effects) }
            if offers.callsIdle { callIdle(&effects) }
        }
    }

    /// Offers idle hosts, of which the last ones in vain end it.
    mutating func callIdle(_ effects: inout [Effect]) {
        var misses = 0
        for host in idle.sorted(by: { $0.rawValue < $1.rawValue }) {
            offer(host, from: nil, &effects)
            misses += (members[host]?.idlePosition ?? -1) >= 0 ? 1 : 0
            if misses >= 32 { break }
        }
    }

    /// Finds work for a host that has none, or whose lease of `job` ends soon.
    mutating func offer(_ host: HostID, from job: JobID?, _ effects: inout [Effect]) {
        guard let member = members[host] else { return }
        let holders = member.jobs.filter { entries[$0]?.scheduling.leaseCount(of: host) ?? 0 > 0 }
        var busySeconds = 0.0
        if let holder = holders.first {
            setIdle(host, false)
            guard holders.count == 1, entries[holder]?.scheduling.leaseCount(of: host) == 1, holder == job,
                let rest = entries[holder]?.scheduling.rest(of: host), rest.isDue
            else { return }
            busySeconds = rest.seconds
        } else {
            setIdle(host, true)
        }
        guard member.restUntil <= now else {
            restsEnd = min(restsEnd, member.restUntil)
            return
        }
        if place(host, member, busySeconds: busySeconds, &effects) { setIdle(host, false) }
    }

    /// Has the first job in order that has something for a host grant it; says whether there was one.
    private mutating func place(_ host: HostID, _ member: Member, busySeconds: Double, _ effects: inout [Effect]) -> Bool {
        var losers: [JobID] = []
        for job in fairShare.order where !member.excluded.contains(job) {
            if members[host]?.jobs.contains(job) == false {
                guard entries[job]?.scheduling.isFinished == false else { continue }
                members[host]?.jobs.append(job)
                within(job, &effects) { scheduling, now, own in
                    own += scheduling.join(
                        host, owner: member.owner, traits: member.traits, roundTripSeconds: member.roundTripSeconds, at: now)
                }
                hint(host, member, job)
            }
            var isTaken = false
            within(job, &effects) { scheduling, now, own in
                scheduling.begin(now)
                isTaken = scheduling.offer(host, busySeconds: busySeconds, &own)
            }
            if isTaken {
                for loser in losers { fairShare.forfeit(loser, to: job) }
                return true
            }
            if entries[job]?.scheduling.isWanting == false { losers.append(job) }
        }
        return false
    }

    /// Tells a job how fast a new host is, from another job that knows it and how long units take in both.
    private mutating func hint(_ host: HostID, _ member: Member, _ job: JobID) {
        guard let unitSeconds = entries[job]?.unitSeconds else { return }
        for other in member.jobs {
            guard let entry = entries[other], let rate = entry.scheduling.rate(of: host), let seconds = entry.unitSeconds else { continue }
            entries[job]?.scheduling.hint(host, rate: rate * seconds / unitSeconds)
            return
        }
    }

    /// Puts a host on the list of idle ones or takes it off. O(1).
    mutating func setIdle(_ host: HostID, _ isIdle: Bool) {
        guard let position = members[host]?.idlePosition else { return }
        if isIdle, position < 0 {
            members[host]?.idlePosition = idle.count
            idle.append(host)
        } else if !isIdle, position >= 0 {
            let last = idle.removeLast()
            if last != host {
                idle[position] = last
                members[last]?.idlePosition = position
            }
            members[host]?.idlePosition = -1
        }
    }
}
