import TalkootCore
public import TalkootScheduling

/// A job on simulated hosts in simulated time: runs the real ``Scheduling`` against hosts that report as volunteers do.
///
/// Hosts run their leases in order, commit what they finished every 0.1 s (each unit at once when it is longer) and send a
/// heartbeat every 15 s. Messages take half a round trip each. A dead host is noticed at once, as by a broken connection;
/// a suspended one is not.
public struct SimulatedJob {
    /// The mind under test.
    public private(set) var scheduling: Scheduling
    /// How many units were run in all, those run twice counted twice.
    public private(set) var unitsRun: UInt64 = 0
    /// How many units were given up.
    public private(set) var unitsGivenUp = 0

    private struct Run {
        let lease: LeaseID
        var next: UInt64
        var end: UInt64
    }

    private struct Worker {
        var host: SimulatedHost
        var queue: [Run] = []
        /// The batch in progress: its size, when it began, and when it ends; a sleeping worker's is put off.
        var batch: UInt64 = 0
        var began = 0.0
        var ends = Double.infinity
        var nextHeartbeat = Double.infinity
        var isAlive = false
    }

    private enum Message {
        case effect(Scheduling.Effect)
        case commit(LeaseID, HostID, Range<UInt64>)
        case heartbeat(LeaseID, HostID, UInt64)
    }

    private var workers: [Worker]
    private var indexOf: [HostID: Int] = [:]
    /// Messages under way, with their arrival; few, so a sorted array will do.
    private var mail: [(at: Double, order: Int, message: Message)] = []
    private var order = 0
    private var time = 0.0
    private var isOver = false

    /// Sets up a job; `hosts` must have different ids.
    public init(scheduling: Scheduling, hosts: [SimulatedHost]) {
        self.scheduling = scheduling
        workers = hosts.map { Worker(host: $0) }
        for (index, host) in hosts.enumerated() { indexOf[host.id] = index }
    }

    /// The time by which these hosts could finish `units` units if nothing were ever lost or waited for, in seconds.
    public static func idealSeconds(units: UInt64, hosts: [SimulatedHost]) -> Double {
        var low = 0.0
        var high = 1.0
        while hosts.reduce(0, { $0 + $1.capacity(until: high) }) < Double(units), high < 1e12 { high *= 2 }
        for _ in 0..<100 {
            let middle = (low + high) / 2
            if hosts.reduce(0, { $0 + $1.capacity(until: middle) }) < Double(units) { low = middle } else { high = middle }
        }
        return high
    }

    /// Runs the job to its end and returns the simulated seconds that it took; nil when it is not over after `limit` seconds.
    public mutating func run(limit: Double = 1e9) -> Double? {
        while !isOver {
            guard let next = nextMoment, next <= limit else { return nil }
            time = max(time, next)
            step()
        }
        return time
    }

    private var tick: Tick { Tick(nanoseconds: Int64((time * 1e9).rounded())) }

    /// When the next thing happens.
    private var nextMoment: Double? {
        var next = scheduling.nextDeadline.map { Double($0.nanoseconds) / 1e9 } ?? .infinity
        next = min(next, mail.last?.at ?? .infinity)
        for worker in workers {
            if worker.isAlive {
                next = min(next, worker.ends, worker.nextHeartbeat, worker.host.dies ?? .infinity)
            } else if worker.host.joins >= time, worker.host.dies ?? .infinity > worker.host.joins {
                next = min(next, worker.host.joins)
            }
        }
        return next.isFinite ? next : nil
    }

    /// Does all that is due at `time`.
    private mutating func step() {
        while let last = mail.last, last.at <= time {
            mail.removeLast()
            deliver(last.message)
        }
        for index in workers.indices { step(index) }
        if let deadline = scheduling.nextDeadline, deadline <= tick { perform(scheduling.advance(to: tick)) }
    }

    private mutating func step(_ index: Int) {
        let host = workers[index].host
        if !workers[index].isAlive, host.joins == time {
            workers[index].isAlive = true
            perform(scheduling.join(host.id, owner: host.owner, roundTripSeconds: host.roundTripSeconds, at: tick))
        }
        guard workers[index].isAlive else { return }
        if let dies = host.dies, dies <= time {
            workers[index].isAlive = false
            workers[index].host.joins = -1
            perform(scheduling.leave(host.id, at: tick))
            return
        }
        if workers[index].ends <= time { finishBatch(index) }
        if workers[index].nextHeartbeat <= time, let run = workers[index].queue.first {
            workers[index].nextHeartbeat = awake(index, after: time + 15)
            send(.heartbeat(run.lease, host.id, run.next), host)
        }
    }

