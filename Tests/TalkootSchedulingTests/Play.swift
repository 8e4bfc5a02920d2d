import TalkootCore
import TalkootScheduling

/// A job with a few volunteers, played step by step: each unit takes a tenth of a second, messages take no time.
struct Play {
    /// What is left of a lease.
    struct Held {
        let id: LeaseID
        let host: HostID
        let units: Range<UInt64>
    }

    enum Role { case honest, liar, colluder, wrongOnce }

    var scheduling: Scheduling
    private(set) var open: [Held] = []
    private(set) var convictions: [Conviction] = []
    private(set) var isFinished = false
    private(set) var now = Tick.zero
    private var unwritten: [(units: Range<UInt64>, owner: OwnerID, role: Role)] = []
    private var owners: [HostID: OwnerID] = [:]
    private var traits: [HostID: HostTraits] = [:]
    /// Which result stands for each unit: 0 for the right one.
    private var standing: [UInt64: UInt64] = [:]
    private var own: [Range<UInt64>] = []
    private var hasErred: Set<OwnerID> = []
    private(set) var problem: String?

    init(units: UInt64, policy: SchedulingPolicy) {
        scheduling = Scheduling(units: units, policy: policy, priorUnitSeconds: 0.1)
    }

    var wrongUnits: Int { standing.values.count { $0 != 0 } }

    func leases(of owner: UInt64) -> [Held] { open.filter { owners[$0.host] == OwnerID(rawValue: owner) } }

    mutating func join(_ owner: UInt64, _ hostTraits: HostTraits = HostTraits(), slot: UInt64 = 0) {
        let host = HostID(rawValue: owner * 1000 + slot)
        owners[host] = OwnerID(rawValue: owner)
        traits[host] = hostTraits
        perform(scheduling.join(host, owner: OwnerID(rawValue: owner), traits: hostTraits, at: now))
    }

    mutating func leave(_ owner: UInt64) {
        open.removeAll { owners[$0.host] == OwnerID(rawValue: owner) }
        perform(scheduling.leave(HostID(rawValue: owner * 1000), at: now))
    }

    mutating func perform(_ effects: [Scheduling.Effect]) {
        for effect in effects {
            switch effect {
            case .grant(let lease): open.append(Held(id: lease.id, host: lease.host, units: lease.units))
            case .revoke(let lease, _, let from):
                guard let place = open.firstIndex(where: { $0.id == lease }) else { continue }
                let old = open[place]
                open.remove(at: place)
                let rest = old.units.lowerBound..<max(old.units.lowerBound, min(from, old.units.upperBound))
                if !rest.isEmpty { open.insert(Held(id: old.id, host: old.host, units: rest), at: place) }
            case .void(let ranges, _): for unit in ranges.joined() { standing[unit] = nil }
            case .convict(let conviction): convictions.append(conviction)
            case .runHere(let units): own.append(units)
            case .finished:
                isFinished = true
                if UInt64(standing.count) != scheduling.units { problem = "finished with \(standing.count) results" }
            case .giveUp: problem = "gave up"
            }
        }
        if let broken = scheduling.brokenInvariant() { problem = problem ?? broken }
    }

    // MARK: Work

    private func value(_ unit: UInt64, _ owner: OwnerID, _ role: Role) -> UInt64 {
        switch role {
        case .honest: 0
        case .liar: 100 + owner.rawValue
        case .colluder: 1
        case .wrongOnce: unit % 5 == 2 && !hasErred.contains(owner) ? 100 + owner.rawValue : 0
        }
    }

    /// The first unit of the first lease of this owner.
    mutating func work(_ owner: UInt64, _ role: Role, writes: Bool = true) {
        let number = OwnerID(rawValue: owner)
        guard let place = open.firstIndex(where: { owners[$0.host] == number }) else { return }
        let lease = open[place]
        let unit = lease.units.lowerBound
        now = now.advanced(bySeconds: 0.1)
        open.remove(at: place)
        let rest = unit + 1..<lease.units.upperBound
        if !rest.isEmpty { open.insert(Held(id: lease.id, host: lease.host, units: rest), at: place) }
        let answer = value(unit, number, role)
        if role == .wrongOnce, answer != 0 { hasErred.insert(number) }
        let result = scheduling.commit(lease.id, host: lease.host, units: unit..<unit + 1, at: now) { ResultDigest($0, answer) }
        if case .accepted(let ranges) = result.verdict {
            for range in ranges {
                for unit in range { standing[unit] = answer }
                unwritten.append((range, number, role))
            }
        }
        perform(result.effects)
        if writes { write() }
    }

    /// Everything is durable.
    mutating func write() {
        for entry in unwritten {
            let hostTraits = traits[HostID(rawValue: entry.owner.rawValue * 1000)] ?? HostTraits()
            let effects = scheduling.written(entry.units, by: entry.owner, traits: hostTraits, at: now) { [standing] in
                ResultDigest($0, standing[$0] ?? 0)
            }
            perform(effects)
        }
        unwritten = []
    }

    mutating func restore(_ units: Range<UInt64>, by owner: UInt64, _ role: Role) {
        let answer = value(units.lowerBound, OwnerID(rawValue: owner), role)
        for unit in units { standing[unit] = answer }
        perform(scheduling.restore(units, by: OwnerID(rawValue: owner), at: now) { ResultDigest($0, answer) })
    }

    /// The requester's machine does what it was asked for.
    mutating func runHere() {
        while !own.isEmpty {
            let units = own.removeFirst()
            now = now.advanced(bySeconds: 0.1)
            perform(scheduling.ranHere(units, at: now) { ResultDigest($0, 0) })
        }
    }

    /// All take turns until the job is over.
    mutating func workOn(_ roles: [UInt64: Role], steps: Int = 4000) {
        write()
        for _ in 0..<steps where !isFinished && problem == nil {
            for (owner, role) in roles.sorted(by: { $0.key < $1.key }) { work(owner, role) }
            runHere()
            now = now.advanced(bySeconds: 0.05)
            perform(scheduling.advance(to: now))
        }
    }
}
