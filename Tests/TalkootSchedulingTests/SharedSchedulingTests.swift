import Foundation
import TalkootCore
import TalkootScheduling
import TalkootTesting
import Testing

/// Several jobs on one crowd of hosts.
@Suite struct SharedSchedulingTests {
    private let ann = RequesterID(rawValue: 1)
    private let ben = RequesterID(rawValue: 2)
    private let first = JobID(rawValue: 1)
    private let second = JobID(rawValue: 2)
    private func host(_ number: UInt64) -> HostID { HostID(rawValue: number) }

    private func job(_ units: UInt64) -> Scheduling { Scheduling(units: units, priorUnitSeconds: 1) }

    private func leases(_ effects: [SharedScheduling.Effect]) -> [(job: JobID, lease: Lease)] {
        effects.compactMap { if case .grant(let lease) = $0.effect { ($0.job, lease) } else { nil } }
    }

    private func join(_ shared: inout SharedScheduling, _ number: UInt64, at time: Double = 0) -> [SharedScheduling.Effect] {
        shared.join(host(number), owner: OwnerID(rawValue: number), at: .seconds(time))
    }

    @Test("Hosts go to the requesters in turn, whose leases are short then")
    func turns() {
        var shared = SharedScheduling()
        #expect(shared.add(first, of: ann, scheduling: job(100_000), at: .zero).isEmpty)
        #expect(shared.add(second, of: ben, scheduling: job(100_000), at: .zero).isEmpty)
        var granted: [(job: JobID, lease: Lease)] = []
        for number in 1...8 as ClosedRange<UInt64> { granted += leases(join(&shared, number)) }
        #expect(granted.count { $0.job == first } == 4)
        #expect(granted.allSatisfy { $0.lease.units.count <= 5 })
        #expect(shared.brokenInvariant() == nil)
    }

    @Test("The only requester has long leases; when another one comes they are cut, and the host is his next")
    func newcomer() throws {
        var shared = SharedScheduling()
        _ = shared.add(first, of: ann, scheduling: job(100_000), at: .zero)
        let long = try #require(leases(join(&shared, 1)).first)
        #expect(long.lease.units == 0..<60)
        _ = shared.commit(long.lease.id, of: first, host: host(1), units: 0..<10, at: .seconds(10))
        let effects = shared.add(second, of: ben, scheduling: job(100_000), at: .seconds(10))
        #expect(effects.first == .init(job: first, effect: .revoke(long.lease.id, host: host(1), from: 13)))
        var held = [(job: first, id: long.lease.id, units: 10..<13 as Range<UInt64>)]
        held += leases(effects).map { ($0.job, $0.lease.id, $0.lease.units) }
        var time = 10.0
        while !held.contains(where: { $0.job == second }), time < 30 {
            let next = held.removeFirst()
            time += Double(next.units.count)
            let more = shared.commit(next.id, of: next.job, host: host(1), units: next.units, at: .seconds(time)).effects
            held += leases(more).map { ($0.job, $0.lease.id, $0.lease.units) }
        }
        #expect(time < 20)
        #expect(shared.brokenInvariant() == nil)
    }

    @Test("A requester's job that has nothing left to do lets the next one in, before the first is finished")
    func overlap() throws {
        var shared = SharedScheduling()
        _ = shared.add(first, of: ann, scheduling: job(1), at: .zero)
        _ = shared.add(second, of: ann, scheduling: job(100), priority: -1, at: .zero)
        #expect(leases(join(&shared, 1)).map(\.job) == [first])
        let other = try #require(leases(join(&shared, 2)).first)
        #expect(other.job == second)
        let third = leases(shared.add(JobID(rawValue: 3), of: ann, scheduling: job(100), priority: 7, at: .seconds(0.1)))
        #expect(third.isEmpty)
        let next = shared.commit(other.lease.id, of: second, host: host(2), units: other.lease.units, at: .seconds(50)).effects
        #expect(leases(next).first?.job == JobID(rawValue: 3))
    }

