import HeapModule
import TalkootCore

extension Scheduling {
    /// Gives a host what it should have now: a lease when it has none, the next one when its present one ends soon.
    mutating func serve(_ slot: Int, _ effects: inout [Effect]) {
        guard hosts.isPresent(slot), !isFinished, !hosts[slot].isSilent, !isVerifying || !isBanned(hosts[slot].owner) else { return }
        guard hosts[slot].restUntil <= now else { return wake(slot, at: hosts[slot].restUntil) }
        if hosts[slot].running < 0 {
            if isShared { return ask(slot) }
            grantNext(to: slot, busySeconds: 0, &effects)
            if hosts[slot].running < 0 { return scheduleTailCheck() }
        }
        if hosts[slot].queued < 0, assumedRate(slot) > 0 {
            let rest = outlook(slot).rest
            let window = aheadWindow(slot)
            if rest <= window {
                if isShared { ask(slot) } else { grantNext(to: slot, busySeconds: rest, &effects) }
            } else {
                wake(slot, at: now.advanced(bySeconds: rest - window))
            }
        }
        wake(slot, at: min(leases[hosts[slot].running].deadline, hosts[slot].heard.advanced(bySeconds: silenceSeconds)))
    }

    /// How long before the end of a host's lease the next one is sent, in seconds.
    func aheadWindow(_ slot: Int) -> Double {
        max(policy.aheadSeconds, 2 * hosts[slot].roundTripSeconds, leases[hosts[slot].running].expectedSeconds / 10)
    }

    /// Asks the idle hosts, fast ones first, whether there is something for them now.
    mutating func serveIdle(_ effects: inout [Effect]) {
        hasNewWork = false
        tailCheck = .distantFuture
        if isShared {
            offers?.callsIdle = true
            return
        }
        var waiting = hosts.idle
        if waiting.count <= 1024 { waiting.sort { (-hosts[$0].speed.rate, $0) < (-hosts[$1].speed.rate, $1) } }
        var misses = 0
        for slot in waiting where hosts[slot].running < 0 {
            serve(slot, &effects)
            misses += hosts[slot].running < 0 ? 1 : 0
            if misses >= 32, free.isEmpty { break }
        }
        if !hosts.idle.isEmpty { scheduleTailCheck() }
    }

    /// Looks at a host again at `moment` if not before, at the earliest in a millisecond.
    mutating func wake(_ slot: Int, at moment: Tick) {
        let time = max(moment, now.advanced(bySeconds: 0.001))
        guard time < hosts[slot].wake else { return }
        hosts[slot].wake = time
        wakes.insert(Wake(tick: time, host: slot))
        guard wakes.count > 4 * hosts.count + 64 else { return }
        let current = wakes.unordered.filter { hosts.isPresent($0.host) && hosts[$0.host].wake == $0.tick }
        wakes = .init(Set(current.map(\.host)).sorted().map { Wake(tick: hosts[$0].wake, host: $0) })
    }

    // MARK: What to grant

    /// Grants the best next range to a host that will be busy for `busySeconds` yet; nothing when there is none.
    mutating func grantNext(to slot: Int, busySeconds: Double, _ effects: inout [Effect]) {
        if let check = takeCheck(for: slot) {
            grant(verification.checks[check].units, to: slot, check: check, &effects)
            return
        }
        guard !isHeldBack(slot) else { return }
        if let unit = takeFailedUnit(for: slot) {
            grant(unit, to: slot, &effects)
            return
        }
        if !free.isEmpty {
            guard !isTooSlow(slot) else { return }
            if let range = free.take(leaseUnits(for: slot), from: hosts[slot].lastEnd) { grant(range, to: slot, &effects) }
            return
        }
        guard busySeconds == 0 || now.seconds(since: hosts[slot].searched) >= minimumSplitSeconds(slot) else { return }
        hosts[slot].searched = now
        if let range = splitLease(for: slot, busySeconds: busySeconds, &effects) {
            grant(range, to: slot, &effects)
            return
        }
        guard busySeconds == 0, let other = leaseToCopy(for: slot) else { return }
        if case let check = leases[other].check, leases[other].isCheck {
            verification.checks[check].moves = min(verification.checks[check].moves, 60) + 1
            revoke(leaseAt: other, &effects)
            // It is this host's now, whoever else is idle: nobody would get on with it if it went round.
            if let next = takeCheck(for: slot) { grant(verification.checks[next].units, to: slot, check: next, &effects) }
            return
        }
        let copy = grant(leases[other].next..<leases[other].end, to: slot, &effects)
        leases[copy].isCopy = true
        leases[copy].twin = other
        leases[other].twin = copy
    }

