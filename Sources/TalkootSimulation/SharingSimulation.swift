import HeapModule
import TalkootCore
public import TalkootScheduling

/// Several requesters with more work than the volunteers can do: who gets how much of them.
///
/// The product's own ``SharedScheduling`` over volunteers that come and go. Each requester has two jobs of his own unit size, of which
/// the second begins when the first is done. What was handed in is counted, in seconds of a machine of speed 1.
public struct SharingSimulation: Sendable {
    /// What came of it.
    public struct Report: Hashable, Sendable, Encodable {
        /// What each requester should have, and had over the whole time, as shares of all.
        public var wanted: [Double] = []
        /// What each had.
        public var got: [Double] = []
        /// The most that one requester's part of any ten minutes' work differed from his share, as a part of that share.
        public var worst = 0.0
        /// The part of the volunteers' time in which they worked.
        public var busy = 0.0
        /// Leases that were given.
        public var leases: UInt64 = 0
        /// How long a lease lasts at most, in seconds.
        public var turnSeconds = 0.0

        /// The figures in words.
        public var text: String {
            var lines = wanted.indices.map {
                "requester \($0 + 1): share \(fixed(wanted[$0] * 100, 2))%, had \(fixed(got[$0] * 100, 2))% of all work"
            }
            lines.append(
                "in any ten minutes at most \(fixed(worst * 100, 2))% from the share; volunteers at work \(fixed(busy * 100, 1))% of the time"
            )
            lines.append("\(leases) leases of at most \(fixed(turnSeconds, 1)) s")
            return lines.joined(separator: "\n")
        }
    }

    /// The span over which shares are compared, in seconds.
    public static let windowSeconds = 600.0

    private struct Run: Sendable {
        let job: JobID
        let lease: LeaseID
        var next: UInt64
        var end: UInt64
    }

    private struct Worker: Sendable {
        var speed: Double
        var trace: Trace
        var leaves = 0.0
        var rate = 0.0
        var isPresent = false
        var runs: [Run] = []
        var since = 0.0
        var wake = Double.infinity
        var presence = 0
    }

    private enum Kind: Sendable { case arrives, leaves(Int), works, mail(Int, SharedScheduling.Effect) }

    private struct Event: Comparable, Sendable {
        let time: Double
        let order: UInt64
        let kind: Kind
        let worker: Int

        static func < (left: Event, right: Event) -> Bool { (left.time, left.order) < (right.time, right.order) }
        static func == (left: Event, right: Event) -> Bool { left.order == right.order }
    }

    private let settings: VolunteerSimulation.Settings
    private let shares: [Double]
    private let unitSeconds: [Double]
    /// The scheduler, as it stands.
    public private(set) var scheduling = SharedScheduling()
    private var workers: [Worker]
    private var events = Heap<Event>()
    private var order: UInt64 = 0
    private var time = 0.0
    /// Work handed in, by requester and second.
    private var delivered: [[Double]]
    private var capacity = 0.0

    /// Sets the stage; `settings` says who the volunteers are and for how many hours they are watched.
    public init(_ settings: VolunteerSimulation.Settings, shares: [Double]) {
        self.settings = settings
        self.shares = shares
        unitSeconds = shares.indices.map { settings.unitSeconds * [1, 3, 0.5, 5][$0 % 4] }
        workers = (0..<settings.population.volunteers).map { number in
            Worker(
                speed: settings.population.speed(of: number, seed: settings.seed),
                trace: Trace(churn: settings.population.churn, volunteer: number, seed: settings.seed))
        }
        delivered = Array(repeating: Array(repeating: 0, count: Int(settings.hours * 3600) + 1), count: shares.count)
        let work = VolunteerSimulation.capacity(settings.population, seed: settings.seed, seconds: settings.hours * 3600)
        for (requester, share) in shares.enumerated() {
            for part in 0..<2 as Range<UInt64> {
                var policy = SchedulingPolicy()
                policy.heartbeatSeconds = 60
                let units = UInt64(max(1, work * (part == 0 ? 0.1 : 2) / unitSeconds[requester]))
                _ = scheduling.add(
                    JobID(rawValue: UInt64(requester) * 2 + part), of: RequesterID(rawValue: UInt64(requester)),
                    scheduling: Scheduling(units: units, policy: policy, priorUnitSeconds: unitSeconds[requester]), share: share, at: .zero)
            }
        }
        for number in workers.indices { plan(number) }
    }

    /// Runs to the end of the time.
    public mutating func run() -> Report {
        let end = settings.hours * 3600
        while true {
            let deadline = scheduling.nextDeadline.map { Double($0.nanoseconds) / 1e9 } ?? .infinity
            let next = events.min?.time ?? .infinity
            guard min(next, deadline) < end else { break }
            if next <= deadline, let event = events.popMin() {
                time = max(time, event.time)
                handle(event)
            } else {
                time = max(time, deadline)
                perform(scheduling.advance(to: scheduling.nextDeadline ?? .seconds(time)))
            }
        }
        return report()
    }

    private mutating func schedule(_ kind: Kind, _ worker: Int, at moment: Double) {
        guard moment.isFinite else { return }
        order += 1
        events.insert(Event(time: moment, order: order, kind: kind, worker: worker))
    }

    private mutating func plan(_ number: Int) {
        let next = workers[number].trace.next()
        workers[number].leaves = next.span.upperBound
        workers[number].rate = workers[number].speed * next.speed
        schedule(.arrives, number, at: next.span.lowerBound)
    }