    @Test("A job that is removed gives its hosts to the others, and revokes what they hold")
    func removing() throws {
        var shared = SharedScheduling()
        _ = shared.add(first, of: ann, scheduling: job(1000), at: .zero)
        let lease = try #require(leases(join(&shared, 1)).first).lease
        _ = shared.add(second, of: ben, scheduling: job(10), priority: -1, at: .seconds(0.5))
        let effects = shared.remove(first, at: .seconds(1))
        #expect(effects.first == .init(job: first, effect: .revoke(lease.id, host: host(1), from: 0)))
        #expect(leases(effects).map(\.job) == [second])
        #expect(shared.commit(lease.id, of: first, host: host(1), units: 0..<1, at: .seconds(2)).verdict == .unknown)
        #expect(shared.jobs == [second])
        #expect(shared.brokenInvariant() == nil)
    }

    @Test("A host that leaves gives back what it holds of all jobs; one that releases rests for all; one that cannot is not asked")
    func hosts() throws {
        var shared = SharedScheduling()
        _ = shared.add(first, of: ann, scheduling: job(1000), at: .zero)
        _ = shared.add(second, of: ben, scheduling: job(1000), at: .zero)
        let lease = try #require(leases(join(&shared, 1)).first)
        #expect(leases(shared.release(lease.lease.id, of: lease.job, host: host(1), from: 0, at: .seconds(1))).isEmpty)
        #expect(leases(shared.advance(to: .seconds(3))).isEmpty)
        let back = try #require(leases(shared.advance(to: .seconds(6.1))).first)
        let other = leases(shared.exclude(host(1), from: back.job, at: .seconds(6.2)))
        #expect(other.count == 1 && other.first?.job != back.job)
        _ = shared.leave(host(1), at: .seconds(7))
        for job in [first, second] { #expect(shared.scheduling(of: job)?.snapshot.leases == 0) }
        #expect(shared.brokenInvariant() == nil)
    }

    @Test("Whatever happens in whichever job, no unit is lost or taken twice, no host is forgotten, and all jobs can be finished")
    func randomEvents() {
        let only = ProcessInfo.processInfo.environment["TALKOOT_SEED"].flatMap(UInt64.init)
        for seed in only.map({ [$0] }) ?? Array(1...100) {
            var story = SharedStory(seed: seed)
            guard let problem = story.tell() else { continue }
            Issue.record("\(problem); repeat it with TALKOOT_SEED=\(seed) swift test --filter SharedSchedulingTests")
            return
        }
    }
}

/// A random sequence of events over a few jobs and hosts.
struct SharedStory {
    private var random: SeededRandom
    private var shared = SharedScheduling()
    private var now = Tick.zero
    private var granted: [(job: JobID, lease: Lease)] = []
    private var present: [HostID] = []
    private var finished: [JobID: Set<UInt64>] = [:]
    private var sizes: [JobID: UInt64] = [:]
    private var over: Set<JobID> = []
    private var lastHost: UInt64 = 0
    private var problem: String?

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    /// Tells it; what went wrong, or nil.
    mutating func tell() -> String? {
        for step in 0..<120 {
            happen()
            problem = problem ?? shared.brokenInvariant()
            if let problem { return "step \(step): \(problem)" }
        }
        return bringToAnEnd()
    }

