import Foundation
import TalkootCore
import TalkootScheduling
import TalkootTesting
import Testing

/// Random events, some of them nonsense from hostile hosts, and after each one every invariant.
@Suite struct InvariantTests {
    @Test("Whatever happens, every unit is in one place, no result is taken twice, and the job can be finished")
    func randomEvents() {
        if let seed = ProcessInfo.processInfo.environment["TALKOOT_SEED"].flatMap(UInt64.init) {
            var story = RandomStory(seed: seed)
            #expect(story.tell() == nil)
            return
        }
        for seed in 1...1000 as ClosedRange<UInt64> {
            var story = RandomStory(seed: seed)
            guard let problem = story.tell() else { continue }
            Issue.record("\(problem); repeat it with TALKOOT_SEED=\(seed) swift test --filter randomEvents")
            return
        }
    }
}

/// One random sequence of events and a model of what may come of it.
struct RandomStory {
    private var random: SeededRandom
    private var scheduling: Scheduling
    private let units: UInt64
    private var now = Tick.zero
    private var granted: [Lease] = []
    private var present: [HostID] = []
    private var positions: [LeaseID: UInt64] = [:]
    private var finished: Set<UInt64> = []
    private var givenUp: Set<UInt64> = []
    private var announcements = 0
    private var lastHost: UInt64 = 0
    private let unitSeconds: Double
    private let failureChance: Double

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
        units = random.below(4) == 0 ? random.below(4) : random.below(400) + 1
        unitSeconds = [1e-6, 1e-3, 0.1, 3, 600][Int(random.below(5))]
        failureChance = [0, 0.02, 0.5][Int(random.below(3))]
        var policy = SchedulingPolicy()
        if random.chance(0.3) { policy.maximumLeaseUnits = random.below(5) + 1 }
        if random.chance(0.3) { policy.maximumFailedUnits = Int(random.below(4)) + 1 }
        if random.chance(0.5) { policy.rememberedLeases = Int(random.below(6)) }
        if random.chance(0.3) { policy.graceSeconds = 0 }
        var done: [Range<UInt64>] = []
        if units > 0, random.chance(0.3) {
            for _ in 0..<random.below(4) + 1 {
                let start = random.below(units)
                done.append(start..<start + random.below(30))
            }
        }
        scheduling = Scheduling(
            units: units, finished: done, policy: policy, priorUnitSeconds: random.chance(0.5) ? unitSeconds * 2 : nil)
        for range in done { finished.formUnion(range.filter { $0 < units }) }
    }

    /// Tells the story; what went wrong, or nil.
    mutating func tell() -> String? {
        for step in 0..<100 {
            let (event, effects) = happen()
            if let problem = check(effects) { return "step \(step), \(event): \(problem)" }
        }
        return bringToAnEnd()
    }

    private mutating func happen() -> (String, [Scheduling.Effect]) {
        switch random.below(20) {
        case 0...1 where present.count < 8: return ("join", join())
        case 2 where !present.isEmpty:
            let host = present.remove(at: Int(random.below(UInt64(present.count))))
            return ("leave", scheduling.leave(host, at: now))
        case 3...11: return ("work", work())
        case 12: return ("nonsense", nonsense())
        case 13:
            guard let lease = granted.randomElement(using: &random) else { break }
            let from = lease.units.lowerBound + random.below(lease.units.upperBound - lease.units.lowerBound + 2)
            return ("release", scheduling.release(lease.id, host: lease.host, from: from, at: now))
        case 14:
            guard let lease = granted.randomElement(using: &random) else { break }
            return ("progress", scheduling.progress(lease.id, host: lease.host, next: random.below(units + 2), at: now))
        case 15...17:
            now = max(now, scheduling.nextDeadline ?? now)
            return ("deadline", scheduling.advance(to: now))
        case 18:
            now = now.advanced(bySeconds: Double(random.below(1000)))
            return ("a long time", scheduling.advance(to: now))
        default: break
        }
        now = now.advanced(bySeconds: unitSeconds * Double(random.below(100)) / 10)
        return ("time", scheduling.advance(to: now))
    }

    private mutating func join() -> [Scheduling.Effect] {
        lastHost += 1
        let host = HostID(rawValue: lastHost)
        present.append(host)
        return scheduling.join(
            host, owner: OwnerID(rawValue: lastHost % 4), roundTripSeconds: Double(random.below(3)) / 10, at: now)
    }

    /// Some lease, open or long closed, of a host that is there or gone, goes on: a commit or a failure.
    private mutating func work() -> [Scheduling.Effect] {
        guard let lease = granted.randomElement(using: &random) else { return [] }
        var next = positions[lease.id] ?? lease.units.lowerBound
        if random.chance(0.05) { next = lease.units.lowerBound }
        guard next < lease.units.upperBound else { return [] }
        now = now.advanced(bySeconds: unitSeconds * Double(random.below(30)) / 10)
        if random.chance(failureChance) {
            positions[lease.id] = next + 1
            return scheduling.fail(lease.id, host: lease.host, unit: next, outcome: .failed(message: "no"), at: now)
        }
        var end = next + 1 + random.below(lease.units.upperBound - next)
        if random.chance(0.05) { next = min(next + 1, end - 1) }
        if random.chance(0.4) { end = lease.units.upperBound }
        positions[lease.id] = end
        return commit(lease.id, lease.host, next..<end)
    }

    private mutating func nonsense() -> [Scheduling.Effect] {
        let lease = random.chance(0.5) ? granted.randomElement(using: &random)?.id : nil
        let start = random.below(units + 1)
        let id = lease ?? LeaseID(rawValue: random.next())
        let host = present.randomElement(using: &random) ?? HostID(rawValue: 999)
        switch random.below(4) {
        case 0: return scheduling.fail(id, host: host, unit: random.next(), outcome: .exited(status: 1), at: now)
        case 1: return scheduling.progress(id, host: host, next: random.next(), at: now)
        case 2: return scheduling.release(id, host: host, from: random.next(), at: .zero)
        default:
            let owns = granted.contains { $0.id == id && $0.host == host && $0.units.contains(start) }
            let result = scheduling.commit(id, host: host, units: start..<start + random.below(20) + units, at: now)
            if case .accepted = result.verdict, !owns { return [.giveUp(unit: .max, outcome: .violated(rule: "took a stranger's result"))] }
            return note(result)
        }
    }

    private mutating func commit(_ lease: LeaseID, _ host: HostID, _ units: Range<UInt64>) -> [Scheduling.Effect] {
        note(scheduling.commit(lease, host: host, units: units, at: now))
    }

    private mutating func note(_ result: (verdict: CommitVerdict, effects: [Scheduling.Effect])) -> [Scheduling.Effect] {
        guard case .accepted(let ranges) = result.verdict else { return result.effects }
        for unit in ranges.joined() where !finished.insert(unit).inserted || givenUp.contains(unit) {
            return [.giveUp(unit: unit, outcome: .violated(rule: "taken twice"))]
        }
        return result.effects
    }

    private mutating func check(_ effects: [Scheduling.Effect]) -> String? {
        for effect in effects {
            switch effect {
            case .grant(let lease):
                guard present.contains(lease.host) else { return "a lease for a host that is gone" }
                guard !lease.units.isEmpty, lease.units.upperBound <= units else { return "a lease of \(lease.units)" }
                granted.append(lease)
            case .revoke(_, let host, _): if !present.contains(host) { return "a revocation for a host that is gone" }
            case .giveUp(let unit, let outcome):
                if case .violated(let rule) = outcome { return "unit \(unit): \(rule)" }
                guard !finished.contains(unit), givenUp.insert(unit).inserted else { return "gave up unit \(unit) that was over" }
            case .void, .convict, .runHere: return "a job without verification verifies"
            case .finished: announcements += 1
            }
        }
        if scheduling.isFinished != (UInt64(finished.count + givenUp.count) == units) { return "finished too early or too late" }
        if announcements > 1 || announcements == 1 && !scheduling.isFinished { return "announced \(announcements) times" }
        return scheduling.brokenInvariant()
    }

    /// Everybody leaves, two honest hosts come, and work until the end, which must come in few steps.
    private mutating func bringToAnEnd() -> String? {
        for host in present { if let problem = check(scheduling.leave(host, at: now)) { return "leaving: \(problem)" } }
        present = []
        granted = []
        for _ in 0..<2 { if let problem = check(join()) { return "joining: \(problem)" } }
        for step in 0..<4000 where !scheduling.isFinished {
            if let lease = granted.popLast() {
                now = now.advanced(bySeconds: unitSeconds)
                if let problem = check(commit(lease.id, lease.host, lease.units)) { return "end \(step): \(problem)" }
            } else {
                guard let deadline = scheduling.nextDeadline else { return "stands still" }
                now = max(now, deadline)
                if let problem = check(scheduling.advance(to: now)) { return "end \(step): \(problem)" }
            }
        }
        if units == 0 { _ = check(scheduling.advance(to: now)) }
        return scheduling.isFinished && announcements == 1 ? nil : "never ends"
    }
}