    /// Opens a lease and sends it.
    @discardableResult
    private mutating func grant(_ range: Range<UInt64>, to slot: Int, check: Int = -1, _ effects: inout [Effect]) -> Int {
        let rate = assumedRate(slot)
        let lease = leases.open { id in
            OpenLease(
                id: id, host: slot, lower: range.lowerBound, grantedEnd: range.upperBound, next: range.lowerBound, end: range.upperBound,
                reported: range.lowerBound, began: now, expectedSeconds: rate > 0 ? Double(range.length) / rate : 0,
                deadline: .distantFuture, nextAtJudgement: range.lowerBound)
        }
        leases[lease].deadline = deadline(ofLeaseAt: lease)
        leases[lease].charged = Int64(clamping: range.length)
        unitsCharged += leases[lease].charged
        if isVerifying { verification.standings[hosts[slot].owner, default: Standing()].leases += 1 }
        if check >= 0 {
            leases[lease].check = check
            leases[lease].isCheck = true
            verification.checks[check].place = .leased(lease)
            hosts[slot].checkSeconds += leases[lease].expectedSeconds
        } else {
            hosts[slot].workSeconds += leases[lease].expectedSeconds
            hosts[slot].lastEnd = range.upperBound
        }
        if hosts[slot].running < 0 {
            hosts[slot].running = lease
            hosts[slot].mark = now.advanced(bySeconds: hosts[slot].roundTripSeconds)
            hosts[slot].measured = hosts[slot].mark
            hosts[slot].heard = now
            hosts.setIdle(slot, false)
        } else {
            hosts[slot].queued = lease
        }
        effects.append(.grant(Lease(id: leases[lease].id, host: hosts[slot].id, units: range, isCheck: check >= 0)))
        return lease
    }

    // MARK: How much

    /// The length of the lease that a host would get now, in seconds: half of its fair share of what is left, within
    /// bounds. The lower bound is 30 s in a job of ten minutes or more, a 20th of a shorter one, at least 50 ms.
    func leaseSeconds(for slot: Int) -> Double {
        let shortest = min(max(jobSeconds / 20, 0.05), policy.minimumLeaseSeconds)
        let share = Double(free.count) / (2 * speedOfAll)
        let longest =
            hosts[slot].speed.samples == 0 ? min(policy.firstLeaseSeconds, policy.maximumLeaseSeconds) : policy.maximumLeaseSeconds
        return min(max(share, shortest), max(longest, shortest), offers?.turnSeconds ?? .infinity)
    }

    /// The size of the lease that a host gets now.
    private func leaseUnits(for slot: Int) -> UInt64 {
        let rate = assumedRate(slot)
        guard rate > 0 else { return 1 }
        let wish = min(rate * leaseSeconds(for: slot), Double(free.count), 1e18)
        var limit = policy.maximumLeaseUnits
        if priorUnitSeconds == nil, hosts[slot].speed.samples < 3 {
            let finished =
                hosts[slot].speed.samples > 0 ? hosts[slot].unitsFinished : (done.count - unitsAtStart) / UInt64(max(1, ratedHosts))
            limit = min(limit, max(1, finished).multipliedReportingOverflow(by: policy.growth).partialValue)
        }
        if policy.verification.checksEverything {
            // What is out at most must not make more checks than there is room for.
            limit = min(limit, max(1, UInt64(policy.verification.maximumChecks) * blockUnits / UInt64(2 * max(1, hosts.count))))
        }
        return max(1, min(UInt64(wish), limit))
    }

    /// A host's speed in units a second: measured, else that of the other hosts, else from calibration, else 0.
    func assumedRate(_ slot: Int) -> Double {
        let own = hosts[slot].speed.rate
        if own > 0 { return own }
        return hosts[slot].hintedRate > 0 ? hosts[slot].hintedRate : rateOfStranger
    }

    var rateOfStranger: Double {
        if ratedHosts > 0 { return totalRate / Double(ratedHosts) }
        return priorUnitSeconds.map { 1 / $0 } ?? 0
    }

    /// The speed of all hosts together, in units a second; positive whenever a host's assumed speed is.
    private var speedOfAll: Double { totalRate + Double(max(0, hosts.count - awayHosts - ratedHosts)) * rateOfStranger }

    /// How long the whole job takes on the hosts that are there, in seconds; infinite while unknown.
    var jobSeconds: Double { speedOfAll > 0 ? Double(units - unitsAtStart) / speedOfAll : .infinity }

    /// Whether a single unit on this host would end after everything else is done: then it gets none while others work.
    private mutating func isTooSlow(_ slot: Int) -> Bool {
        let rate = hosts[slot].speed.rate
        guard rate > 0, leases.count > 0, 1 / rate > Double(free.count) / speedOfAll else { return false }
        guard let fast = fastRate()?.rate else { return false }
        return 1 / rate > Double(free.count) / speedOfAll + 1.5 / fast
    }

    /// The speed that half of the hosts exceed; see ``fastRate()``.
    mutating func medianRate() -> Double? { fastRate()?.median }

    /// The speeds that a tenth and half of the hosts exceed, at most a second old when there are many. O(hosts log hosts) when not known.
    private mutating func fastRate() -> (rate: Double, median: Double, at: Tick)? {
        if hosts.count > 64, let known = knownFastRate, now.seconds(since: known.at) < 1 { return known }
        var rates: [Double] = []
        for host in hosts.slots where host.isPresent && host.countedRate > 0 { rates.append(host.countedRate) }
        rates.sort()
        guard !rates.isEmpty else { return nil }
        knownFastRate = (rates[rates.count * 9 / 10], rates[rates.count / 2], now)
        return knownFastRate
    }
}