    private mutating func happen() {
        now = now.advanced(bySeconds: Double(random.below(30)) / 10)
        switch random.below(16) {
        case 0 where sizes.count < 6:
            let job = JobID(rawValue: UInt64(sizes.count))
            sizes[job] = random.below(200) + 1
            take(
                shared.add(
                    job, of: RequesterID(rawValue: random.below(3)),
                    scheduling: Scheduling(units: sizes[job] ?? 1, priorUnitSeconds: random.chance(0.5) ? 0.3 : nil),
                    share: Double(random.below(3) + 1), priority: Int(random.below(3)), at: now))
        case 1 where random.chance(0.2):
            guard let job = shared.jobs.randomElement(using: &random) else { break }
            over.insert(job)
            take(shared.remove(job, at: now))
        case 2 where present.count < 6, 3 where present.count < 6:
            lastHost += 1
            present.append(HostID(rawValue: lastHost))
            take(shared.join(HostID(rawValue: lastHost), owner: OwnerID(rawValue: lastHost % 4), at: now))
        case 4 where !present.isEmpty:
            take(shared.leave(present.remove(at: Int(random.below(UInt64(present.count)))), at: now))
        case 5:
            guard let (job, lease) = granted.randomElement(using: &random) else { break }
            take(shared.release(lease.id, of: job, host: lease.host, from: lease.units.lowerBound, at: now))
        case 6:
            guard let (job, lease) = granted.randomElement(using: &random) else { break }
            let unit = lease.units.lowerBound
            take(
                shared.update(job, from: lease.host, at: now) {
                    $0.fail(lease.id, host: lease.host, unit: unit, outcome: .exited(status: 1), at: $1)
                })
        case 7:
            guard let host = present.randomElement(using: &random), let job = shared.jobs.randomElement(using: &random),
                random.chance(0.1)
            else { break }
            take(shared.exclude(host, from: job, at: now))
        case 8, 9: take(shared.advance(to: max(now, shared.nextDeadline ?? now)))
        default: work()
        }
    }

    private mutating func work() {
        guard let place = granted.indices.randomElement(using: &random) else { return }
        let (job, lease) = granted[place]
        let end = random.chance(0.5) ? lease.units.upperBound : lease.units.lowerBound + 1
        commit(job, lease, lease.units.lowerBound..<end)
        if end == lease.units.upperBound { granted.remove(at: place) }
    }

    private mutating func commit(_ job: JobID, _ lease: Lease, _ units: Range<UInt64>) {
        let result = shared.commit(lease.id, of: job, host: lease.host, units: units, at: now)
        if case .accepted(let ranges) = result.verdict {
            for unit in ranges.joined() where !finished[job, default: []].insert(unit).inserted { problem = "unit \(unit) was taken twice" }
        }
        take(result.effects)
    }

    private mutating func take(_ effects: [SharedScheduling.Effect]) {
        for effect in effects {
            switch effect.effect {
            case .grant(let lease):
                if !present.contains(lease.host) { problem = "a lease for a host that is gone" }
                if over.contains(effect.job) { problem = "a lease of a job that is over" }
                granted.append((effect.job, lease))
            case .giveUp(let unit, _): finished[effect.job, default: []].insert(unit)
            case .finished:
                over.insert(effect.job)
                if UInt64(finished[effect.job, default: []].count) != sizes[effect.job] { problem = "finished too early" }
            case .revoke, .void, .convict, .runHere: break
            }
        }
    }

    private mutating func bringToAnEnd() -> String? {
        for host in present { take(shared.leave(host, at: now)) }
        (present, granted) = ([], [])
        for _ in 0..<3 {
            lastHost += 1
            present.append(HostID(rawValue: lastHost))
            take(shared.join(HostID(rawValue: lastHost), owner: OwnerID(rawValue: 100 + lastHost), at: now))
        }
        for _ in 0..<6000 where problem == nil && shared.jobs.contains(where: { !over.contains($0) }) {
            now = now.advanced(bySeconds: 0.3)
            if let (job, lease) = granted.popLast() {
                commit(job, lease, lease.units)
            } else {
                guard let deadline = shared.nextDeadline else { return "stands still" }
                now = max(now, deadline)
                take(shared.advance(to: now))
            }
        }
        if let problem = problem ?? shared.brokenInvariant() { return "at the end: \(problem)" }
        return shared.jobs.allSatisfy(over.contains) ? nil : "never ends"
    }
}
