import NIOCore
import TalkootCore
import TalkootProtocol
import TalkootScheduling

/// What the coordinator's shell does round the scheduler: the journal before the acknowledgement, and recovery from it.
extension ClusterSimulation {
    /// A process begins, with what the journal has.
    mutating func startCoordinator() {
        epoch += 1
        var policy = SchedulingPolicy()
        policy.verification = VerificationPolicy(plan.level, seed: AuditSeed(plan.seed, 1))
        policy.verification.ownMachineChecks = 1
        var finished = journal.givenUp.sorted().map { $0..<$0 + 1 }
        if plan.level == .none { finished += journal.results.keys.sorted().map { $0..<$0 + 1 } }
        var fresh = Scheduling(units: plan.units, finished: finished, policy: policy, priorUnitSeconds: epoch % 2 == 0 ? 0.3 : nil)
        for owner in journal.banned.sorted() { fresh.ban(OwnerID(rawValue: owner)) }
        believed = journal.results
        scheduling = fresh
        if plan.level != .none { restore() }
        for (unit, result) in acknowledged.sorted(by: { $0.key < $1.key }) where journal.results[unit] != result {
            fail("unit \(unit) was acknowledged, and the journal does not have it")
        }
        advanceScheduler()
        schedule(.dial, at: time + 0.01)
    }

    private mutating func restore() {
        let now = now
        for (unit, result) in journal.results.sorted(by: { $0.key < $1.key }) {
            let effects = scheduling?.restore(unit..<unit + 1, by: OwnerID(rawValue: result.owner), at: now) { _ in
                ResultDigest(unit, result.value)
            }
            carryOut(effects ?? [])
        }
    }

    /// The process is gone, and of what was on its way to the disk a part got there.
    mutating func killCoordinator() {
        journal.crash(keeping: Int(random.uniform() * Double(journal.pending.count + 1)))
        scheduling = nil
        isSyncing = false
        hostPlace = [:]
        // What checks found was not written down: they are drawn again.
        contradicted = [:]
        waiting = [:]
        epoch += 1
    }

    mutating func advanceScheduler() {
        let now = now
        carryOut(scheduling?.advance(to: now) ?? [])
    }

    // MARK: Connections

    /// A connection is open: asks the volunteer to take part.
    mutating func ask(_ number: Int) {
        send(.request(Message.WorkRequest(title: "sim", info: "", moduleName: "sim", job: description)), number, .coordinator)
    }

    /// A connection is gone, and its slots with it.
    mutating func lose(_ number: Int) {
        let now = now
        let hosts = links[number]?.hosts ?? []
        links[number]?.hosts = []
        for host in hosts {
            hostPlace[host] = nil
            if mistake == .forgetsHosts { continue }
            carryOut(scheduling?.leave(HostID(rawValue: host), at: now) ?? [])
        }
    }

    /// Something came from a volunteer.
    mutating func hear(_ event: PeerEvent, from number: Int) {
        let now = now
        guard scheduling != nil else { return }
        switch event {
        case .message(.ready(let ready)):
            for slot in 0..<ready.slots {
                lastHost += 1
                hostPlace[lastHost] = (number, slot)
                links[number]?.hosts.append(lastHost)
                carryOut(
                    scheduling?.join(HostID(rawValue: lastHost), owner: OwnerID(rawValue: UInt64(number)), at: now) ?? [])
            }
        case .message(.progress(let progress)):
            guard let host = links[number]?.leases[progress.lease] else { return fail("progress of a lease that was never granted") }
            carryOut(
                scheduling?.progress(LeaseID(rawValue: progress.lease), host: HostID(rawValue: host), next: progress.next, at: now) ?? [])
        case .message(.release(let release)):
            guard let host = links[number]?.leases[release.lease] else { return fail("a release of a lease that was never granted") }
            carryOut(
                scheduling?.release(LeaseID(rawValue: release.lease), host: HostID(rawValue: host), from: release.from, at: now) ?? [])
        case .message(.response), .message(.error): break
        case .message(let message): fail("a volunteer sent \(message)")
        case .commit(let commit): take(commit, from: number)
        case .body, .chunk, .checkpoint, .writable: break
        }
        flush(number, .coordinator)
    }

    private mutating func take(_ commit: Commit, from number: Int) {
        let now = now
        guard let host = links[number]?.leases[commit.lease] else { return fail("units of a lease that was never granted") }
        let lease = LeaseID(rawValue: commit.lease)
        if let failure = commit.failure {
            carryOut(
                scheduling?.fail(lease, host: HostID(rawValue: host), unit: commit.units.lowerBound, outcome: failure, at: now) ?? [])
            return acknowledge(commit.units, of: commit.lease, number)
        }
        var bytes = commit.bytes
        let values = commit.units.map { _ in bytes.readInteger(as: UInt64.self) ?? 0 }
        let first = commit.units.lowerBound
        let isCheck = scheduling?.isCheck(lease) == true
        guard
            let result = scheduling?.commit(
                lease, host: HostID(rawValue: host), units: commit.units, at: now, digest: { ResultDigest($0, values[Int($0 - first)]) })
        else { return }
        if isCheck, plan.volunteers[number].role == .honest { note(commit.units, values) }
        switch result.verdict {
        case .unknown: fail("volunteer \(number) was called a liar for units \(commit.units) of lease \(commit.lease)")
        case .accepted(let ranges): accept(ranges, values, first, commit, number)
        case .duplicate:
            if mistake == .keepsDuplicates { accept([commit.units], values, first, commit, number) }
            acknowledge(commit.units, of: commit.lease, number)
        }
        carryOut(result.effects)
    }

