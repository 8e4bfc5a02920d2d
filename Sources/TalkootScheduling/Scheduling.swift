import HeapModule
public import TalkootCore

/// The coordinator's mind for one job: which host runs which units.
///
/// A value without clock, sockets or randomness: events come in with the time at which they happened, effects go out.
/// The same events give the same effects, so a run can be replayed. Memory grows with hosts, open leases and gaps between
/// finished ranges, never with the number of units; with verification also with owners and checks that are open.
///
/// A unit goes free -> leased -> provisional -> final (``UnitState``). What a lease has not committed when it is released,
/// revoked, expired or when its host leaves is free again. A unit that fails waits for another owner's host and is given up
/// after three. When nothing is free the open leases are split, and the last units run twice where a host is slow.
public struct Scheduling: Sendable {
    /// How many units the job has.
    public let units: UInt64
    /// The figures that steer it.
    public let policy: SchedulingPolicy
    /// Seconds that one unit takes on some machine, measured before the job; nil when unknown.
    let priorUnitSeconds: Double?

    /// Units that nobody has; the last range is what was never lent.
    var free: UnitSet
    /// Units that are over: with a result, or given up.
    var done = UnitSet()
    /// Failed units, ascending, that wait for another host or run again.
    var failed: [FailedUnit] = []
    var unitsGivenUp: UInt64 = 0

    var leases: LeaseTable
    var hosts = HostTable()
    /// How many hosts that are not silent each owner has.
    var owners: [OwnerID: Int] = [:]
    /// The measured speeds of all hosts together, and of how many hosts.
    var totalRate = 0.0
    var ratedHosts = 0

    /// The latest time seen.
    var now: Tick = .zero
    /// When hosts are to be looked at; entries whose time is not the host's `wake` are out of date.
    var wakes = Heap<Wake>()
    /// When the idle hosts look for work again.
    var tailCheck = Tick.distantFuture
    /// Candidates for a split by predicted finish, and when they were collected.
    var victims = Heap<Victim>()
    var victimsCollected: Tick?
    /// The speed that a tenth of the hosts exceed, and when that was found.
    var knownFastRate: (rate: Double, median: Double, at: Tick)?
    /// Whether units became free since the idle hosts were last asked.
    var hasNewWork = false
    var hasAnnounced = false
    /// What is known of the owners' honesty.
    var verification = VerificationState()
    /// How many units were over at the start: the job's length is judged by the others.
    let unitsAtStart: UInt64
    /// What is shared with other jobs; nil for a job that has its hosts for itself.
    var offers: Offers?
    /// How many hosts are there that work for other jobs, or for none.
    var awayHosts = 0
    /// The units that hosts have run for the job, twice when run twice, and those that they are to run: what it costs.
    var unitsCharged: Int64 = 0

    /// Starts a job of `units` units, of which those in `finished` have durable results already.
    ///
    /// `priorUnitSeconds` is what a unit takes on some machine, from calibration; without it a host's first lease is one unit.
    public init(
        units: UInt64, finished: [Range<UInt64>] = [], policy: SchedulingPolicy = SchedulingPolicy(), priorUnitSeconds: Double? = nil
    ) {
        self.units = units
        self.policy = policy
        self.priorUnitSeconds = priorUnitSeconds.flatMap { $0 > 0 && $0.isFinite ? $0 : nil }
        free = UnitSet(0..<units)
        leases = LeaseTable(closedLimit: policy.rememberedLeases)
        for range in finished.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            let inside = range.clamped(to: 0..<units)
            done.insert(inside)
            free.remove(inside)
        }
        unitsAtStart = done.count
    }

    /// Whether every unit has a result that stands, or was given up.
    public var isFinished: Bool { done.count == units && verification.isSettled }

    /// How many units have a result, or were given up. O(1).
    public var unitsDone: UInt64 { done.count }

    /// The units that are over, as merged ranges in ascending order. O(gaps).
    public var finishedRanges: [Range<UInt64>] { done.ranges }

    /// How many ranges ``finishedRanges`` has. O(1).
    public var finishedRangeCount: Int { done.rangeCount }

    /// When ``advance(to:)`` has something to do at the latest, unless an event comes before; `nil` for never.
    public var nextDeadline: Tick? {
        let next = min(wakes.min?.tick ?? .distantFuture, tailCheck)
        return next == .distantFuture ? nil : next
    }

    /// How the job stands. O(hosts).
    public var snapshot: SchedulingSnapshot {
        var busy = 0
        var rate = 0.0
        for host in hosts.slots where host.isPresent && host.running >= 0 && !host.isSilent {
            busy += 1
            rate += host.speed.rate
        }
        return SchedulingSnapshot(
            units: units, unitsDone: done.count, unitsGivenUp: unitsGivenUp,
            checksOpen: verification.checks.count, verification: verification.counts, hosts: hosts.count, busyHosts: busy,
            leases: leases.count,
            grants: leases.opened, rate: rate, eta: isFinished ? 0 : rate > 0 ? Double(units - done.count) / rate : nil)
    }

    /// Where a unit stands. O(log gaps), O(failed units) for one that failed, O(owners) with verification.
    public func state(of unit: UInt64) -> UnitState {
        precondition(unit < units, "the job has \(units) units")
        if done.contains(unit) {
            let isProvisional = verification.standings.values.contains { $0.provisional.contains(unit) || $0.older.contains(unit) }
            return isProvisional && !isFinished ? .provisional : .final
        }
        if let entry = failed.first(where: { $0.unit == unit }), entry.isWaiting { return .failed }
        return free.contains(unit) ? .free : .leased
    }
}

/// When a host is to be looked at.
struct Wake: Comparable, Sendable {
    let tick: Tick
    let host: Int

    static func < (left: Wake, right: Wake) -> Bool { (left.tick, left.host) < (right.tick, right.host) }
}

/// A host whose leases may be split, with its predicted finish in seconds since the candidates were collected.
struct Victim: Comparable, Sendable {
    let finish: Double
    let host: Int

    static func < (left: Victim, right: Victim) -> Bool { (left.finish, left.host) < (right.finish, right.host) }
}