    private mutating func send(_ message: Message, _ host: SimulatedHost) {
        order += 1
        let at = time + host.roundTripSeconds / 2
        let place = mail.firstIndex { ($0.at, $0.order) < (at, order) } ?? mail.count
        mail.insert((at, order, message), at: place)
    }

    private mutating func perform(_ effects: [Scheduling.Effect]) {
        for effect in effects {
            switch effect {
            case .grant(let lease): indexOf[lease.host].map { send(.effect(effect), workers[$0].host) }
            case .revoke(_, let host, _): indexOf[host].map { send(.effect(effect), workers[$0].host) }
            case .giveUp: unitsGivenUp += 1
            case .void, .convict, .runHere: break
            case .finished: isOver = true
            }
        }
    }

    private mutating func deliver(_ message: Message) {
        switch message {
        case .effect(.grant(let lease)):
            guard let index = indexOf[lease.host], workers[index].isAlive else { return }
            workers[index].queue.append(Run(lease: lease.id, next: lease.units.lowerBound, end: lease.units.upperBound))
            if workers[index].batch == 0 { startBatch(index) }
        case .effect(.revoke(let lease, let host, let from)):
            guard let index = indexOf[host], workers[index].isAlive else { return }
            stop(lease, before: from, index)
        case .effect: break
        case .commit(let lease, let host, let units):
            perform(scheduling.commit(lease, host: host, units: units, at: tick).effects)
        case .heartbeat(let lease, let host, let next):
            perform(scheduling.progress(lease, host: host, next: next, at: tick))
        }
    }

    // MARK: Work

    /// When `moment` comes for a worker that does nothing while it sleeps.
    private func awake(_ index: Int, after moment: Double, began: Double? = nil) -> Double {
        guard let sleep = workers[index].host.sleeps, moment > sleep.lowerBound, (began ?? time) < sleep.upperBound else { return moment }
        return moment + sleep.upperBound - max(sleep.lowerBound, min(began ?? time, sleep.upperBound))
    }

    private mutating func startBatch(_ index: Int) {
        workers[index].queue.removeAll { $0.next >= $0.end }
        guard let run = workers[index].queue.first else {
            workers[index].batch = 0
            workers[index].ends = .infinity
            workers[index].nextHeartbeat = .infinity
            return
        }
        let unitSeconds = workers[index].host.unitSeconds
        workers[index].batch = min(run.end - run.next, max(1, UInt64(0.1 / unitSeconds)))
        workers[index].began = time
        workers[index].ends = awake(index, after: time + Double(workers[index].batch) * unitSeconds)
        if workers[index].nextHeartbeat == .infinity { workers[index].nextHeartbeat = awake(index, after: time + 15) }
    }

    private mutating func finishBatch(_ index: Int) {
        let run = workers[index].queue[0]
        let units = run.next..<run.next + workers[index].batch
        unitsRun += workers[index].batch
        workers[index].queue[0].next = units.upperBound
        workers[index].batch = 0
        send(.commit(run.lease, workers[index].host.id, units), workers[index].host)
        startBatch(index)
    }

    /// Does not start the lease's units at or after `from`; what is started goes on.
    private mutating func stop(_ lease: LeaseID, before from: UInt64, _ index: Int) {
        guard let position = workers[index].queue.firstIndex(where: { $0.lease == lease }) else { return }
        let run = workers[index].queue[position]
        guard position == 0, workers[index].batch > 0 else {
            workers[index].queue[position].end = max(run.next, min(run.end, from))
            return
        }
        let unitSeconds = workers[index].host.unitSeconds
        let began = workers[index].began
        let started = min(workers[index].batch, UInt64(max(0, (time - began) / unitSeconds)) + 1)
        let end = max(run.next + started, min(run.end, from))
        workers[index].queue[0].end = min(run.end, end)
        guard end < run.next + workers[index].batch else { return }
        workers[index].batch = end - run.next
        workers[index].ends = max(time, awake(index, after: began + Double(workers[index].batch) * unitSeconds, began: began))
    }
}