    /// An honest volunteer ran units anew: what it says of results that count.
    private mutating func note(_ units: Range<UInt64>, _ values: [UInt64]) {
        for (unit, value) in zip(units, values) {
            guard let result = believed[unit], result.value != value else { continue }
            contradicted[unit] = result
        }
    }

    private mutating func accept(_ ranges: [Range<UInt64>], _ values: [UInt64], _ first: UInt64, _ commit: Commit, _ number: Int) {
        for range in ranges {
            let part = range.map { values[Int($0 - first)] }
            for (unit, value) in zip(range, part) {
                if believed[unit] != nil, mistake == nil { fail("unit \(unit) was taken twice") }
                believed[unit] = SimulatedJournal.Stored(owner: UInt64(number), value: value)
            }
            // The last range of a commit acknowledges all of it.
            let lease = range == ranges.last ? commit.lease : 0
            journal.append(.results(range, owner: UInt64(number), values: part, link: links[number]?.serial ?? 0, lease: lease))
            waiting[journal.pending.count - 1] = commit.units
        }
        if mistake == .acknowledgesEarly, let last = ranges.last {
            noteAcknowledged(last, UInt64(number))
        }
        startSync()
    }

    private mutating func acknowledge(_ units: Range<UInt64>, of lease: UInt64, _ number: Int) {
        send(.acknowledge(Message.Acknowledgement(job: Self.job, lease: lease, units: units)), number, .coordinator)
    }

    // MARK: The journal

    private mutating func startSync() {
        guard !isSyncing else { return }
        isSyncing = true
        schedule(.sync(epoch: epoch), at: time + plan.syncSeconds)
    }

    /// What was written is on the disk: audits are drawn, and volunteers hear that they may forget.
    mutating func sync(_ epoch: Int) {
        let now = now
        guard epoch == self.epoch, scheduling != nil else { return }
        isSyncing = false
        let commits = waiting
        waiting = [:]
        for (position, entry) in journal.sync().enumerated() {
            guard case .results(let range, let owner, let values, let link, let lease) = entry else { continue }
            noteAcknowledged(range, owner)
            carryOut(
                scheduling?.written(range, by: OwnerID(rawValue: owner), at: now) { ResultDigest($0, values[Int($0 - range.lowerBound)]) }
                    ?? [])
            guard lease != 0, let units = commits[position], let number = links.firstIndex(where: { $0?.serial == link }) else { continue }
            acknowledge(units, of: lease, number)
            flush(number, .coordinator)
        }
    }

    private mutating func noteAcknowledged(_ range: Range<UInt64>, _ owner: UInt64) {
        for unit in range {
            let result = believed[unit]
            acknowledged[unit] = result?.owner == owner ? result : acknowledged[unit]
        }
    }

    mutating func finishOwnRun(_ units: Range<UInt64>, _ epoch: Int) {
        let now = now
        guard epoch == self.epoch else { return }
        carryOut(scheduling?.ranHere(units, at: now) { ResultDigest($0, Self.right($0)) } ?? [])
    }

    // MARK: Effects

    mutating func carryOut(_ effects: [Scheduling.Effect]) {
        for effect in effects {
            switch effect {
            case .grant(let lease):
                guard let place = hostPlace[lease.host.rawValue] else { return fail("a lease for a host that is gone") }
                links[place.volunteer]?.leases[lease.id.rawValue] = lease.host.rawValue
                send(
                    .grant(Message.Grant(job: Self.job, lease: lease.id.rawValue, slot: place.slot, units: lease.units)), place.volunteer,
                    .coordinator)
                flush(place.volunteer, .coordinator)
            case .revoke(let lease, let host, let from):
                guard let place = hostPlace[host.rawValue] else { continue }
                send(.revoke(Message.Revocation(job: Self.job, lease: lease.rawValue, from: from)), place.volunteer, .coordinator)
                flush(place.volunteer, .coordinator)
            case .giveUp(let unit, _):
                if unit != plan.poison, plan.volunteers.allSatisfy({ $0.flakiness == 0 }) { fail("unit \(unit) was given up") }
                journal.append(.giveUp(unit))
                startSync()
            case .void(let ranges, let owner):
                guard mistake != .ignoresVerdicts else { continue }
                for unit in ranges.joined() where believed[unit]?.owner == owner.rawValue {
                    (believed[unit], acknowledged[unit]) = (nil, nil)
                }
                journal.append(.void(ranges, owner: owner.rawValue))
                startSync()
            case .convict(let conviction): convict(conviction)
            case .runHere(let units):
                schedule(.ownRun(units, epoch: epoch), at: time + 0.3 * Double(units.upperBound - units.lowerBound))
            case .finished: finish()
            }
        }
    }

    private mutating func convict(_ conviction: Conviction) {
        report.convictions += 1
        let owner = conviction.owner.rawValue
        if plan.volunteers[Int(owner)].role == .honest { fail("volunteer \(owner) is honest and was convicted") }
        guard conviction.isBan else { return }
        journal.append(.ban(owner))
        startSync()
    }

    /// The job is over once all is on the disk.
    private mutating func finish() {
        _ = journal.sync()
        isOver = true
    }
}