    private mutating func handle(_ event: Event) {
        let number = event.worker
        let host = HostID(rawValue: UInt64(number))
        switch event.kind {
        case .arrives:
            workers[number].isPresent = true
            workers[number].presence += 1
            schedule(.leaves(workers[number].presence), number, at: workers[number].leaves)
            capacity += (min(workers[number].leaves, settings.hours * 3600) - time) * workers[number].rate
            perform(
                scheduling.join(
                    host, owner: OwnerID(rawValue: host.rawValue), roundTripSeconds: settings.roundTripSeconds, at: .seconds(time)))
        case .leaves:
            workers[number].isPresent = false
            workers[number].runs = []
            workers[number].wake = .infinity
            perform(scheduling.leave(host, at: .seconds(time)))
            plan(number)
        case .works:
            guard workers[number].isPresent, workers[number].wake == event.time else { return }
            workers[number].wake = .infinity
            handIn(number)
        case .mail(let presence, let letter):
            guard workers[number].isPresent, workers[number].presence == presence else { return }
            open(letter, number)
        }
    }

    private mutating func perform(_ effects: [SharedScheduling.Effect]) {
        for effect in effects {
            switch effect.effect {
            case .grant(let lease): post(effect, to: lease.host)
            case .revoke(_, let host, _): post(effect, to: host)
            default: break
            }
        }
    }

    private mutating func post(_ effect: SharedScheduling.Effect, to host: HostID) {
        let number = Int(host.rawValue)
        guard workers[number].isPresent else { return }
        schedule(.mail(workers[number].presence, effect), number, at: time + settings.roundTripSeconds)
    }

    private func rate(_ number: Int, _ job: JobID) -> Double { workers[number].rate / unitSeconds[Int(job.rawValue / 2)] }

    private func finished(_ number: Int) -> UInt64 {
        guard let run = workers[number].runs.first, time > workers[number].since else { return 0 }
        return min(run.end - run.next, UInt64((time - workers[number].since) * rate(number, run.job) + 1e-6))
    }

    private mutating func open(_ letter: SharedScheduling.Effect, _ number: Int) {
        switch letter.effect {
        case .grant(let lease):
            if workers[number].runs.isEmpty { workers[number].since = time }
            let run = Run(job: letter.job, lease: lease.id, next: lease.units.lowerBound, end: lease.units.upperBound)
            workers[number].runs.append(run)
        case .revoke(let lease, _, let from):
            guard let place = workers[number].runs.firstIndex(where: { $0.lease == lease && $0.job == letter.job }) else { return }
            let run = workers[number].runs[place]
            let started = place == 0 ? min(finished(number) + 1, run.end - run.next) : 0
            workers[number].runs[place].end = max(run.next + started, min(run.end, from))
            if workers[number].runs[place].end == run.next { workers[number].runs.remove(at: place) }
        default: break
        }
        look(number)
    }

    private mutating func look(_ number: Int) {
        guard let run = workers[number].runs.first else { return }
        let end = workers[number].since + Double(run.end - run.next) / rate(number, run.job)
        let wake = max(time, min(end, max(workers[number].since, time) + settings.commitSeconds))
        guard wake < workers[number].wake || workers[number].wake <= time else { return }
        workers[number].wake = wake
        schedule(.works, number, at: wake)
    }

    private mutating func handIn(_ number: Int) {
        guard let run = workers[number].runs.first else { return }
        let host = HostID(rawValue: UInt64(number))
        let count = finished(number)
        guard count > 0 else {
            perform(
                scheduling.update(run.job, from: host, at: .seconds(time)) { $0.progress(run.lease, host: host, next: run.next, at: $1) })
            return look(number)
        }
        workers[number].since += Double(count) / rate(number, run.job)
        workers[number].runs[0].next += count
        if workers[number].runs[0].next == run.end { workers[number].runs.removeFirst() }
        let result = scheduling.commit(run.lease, of: run.job, host: host, units: run.next..<run.next + count, at: .seconds(time))
        if case .accepted(let ranges) = result.verdict {
            let units = ranges.reduce(0) { $0 + ($1.upperBound - $1.lowerBound) }
            let requester = Int(run.job.rawValue / 2)
            delivered[requester][Int(time)] += Double(units) * unitSeconds[requester]
        }
        perform(result.effects)
        look(number)
    }

    private func report() -> Report {
        let all = delivered.map { $0.reduce(0, +) }
        let sum = all.reduce(0, +)
        let wanted = shares.map { $0 / shares.reduce(0, +) }
        var report = Report(wanted: wanted, got: all.map { $0 / sum }, busy: sum / capacity, turnSeconds: scheduling.turnSeconds)
        for job in scheduling.jobs { report.leases += scheduling.snapshot(of: job)?.grants ?? 0 }
        let window = Int(Self.windowSeconds)
        var sums = Array(repeating: 0.0, count: shares.count)
        for second in delivered[0].indices {
            for requester in shares.indices {
                sums[requester] += delivered[requester][second] - (second >= window ? delivered[requester][second - window] : 0)
            }
            // The first minute has no results yet.
            guard second >= window + 60 else { continue }
            let total = sums.reduce(0, +)
            for requester in shares.indices where total > 0 {
                report.worst = max(report.worst, abs(sums[requester] / total / wanted[requester] - 1))
            }
        }
        return report
    }
}
