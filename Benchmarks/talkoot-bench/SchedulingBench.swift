import TalkootCore
import TalkootScheduling
import TalkootTesting

/// The scheduler alone: how long a lease takes it, and how much memory a huge job.
enum SchedulingBench {
    static func run() {
        pairs()
        emptyUnits()
        hugeJob(hosts: 10_000)
        hugeJob(hosts: 100_000)
    }

    /// Leases of one unit, each committed and followed by the next.
    private static func pairs() {
        let units: UInt64 = 1_000_000
        var policy = SchedulingPolicy()
        policy.maximumLeaseUnits = 1
        var scheduling = Scheduling(units: units, policy: policy, priorUnitSeconds: 1e-6)
        var now = Tick.zero
        var open: [Lease] = []
        for host in 0..<4 as Range<UInt64> {
            collect(scheduling.join(HostID(rawValue: host), owner: OwnerID(rawValue: host), at: now), &open)
        }
        let seconds = Measure.processorSeconds {
            var next = 0
            while !scheduling.isFinished {
                guard next < open.count else {
                    now = scheduling.nextDeadline ?? now
                    collect(scheduling.advance(to: now), &open)
                    continue
                }
                let lease = open[next]
                next += 1
                now.nanoseconds += 250
                collect(scheduling.commit(lease.id, host: lease.host, units: lease.units, at: now).effects, &open)
            }
        }
        Measure.report("scheduling-lease-and-commit-ns", seconds * 1e9 / Double(units))
        Measure.report("scheduling-grants-per-second", Double(units) / seconds)
    }

    private static func collect(_ effects: [Scheduling.Effect], _ leases: inout [Lease]) {
        for case .grant(let lease) in effects { leases.append(lease) }
    }

    /// How many leases 100,000 units take that do nothing.
    private static func emptyUnits() {
        let hosts = (0..<2).map { SimulatedHost($0, unitSeconds: 1e-6, roundTripSeconds: 0.0002) }
        var job = SimulatedJob(scheduling: Scheduling(units: 100_000), hosts: hosts)
        Measure.report("scheduling-empty-units-seconds", job.run() ?? .infinity)
        Measure.report("scheduling-empty-units-leases", Double(job.scheduling.snapshot.grants))
    }

    /// 10^9 units over many hosts of different speeds that come and go: peak of ranges and memory, and the time of an event.
    private static func hugeJob(hosts: UInt64) {
        let units: UInt64 = 1_000_000_000
        var random = SeededRandom(seed: 1)
        var policy = SchedulingPolicy()
        policy.heartbeatSeconds = 600
        var scheduling = Scheduling(units: units, policy: policy, priorUnitSeconds: 1)
        let before = Measure.memoryMiB("VmRSS")
        var crowd = Crowd(hosts: hosts)
        var events = 0
        var fragments = 0
        let seconds = Measure.processorSeconds {
            for host in 0..<hosts { crowd.take(scheduling.join(HostID(rawValue: host), owner: OwnerID(rawValue: host), at: .zero)) }
            while !scheduling.isFinished {
                events += 1
                crowd.step(&scheduling, &random)
                fragments = max(fragments, scheduling.finishedRangeCount)
            }
        }
        Measure.report("scheduling-\(hosts)-hosts-event-us", seconds * 1e6 / Double(events))
        Measure.report("scheduling-\(hosts)-hosts-events", Double(events))
        Measure.report("scheduling-\(hosts)-hosts-fragments", Double(fragments))
        Measure.report("scheduling-\(hosts)-hosts-memory-MiB", Measure.memoryMiB("VmRSS") - before)
    }
}

/// Many hosts as plainly as possible: one after the other commits what it did in 300 s, at half to two units a second.
struct Crowd {
    private struct Run {
        let lease: LeaseID
        var next: UInt64
        var end: UInt64
    }

    private var runs: [[Run]]
    private var now = 0.0
    private var turn = 0

    init(hosts: UInt64) { runs = Array(repeating: [], count: Int(hosts)) }

    mutating func take(_ effects: [Scheduling.Effect]) {
        for effect in effects {
            switch effect {
            case .grant(let lease):
                runs[Int(lease.host.rawValue)].append(Run(lease: lease.id, next: lease.units.lowerBound, end: lease.units.upperBound))
            case .revoke(let id, let host, let from):
                let slot = Int(host.rawValue)
                guard let place = runs[slot].firstIndex(where: { $0.lease == id }) else { continue }
                runs[slot][place].end = max(runs[slot][place].next, min(runs[slot][place].end, from))
                if runs[slot][place].next == runs[slot][place].end { runs[slot].remove(at: place) }
            case .giveUp, .void, .convict, .runHere, .finished: break
            }
        }
    }

    /// The next host commits, or, once in a thousand times, leaves and comes back.
    mutating func step(_ scheduling: inout Scheduling, _ random: inout SeededRandom) {
        turn = (turn + 1) % runs.count
        now += 300 / Double(runs.count)
        let host = HostID(rawValue: UInt64(turn))
        if random.chance(0.001) {
            runs[turn] = []
            take(scheduling.leave(host, at: .seconds(now)))
            take(scheduling.join(host, owner: OwnerID(rawValue: host.rawValue), at: .seconds(now)))
        }
        var budget = UInt64(150 + turn % 450)
        while budget > 0, let run = runs[turn].first {
            let units = run.next..<min(run.end, run.next + budget)
            budget -= units.upperBound - units.lowerBound
            runs[turn][0].next = units.upperBound
            if units.upperBound == run.end { runs[turn].removeFirst() }
            take(scheduling.commit(run.lease, host: host, units: units, at: .seconds(now)).effects)
        }
        if let deadline = scheduling.nextDeadline, deadline <= .seconds(now) { take(scheduling.advance(to: .seconds(now))) }
    }
}
